"""Proofs as people see them: the public page and the PDF."""
