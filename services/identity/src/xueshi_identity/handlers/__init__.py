"""What the service does: issue tokens, keep clients, turn its signing keys."""
