"""An identity service reached as its clients reach it, on a clock that the test sets."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import JWKRegistry

from xueshi_cli.runtime.provision import Provisioned
from xueshi_identity.settings import Settings
from xueshi_kit.auth import Jwks, TokenVerifier
from xueshi_kit.clock import FixedClock
from xueshi_kit.service import Service
from xueshi_kit.token_client import ASSERTION_TYPE, TokenSource, generate_private_jwk, public_jwk

ISSUER = "https://id.example"
TOKEN_URL = f"{ISSUER}/oauth2/token"
START = datetime(2025, 6, 3, 10, 20, tzinfo=UTC)
BUCKETS = 2
ADMIN_KEY = generate_private_jwk("admin-key")


@dataclass(frozen=True, slots=True)
class Deployment:
    """What one identity service runs on: a migrated database, a bus, a key file, a file of declared clients."""

    database: Provisioned
    settings: Settings
    clients_file: Path

    def declare(self, clients: list[dict[str, Any]]) -> None:
        """Write the file of declared clients."""
        self.clients_file.write_text(json.dumps(clients), encoding="utf-8")


class Site:
    """A running identity service and the ways to speak with it."""

    def __init__(self, service: Service, clock: FixedClock) -> None:
        self.service = service
        self.clock = clock
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(service.app), base_url=ISSUER)

    def source(self, client_id: str, private: Mapping[str, Any], scope: str = "", audience: str = "") -> TokenSource:
        """Return the kit's own token client."""
        return TokenSource(self.http, TOKEN_URL, client_id, private, scope=scope, audience=audience, clock=self.clock)

    def admin(self) -> httpx.AsyncClient:
        """Return an HTTP client that carries the administrator's token."""
        source = self.source("admin", ADMIN_KEY, "identity:read identity:write", "identity")
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.service.app), base_url=ISSUER, auth=source)

    def verifier(self, audience: str) -> TokenVerifier:
        """Return a verifier as another service has it, which fetches the published keys."""
        jwks = Jwks(f"{ISSUER}/.well-known/jwks.json", self.http)
        return TokenVerifier(jwks, ISSUER, audience, self.clock)

    def later(self, **step: float) -> None:
        """Move the clock on."""
        self.clock.set(self.clock.now() + timedelta(**step))

    async def ask(self, **changes: str | None) -> httpx.Response:
        """Send a token request of the administrator, with fields changed, or left out where None."""
        form: dict[str, str | None] = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self.assertion(),
            "audience": "identity",
            **changes,
        }
        given = {name: value for name, value in form.items() if value is not None}
        return await self.http.post("/oauth2/token", data=given)

    def assertion(
        self,
        change: Mapping[str, object] | None = None,
        key: Mapping[str, Any] = ADMIN_KEY,
        header: Mapping[str, object] | None = None,
    ) -> str:
        """Sign an assertion of the administrator, with claims changed, or left out where None."""
        now = int(self.clock.now().timestamp())
        claims: dict[str, object] = {
            "iss": "admin",
            "sub": "admin",
            "aud": TOKEN_URL,
            "iat": now,
            "exp": now + 60,
            "jti": uuid.uuid4().hex,
            **(change or {}),
        }
        kept = {name: value for name, value in claims.items() if value is not None}
        full = {"alg": "Ed25519", "kid": "admin-key", **(header or {})}
        return jwt.encode(full, kept, JWKRegistry.import_key(dict(key)), algorithms=[str(full["alg"])])


def administrator() -> dict[str, Any]:
    """Return the declaration of the first administrator."""
    return {
        "client_id": "admin",
        "kind": "administrator",
        "subject": "admin-1",
        "name": "测试管理员",
        "public_keys": [public_jwk(ADMIN_KEY)],
        "scopes": ["identity:read", "identity:write"],
        "audiences": ["identity"],
    }
