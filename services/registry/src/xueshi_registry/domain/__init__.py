"""What the registry decides, without I/O."""
