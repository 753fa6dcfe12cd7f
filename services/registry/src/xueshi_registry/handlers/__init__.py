"""What the registry does, each inside the caller's transaction."""
