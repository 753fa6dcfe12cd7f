"""The gateway's wiring: the only reader of its settings."""

from xueshi.gateway.v1.hour_records_pb2 import HourRecordsAccepted
from xueshi.gateway.v1.platforms_pb2 import PlatformChanged
from xueshi_gateway import api
from xueshi_gateway.api import Gateway
from xueshi_gateway.consumer import subscriptions
from xueshi_gateway.domain.accession import ScopeKinds
from xueshi_gateway.handlers.access import Door
from xueshi_gateway.handlers.deliveries import Inlet
from xueshi_gateway.handlers.intake import Intake
from xueshi_gateway.handlers.platforms import Accession
from xueshi_gateway.handlers.pressure import Pressure
from xueshi_gateway.handlers.rates import Meter
from xueshi_gateway.settings import Settings
from xueshi_gateway.wire.events import People
from xueshi_gateway.wire.receipts import rejection_messages
from xueshi_kit.clock import Clock
from xueshi_kit.events import topic_of
from xueshi_kit.service import Service
from xueshi_kit.web import create_app
from xueshi_kit.wiring import open_parts
from xueshi_records import kinds_of_forms
from xueshi_rulebook import load_rulebook

TAKEN_BY = "registry.hour-records"
"""The group that takes what the gateway accepts: how far it is behind shows how much waits."""


async def build(settings: Settings, clock: Clock | None = None) -> Service:
    """Wire the gateway. Raises `KeyFileError` where its key file is missing or lacks a purpose."""
    parts = await open_parts("gateway", settings, clock)
    keys = parts.keys()
    rulebook = load_rulebook()
    jurisdictions = rulebook.jurisdictions.values()
    kinds = frozenset(kind for each in jurisdictions for kind in each.kinds)
    platform_secrets = keys.sealer("platform-secrets")
    inlet = Inlet(
        outbox=parts.outbox,
        people=People(keys.index("person-index"), keys.sealer("identity")),
        messages=rejection_messages(rulebook),
        subject_kinds=kinds,
        kinds_of_forms=kinds_of_forms(jurisdictions),
    )
    meter = Meter(parts.db, parts.clock, settings.records_per_minute)
    gateway = Gateway(
        db=parts.db,
        clock=parts.clock,
        rulebook=rulebook,
        door=Door(parts.db, platform_secrets),
        meter=meter,
        inlet=inlet,
        intake=Intake(parts.db, inlet, meter),
        pressure=Pressure(
            parts.db,
            parts.bus,
            consumer=TAKEN_BY,
            topic=topic_of(HourRecordsAccepted).name,
            limit=settings.waiting_events,
        ),
        accession=Accession(parts.outbox, parts.clock, platform_secrets, ScopeKinds.of(jurisdictions)),
    )
    app = create_app(
        "Xueshi platform gateway",
        api.DESCRIPTION,
        ready={"database": parts.db.ping, "pipeline": gateway.pressure.ready},
    )
    parts.guard(app)
    api.mount(app, gateway)
    return Service(
        "gateway",
        parts,
        app,
        subscriptions(),
        published=[HourRecordsAccepted, PlatformChanged],
        background=[gateway.meter.tidy],
        beside_api=[gateway.pressure.watch],
    )
