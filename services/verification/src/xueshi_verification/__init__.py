"""Verification: which authority a record goes to, and what is decided there."""
