"""A sample title-review system: it consumes verified hours, acknowledges them, and pulls what it misses."""
