"""The wiring of certificates: the only reader of their settings."""

import structlog

from xueshi.certificates.v1.proofs_pb2 import ProofChanged
from xueshi_certificates import api
from xueshi_certificates.api.throttle import Throttle
from xueshi_certificates.consumer import subscriptions
from xueshi_certificates.domain.forms import ProofForms
from xueshi_certificates.handlers import Tools
from xueshi_certificates.rendering.pdf import NoFontError, PdfPress
from xueshi_certificates.settings import Settings
from xueshi_kit.clock import Clock
from xueshi_kit.service import Service
from xueshi_kit.web import create_app
from xueshi_kit.wiring import open_parts
from xueshi_rulebook import load_rulebook

log = structlog.get_logger()


async def build(settings: Settings, clock: Clock | None = None) -> Service:
    """Wire certificates; `clock` is the machine's unless another is given."""
    parts = await open_parts("certificates", settings, clock)
    sealer = parts.keys().sealer("identity")
    tools = Tools(parts.outbox, parts.clock, sealer, ProofForms(load_rulebook()))
    press = PdfPress(
        settings.pdf_font_paths,
        settings.pdf_font_families,
        workers=settings.pdf_workers,
        waiting=settings.pdf_waiting,
        kept=settings.pdf_kept,
    )
    try:
        await press.ready()
    except NoFontError as error:
        # Events are taken and pages shown meanwhile; readiness says the same until a font is there.
        log.error("pdf.no_font", reason=str(error))  # noqa: TRY400 - the message says all
    ready = {"database": parts.db.ping, **({"pdf_font": press.ready} if settings.pdf_required else {})}
    app = create_app("Xueshi certificates", api.DESCRIPTION, ready=ready)
    parts.guard(app)
    desk = api.Desk(parts.db, tools, press, settings.public_url.rstrip("/"))
    app.include_router(api.router(desk, Throttle(settings.public_requests_per_minute)))
    return Service("certificates", parts, app, subscriptions(tools), published=[ProofChanged])
