"""Registry: people, employers, the hour ledger and transcripts."""
