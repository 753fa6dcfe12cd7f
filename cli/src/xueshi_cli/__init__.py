"""The `xueshi` command and the local runtime behind it."""
