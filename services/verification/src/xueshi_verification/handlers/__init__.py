"""Use cases of verification: imperative functions, all of whose effects are in the given transaction."""
