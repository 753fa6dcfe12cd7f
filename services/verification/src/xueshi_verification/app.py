"""Verification's wiring: the only reader of its settings."""

from xueshi.verification.v1.decisions_pb2 import HoursDecided
from xueshi_kit.service import Service
from xueshi_kit.web import create_app
from xueshi_kit.wiring import open_parts
from xueshi_rulebook import load_rulebook
from xueshi_verification import api
from xueshi_verification.consumer import subscriptions
from xueshi_verification.handlers.grants import Persons
from xueshi_verification.handlers.office import Office
from xueshi_verification.handlers.routing import Routing
from xueshi_verification.settings import Settings


async def build(settings: Settings) -> Service:
    """Wire verification. Its key file holds the purpose `person-index` and no other."""
    parts = await open_parts("verification", settings)
    office = Office(Routing(load_rulebook()), parts.outbox, parts.clock)
    app = create_app("Xueshi verification", api.DESCRIPTION, ready={"database": parts.db.ping}, tags=api.TAGS)
    parts.guard(app)
    app.include_router(api.router(parts.db, office, Persons(parts.keys().index("person-index"))))
    return Service("verification", parts, app, subscriptions(office), published=[HoursDecided])
