"""The registry's SQL: set-based, a fixed number of statements for a batch of any size."""
