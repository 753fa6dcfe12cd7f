"""The gateway's use cases: every effect in the given transaction."""
