"""The gateway of the training platforms: their accession, keys, deliveries, receipts, and what became of records."""
