"""Rules and types of verification, without I/O."""
