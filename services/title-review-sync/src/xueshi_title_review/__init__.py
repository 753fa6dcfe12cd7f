"""The contract with the title-review system: verified hours told, acknowledged, pulled and checked."""
