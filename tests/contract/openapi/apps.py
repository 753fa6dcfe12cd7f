"""Every service in this process, as schemathesis reaches it: wired by its own `build` on a fresh database.

An application starts when the first request or its lifespan asks for it, on the loop that then serves it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import httpx
from joserfc import jwt
from joserfc.jwk import JWKRegistry, Key
from schemathesis.python.asgi import ASGIClient, get_client
from starlette.types import Receive, Scope, Send

from xueshi_cli.site.layout import AUDIENCE
from xueshi_kit.auth import TokenVerifier, UnauthenticatedError
from xueshi_kit.clock import SystemClock
from xueshi_kit.service import Service
from xueshi_kit.token_client import generate_private_jwk

ISSUER = "https://id.example"
BASE_URL = "http://testserver"


class Issuer:
    """Signs access tokens and gives the key to check them with."""

    def __init__(self) -> None:
        self._jwk = generate_private_jwk("test")

    async def find(self, key_id: str | None) -> Key:
        """Return the public key."""
        if key_id != "test":
            raise UnauthenticatedError("unknown key")
        return JWKRegistry.import_key({name: value for name, value in self._jwk.items() if name != "d"})

    def bearer(self, subject: str, kind: str, *scopes: str) -> dict[str, str]:
        """Return the header of a token that lives for an hour."""
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "kind": kind,
            "scope": " ".join(scopes),
            "exp": int(time.time()) + 3600,
        }
        token = jwt.encode({"alg": "Ed25519", "kid": "test"}, claims, JWKRegistry.import_key(self._jwk), ["Ed25519"])
        return {"Authorization": f"Bearer {token}"}


@dataclass
class Rig:
    """One service under test: an ASGI application, the tokens for it, what it must know before it is asked.

    `headers` gives the caller's headers for a method and path; `parameters` are values that generated requests take in
    place of their own, so that they reach what is there.
    """

    name: str
    open_service: Callable[[], Awaitable[Service]]
    issuer: Issuer
    headers: Callable[[str, str], Mapping[str, str]]
    prepare: Callable[["Rig"], Awaitable[None]] | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    _service: Service | None = None
    _opening: asyncio.Lock | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve as ASGI does."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await (await self.service()).app(scope, receive, send)

    def client(self) -> ASGIClient:
        """Return a client of the application; as a context manager it starts it."""
        return get_client(cast("Any", self))

    async def service(self) -> Service:
        """Return the service, started on this loop if it is not yet."""
        self._opening = self._opening or asyncio.Lock()
        async with self._opening:
            if self._service is None:
                self._service = await self.open_service()
                verifier = TokenVerifier(self.issuer, ISSUER, AUDIENCE, SystemClock())
                self._service.app.state.token_verifier = verifier
                if self.prepare is not None:
                    await self.prepare(self)
        return self._service

    async def call(self, method: str, path: str, body: object = None) -> httpx.Response:
        """Ask for something that must succeed, before the tests begin."""
        assert self._service is not None
        transport = httpx.ASGITransport(self._service.app)
        async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
            answer = await client.request(method, path, json=body, headers=self.headers(method, path))
        assert answer.is_success, answer.text
        return answer

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await self.service()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        if self._service is not None:
            await self._service.parts.close()
        await send({"type": "lifespan.shutdown.complete"})
