"""The registry's wiring: the only reader of its settings."""

from xueshi.registry.v1.hours_pb2 import HoursChanged
from xueshi.registry.v1.transcripts_pb2 import TranscriptChanged
from xueshi_kit.service import Service
from xueshi_kit.web import create_app
from xueshi_kit.wiring import open_parts
from xueshi_registry import api
from xueshi_registry.consumer import subscriptions
from xueshi_registry.handlers.holds import release_forever
from xueshi_registry.handlers.people import Identities
from xueshi_registry.handlers.registry import Registry
from xueshi_registry.handlers.rulebooks import Shelf
from xueshi_registry.settings import Settings
from xueshi_rulebook import load_rulebook


async def build(settings: Settings) -> Service:
    """Wire the registry."""
    parts = await open_parts("registry", settings)
    keys = parts.keys()
    sealer = keys.sealer("identity")
    rulebook = load_rulebook()
    registry = Registry(parts.outbox, rulebook, parts.clock, sealer, Shelf(rulebook))
    app = create_app("Xueshi registry", api.DESCRIPTION, ready={"database": parts.db.ping})
    parts.guard(app)
    app.include_router(api.router(parts.db, registry, Identities(keys.index("person-index"), sealer)))
    return Service(
        "registry",
        parts,
        app,
        subscriptions(registry),
        published=[HoursChanged, TranscriptChanged],
        background=[lambda: release_forever(parts.db, registry, app.state.wake_relay)],
    )
