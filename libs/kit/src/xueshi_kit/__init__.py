"""Plumbing shared by the services: it knows no domain noun."""
