"""The identity service's wiring: the only reader of its settings."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import structlog
from pydantic import TypeAdapter

from xueshi_identity import api
from xueshi_identity.api.models import ClientIn
from xueshi_identity.domain import NewClient
from xueshi_identity.handlers.clients import Clients
from xueshi_identity.handlers.keys import SigningKeys
from xueshi_identity.handlers.tokens import Tokens
from xueshi_identity.settings import Settings
from xueshi_identity.store import ClientStore
from xueshi_kit.auth import TokenVerifier
from xueshi_kit.clock import Clock
from xueshi_kit.db import is_transient
from xueshi_kit.service import Service
from xueshi_kit.web import create_app
from xueshi_kit.wiring import open_parts

log = structlog.get_logger()

SECRETS_PURPOSE = "issuer-secrets"
_TENDING_SECONDS = 60.0
_RETRY_SECONDS = 1.0


async def build(settings: Settings, clock: Clock | None = None) -> Service:
    """Wire the identity service; make its first signing keys and the declared clients."""
    parts = await open_parts("identity", settings, clock)
    sealer = parts.keys().sealer(SECRETS_PURPOSE)
    stored = ClientStore(sealer)
    clients = Clients(parts.db, stored, parts.clock)
    keys = SigningKeys(parts.db, sealer, parts.clock, timedelta(days=settings.signing_key_days))
    tokens = Tokens(parts.db, stored, keys, parts.clock, settings.issuer)
    app = create_app("Xueshi identity", api.DESCRIPTION, ready={"database": parts.db.ping})
    app.state.token_verifier = TokenVerifier(keys, settings.issuer, settings.audience, parts.clock)
    app.include_router(api.router(tokens, clients, keys, settings.issuer))
    await _make_first(keys, clients, [] if settings.clients_file is None else _read_clients(settings.clients_file))
    return Service("identity", parts, app, background=[lambda: _tend(tokens, keys)])


async def _make_first(keys: SigningKeys, clients: Clients, declared: Sequence[NewClient]) -> None:
    """Make the first signing keys and the declared clients; a database that is away is waited for."""
    while True:
        try:
            await keys.tend()
            await clients.declare(declared)
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning("identity.waits", error=type(error).__name__)
            await asyncio.sleep(_RETRY_SECONDS)
        else:
            return


def _read_clients(path: Path) -> list[NewClient]:
    declared = TypeAdapter(list[ClientIn]).validate_json(path.read_bytes())
    return [each.new_client() for each in declared]


async def _tend(tokens: Tokens, keys: SigningKeys) -> None:
    """Turn the signing keys and tidy up, for as long as the service runs."""
    while True:
        try:
            await keys.tend()
            await tokens.tend()
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning("identity.tending_postponed", error=type(error).__name__)
        await asyncio.sleep(_TENDING_SECONDS)
