"""The HTTP API of title-review-sync."""

from fastapi import APIRouter

from xueshi_kit.db import Database
from xueshi_title_review.api import eligibility, reconciliation, verified_hours
from xueshi_title_review.handlers import Desk

DESCRIPTION = (
    "Verified hours for the title-review system (FJ-19). Every endpoint needs an access token (OAuth 2 client "
    "credentials with private_key_jwt) with the scope `title-review.read`, and reads of any person whom the caller can "
    "name by subject ref: totals, verdict, verified records, the proof's number. Document numbers and names neither "
    "come in nor go out. Hours are decimal strings of at most two places. Value lists (verdicts, kinds, units, states) "
    "are open, and answers may gain fields."
)
TAGS = [
    {"name": "verified-hours", "description": "What the topic tells, for pulling."},
    {"name": "eligibility", "description": "Hours as evidence for a title review (FJ-21)."},
    {"name": "reconciliation", "description": "What was told and is not taken yet."},
]


def router(db: Database, desk: Desk) -> APIRouter:
    """Return all routes."""
    whole = APIRouter()
    whole.include_router(verified_hours.router(db))
    whole.include_router(eligibility.router(db, desk))
    whole.include_router(reconciliation.router(db, desk))
    return whole
