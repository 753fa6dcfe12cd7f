"""Who calls: access tokens (JWT) of any OAuth 2 issuer, checked against the keys that it publishes.

Only asymmetric signatures are taken, and each key is used with its own algorithms alone, so that a public key can never
be made to serve as a shared secret. A caller without a valid token learns nothing but that.

    AuthError
    ├── UnauthenticatedError     no token, or one that does not hold; `reason` is for the log, not for the caller
    ├── ForbiddenError           a valid token that lacks the scope or is of another kind of caller
    └── IssuerUnavailableError   the issuer's keys could not be had; also a ConnectionError, to be tried again
"""

import asyncio
import time
import warnings
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Protocol

import httpx
from fastapi import Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, JoseError, SecurityWarning
from joserfc.jwk import JWKRegistry, Key, RSAKey

from xueshi_kit.clock import Clock

ALGORITHMS = ("Ed25519", "EdDSA", "ES256", "PS256", "RS256")
"""Accepted signature algorithms. `EdDSA` is the older name of `Ed25519`, which many issuers still use."""

CLOCK_SKEW_SECONDS = 10
MAX_TOKEN_CHARACTERS = 8192
MIN_RSA_BITS = 2048

# RFC 9068 names access tokens at+jwt; many issuers still say JWT. Other types (logout, proof of possession) are no
# access tokens.
_TYPES = frozenset({"at+jwt", "application/at+jwt", "jwt"})

# The name EdDSA is deprecated (RFC 9864), the signature under it is not.
warnings.filterwarnings("ignore", "EdDSA is deprecated", SecurityWarning)

REGISTRY = jws.JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
"""Lets joserfc take the accepted algorithms alone, and header fields that it does not know."""
UNREADABLE = (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError)
"""What decoding a hostile token or key raises, beside the library's own tree of errors."""


class AuthError(Exception):
    """Root of what this module raises; the tree stands in the module's docstring."""


class UnauthenticatedError(AuthError):
    """There is no valid token. `reason` is a short stable word for logs and metrics."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"no valid access token: {reason}")
        self.reason = reason


class ForbiddenError(AuthError):
    """The token is valid and does not allow this; `needed` is the scope, or the kinds of caller, that would.

    `needed_zh` says the same in Chinese where `needed` is not just a code.
    """

    def __init__(self, needed: str, needed_zh: str = "") -> None:
        super().__init__(f"this needs {needed}")
        self.needed = needed
        self.needed_zh = needed_zh or needed


class IssuerUnavailableError(AuthError, ConnectionError):
    """The issuer did not give its keys; trying again may succeed."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, as the token says. `kind` is the issuer's word for what the subject is; empty where it says none."""

    subject: str
    client_id: str
    kind: str
    scopes: frozenset[str]
    name: str

    def needs(self, scope: str) -> None:
        """Raise `ForbiddenError` unless the token carries `scope`."""
        if scope not in self.scopes:
            raise ForbiddenError(scope)


class KeySource(Protocol):
    """Where a verifier finds the issuer's public keys; `Jwks` for every issuer but oneself."""

    async def find(self, key_id: str | None) -> Key:
        """Return the key with this id. Raises `UnauthenticatedError` or `IssuerUnavailableError`."""
        ...


class Jwks:
    """The issuer's published keys, fetched when first needed, when old, and when a token names an unknown key."""

    MAX_AGE_SECONDS = 600.0
    MAX_STALE_SECONDS = 86_400.0
    """How long known keys serve on while the issuer does not answer."""
    MIN_INTERVAL_SECONDS = 10.0
    """Tokens with made-up key ids cause no more fetches than this allows."""
    MIN_INTERVAL_EMPTY_SECONDS = 1.0
    """The same before the first success, so that a service that starts before its issuer is soon of use."""
    TIMEOUT_SECONDS = 5.0

    def __init__(self, url: str, http: httpx.AsyncClient, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._http = http
        self._monotonic = monotonic
        self._keys: Mapping[str | None, Key] = {}
        self._fetched_at: float | None = None
        self._tried_at: float | None = None
        self._lock = asyncio.Lock()

    async def find(self, key_id: str | None) -> Key:
        """Return the key with this id; without an id, the only key there is.

        Raises `UnauthenticatedError` for an unknown key, `IssuerUnavailableError` where no keys can be had.
        """
        key = self._lookup(key_id)
        if key is None or self._age(self._fetched_at) > self.MAX_AGE_SECONDS:
            await self._refresh()
            key = self._lookup(key_id)
        if key is None:
            reason = "unknown key"
            raise UnauthenticatedError(reason)
        return key

    def _lookup(self, key_id: str | None) -> Key | None:
        if key_id is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(key_id)

    def _age(self, moment: float | None) -> float:
        return float("inf") if moment is None else self._monotonic() - moment

    async def _refresh(self) -> None:
        """Fetch the keys, one fetch at a time and not too often; keep the old ones for a while if that fails."""
        async with self._lock:
            pause = self.MIN_INTERVAL_SECONDS if self._keys else self.MIN_INTERVAL_EMPTY_SECONDS
            if self._age(self._tried_at) >= pause:
                self._tried_at = self._monotonic()
                try:
                    self._keys = await self._fetch()
                    self._fetched_at = self._monotonic()
                except (httpx.HTTPError, ValueError, TypeError, KeyError) as error:
                    if self._age(self._fetched_at) > self.MAX_STALE_SECONDS:
                        self._keys = {}
                        raise IssuerUnavailableError(self._url) from error
            if not self._keys:
                raise IssuerUnavailableError(self._url)

    async def _fetch(self) -> Mapping[str | None, Key]:
        answer = await self._http.get(self._url, timeout=self.TIMEOUT_SECONDS)
        answer.raise_for_status()
        keys = [key for key in map(usable_key, answer.json()["keys"]) if key is not None]
        if not keys:
            message = "the issuer publishes no key that can be used"
            raise ValueError(message)
        return {key.kid: key for key in keys}


def usable_key(entry: dict[str, Any]) -> Key | None:
    """Import one JWK; None for one that is not for signatures, not of an accepted kind, or too weak."""
    try:
        key = JWKRegistry.import_key(entry)
        usable = (
            (key.key_type == "OKP" and entry.get("crv") == "Ed25519")
            or (key.key_type == "EC" and entry.get("crv") == "P-256")
            or (isinstance(key, RSAKey) and key.public_key.key_size >= MIN_RSA_BITS)
        )
    except UNREADABLE:
        return None
    return key if usable and entry.get("use", "sig") == "sig" else None


class TokenVerifier:
    """Checks access tokens of one issuer for one audience."""

    def __init__(self, keys: KeySource, issuer: str, audience: str, clock: Clock) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._clock = clock

    async def verify(self, token: str) -> Caller:
        """Return who the token speaks for. Raises `UnauthenticatedError` or `IssuerUnavailableError`."""
        header = _read_header(token)
        key = await self._keys.find(header.get("kid"))
        try:
            claims = jwt.decode(token, key, registry=REGISTRY).claims
        except UNREADABLE as error:
            raise UnauthenticatedError("signature") from error
        self._check(claims)
        return _read_caller(claims)

    def _check(self, claims: dict[str, Any]) -> None:
        registry = jwt.JWTClaimsRegistry(
            now=int(self._clock.now().timestamp()),
            leeway=CLOCK_SKEW_SECONDS,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._audience},
            sub={"essential": True},
            exp={"essential": True},
        )
        try:
            registry.validate(claims)
        except ExpiredTokenError as error:
            raise UnauthenticatedError("expired") from error
        except JoseError as error:
            raise UnauthenticatedError("claims") from error


def _read_header(token: str) -> dict[str, Any]:
    """Return the header of a token, before any of it is believed."""
    if len(token) > MAX_TOKEN_CHARACTERS:
        raise UnauthenticatedError("too long")
    try:
        header = jws.extract_compact(token.encode("ascii"), registry=REGISTRY).headers()
        kind = str(header.get("typ", "JWT")).lower()
    except UNREADABLE as error:
        raise UnauthenticatedError("malformed") from error
    # No extension of the signature's meaning is understood here, and a JWT has none (RFC 7797, section 7).
    if kind not in _TYPES or "crit" in header or "b64" in header:
        raise UnauthenticatedError("type")
    if header.get("alg") not in ALGORITHMS or not isinstance(header.get("kid"), str | None):
        raise UnauthenticatedError("algorithm")
    return header


def _read_caller(claims: Mapping[str, Any]) -> Caller:
    subject = claims["sub"]
    # RFC 9068 has client_id; OIDC issuers say azp.
    client_id = claims.get("client_id", claims.get("azp", subject))
    texts = (client_id, claims.get("kind", ""), claims.get("scope", ""), claims.get("name", ""))
    if not subject or not all(isinstance(text, str) for text in texts):
        raise UnauthenticatedError("claims")
    client_id, kind, scope, name = texts
    return Caller(subject, client_id, kind, frozenset(scope.split()), name)


_BEARER = HTTPBearer(
    scheme_name="AccessToken",
    bearerFormat="JWT",
    description="OAuth 2 access token of the configured issuer (client credentials with private_key_jwt).",
    auto_error=False,
)


def require(scope: str, kinds: Collection[str] = ()) -> Callable[..., Awaitable[Caller]]:
    """Return a FastAPI dependency that gives the `Caller`, whose token must carry `scope`.

    `kinds`, where given, are the kinds of caller that may come in. The application's wiring sets
    `app.state.token_verifier`. Raises what `TokenVerifier.verify` does, and `ForbiddenError`.
    """

    async def caller(
        request: Request,
        credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER, scopes=[scope])],
    ) -> Caller:
        if credentials is None or len(request.headers.getlist("authorization")) != 1:
            raise UnauthenticatedError("no token")
        verifier: TokenVerifier = request.app.state.token_verifier
        found = await verifier.verify(credentials.credentials)
        found.needs(scope)
        if kinds and found.kind not in kinds:
            raise ForbiddenError(" or ".join(sorted(kinds)), " 或 ".join(sorted(kinds)))
        return found

    return caller
