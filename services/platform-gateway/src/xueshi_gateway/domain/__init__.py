"""Records, their checks and their versions: rules and types without I/O."""
