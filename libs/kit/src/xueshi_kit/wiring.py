"""What every service's `app.build` opens first: database, bus, outbox, keys, clock, the issuer's keys."""

from dataclasses import dataclass

import httpx
from fastapi import FastAPI

from xueshi_kit.auth import Jwks, TokenVerifier
from xueshi_kit.bus import Bus
from xueshi_kit.bus.deferred import DeferredBus
from xueshi_kit.bus.open import open_bus
from xueshi_kit.clock import Clock, SystemClock
from xueshi_kit.db import Database
from xueshi_kit.keyring import KeyFileError, KeyRing
from xueshi_kit.outbox import Outbox
from xueshi_kit.settings import ServiceSettings


@dataclass(frozen=True, slots=True)
class Parts:
    """The opened parts. `close` releases them in the right order."""

    db: Database
    bus: Bus
    outbox: Outbox
    clock: Clock
    http: httpx.AsyncClient
    settings: ServiceSettings

    def keys(self) -> KeyRing:
        """Return the service's own key file. Raises `KeyFileError`."""
        if self.settings.keys_file is None:
            message = "XUESHI_KEYS_FILE is not set: this service needs its key file"
            raise KeyFileError(message)
        return KeyRing.load(self.settings.keys_file)

    def guard(self, app: FastAPI) -> None:
        """Let the application check access tokens of the configured issuer."""
        url = self.settings.jwks_url or f"{self.settings.issuer}/.well-known/jwks.json"
        app.state.token_verifier = TokenVerifier(
            Jwks(url, self.http), self.settings.issuer, self.settings.audience, self.clock
        )

    async def close(self) -> None:
        """Close connections to the bus, the issuer and the database."""
        await self.bus.close()
        await self.http.aclose()
        await self.db.close()


async def open_parts(name: str, settings: ServiceSettings, clock: Clock | None = None) -> Parts:
    """Make the parts that the settings name; database and bus are connected to when they are first used."""
    if not settings.database_url.get_secret_value():
        message = "XUESHI_DATABASE_URL is not set: only `migrate` runs without it"
        raise ValueError(message)
    used = clock or SystemClock()
    bus_url = settings.bus_url.get_secret_value()
    return Parts(
        db=Database(
            settings.database_url.get_secret_value(),
            application=f"xueshi-{name}",
            pool_size=settings.database_pool_size,
        ),
        bus=DeferredBus(lambda: open_bus(settings.bus, bus_url, settings.buckets)),
        outbox=Outbox(name, settings.buckets, used),
        clock=used,
        http=httpx.AsyncClient(),
        settings=settings,
    )
