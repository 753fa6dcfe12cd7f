"""Electronic proofs of stamped hours: issued, superseded, revoked, shown as a page and as a PDF, checked by anyone."""
