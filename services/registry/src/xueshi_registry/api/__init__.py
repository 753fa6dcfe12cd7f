"""The registry's HTTP API."""

from fastapi import APIRouter

from xueshi_kit.db import Database
from xueshi_registry.api import checks, cycles, employers, people, records, rulebooks
from xueshi_registry.handlers.people import Identities
from xueshi_registry.handlers.registry import Registry

DESCRIPTION = (
    "People, employers and the hour ledger. Documents and names come in through request bodies only, never in a URL; "
    "what goes out is masked. Hours are decimal strings."
)


def router(db: Database, registry: Registry, identities: Identities) -> APIRouter:
    """Return all routes."""
    whole = APIRouter()
    whole.include_router(employers.router(db, registry))
    whole.include_router(people.router(db, registry, identities))
    whole.include_router(cycles.router(db, registry))
    whole.include_router(records.router(db, registry))
    whole.include_router(checks.router(db, registry, identities))
    whole.include_router(rulebooks.router(db, registry))
    return whole
