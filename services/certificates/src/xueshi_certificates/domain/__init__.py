"""Rules and types of proofs, without I/O."""
