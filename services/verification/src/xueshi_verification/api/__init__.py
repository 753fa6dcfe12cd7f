"""Verification's HTTP API."""

from typing import Any

from fastapi import APIRouter

from xueshi_kit.db import Database
from xueshi_verification.api import authorities, decisions, grants, queue
from xueshi_verification.handlers.grants import Persons
from xueshi_verification.handlers.office import Office

DESCRIPTION = (
    "Authorities, officers' grants, queues and decisions. An officer's grants (role × region × level × industry) are"
    " read at each request. Of the person a record shows a masked label only. Hours are decimal strings."
)

TAGS: list[dict[str, Any]] = [
    {"name": "queue", "description": "What waits at an authority: for reviewers (scope `verification.decide`)."},
    {"name": "decisions", "description": "Approve, return, withdraw a stamp; the trail of decisions."},
    {"name": "authorities", "description": "Who stands where, and who is unable for now (FJ-08)."},
    {"name": "grants", "description": "Who may do what: for operators and the authority's administrators."},
]


def router(db: Database, office: Office, persons: Persons) -> APIRouter:
    """Return all routes."""
    whole = APIRouter()
    whole.include_router(queue.router(db, office))
    whole.include_router(decisions.router(db, office))
    whole.include_router(authorities.router(db, office))
    whole.include_router(grants.router(db, office, persons))
    return whole
