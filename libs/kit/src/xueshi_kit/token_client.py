"""Getting access tokens: OAuth 2 client credentials, the client proving itself with a signed assertion (RFC 7523).

TokenError
├── TokenRefusedError       the issuer says no; `code` is its OAuth error code
└── TokenUnavailableError   the issuer did not answer sensibly; also a ConnectionError, to be tried again
"""

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey

from xueshi_kit.clock import Clock

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFETIME_SECONDS = 60
_MARGIN_SECONDS = 30.0
_ALGORITHMS = {"OKP": "Ed25519", "EC": "ES256", "RSA": "PS256"}
_UNAUTHORIZED = 401


class TokenError(Exception):
    """Root of what this module raises; the tree stands in the module's docstring."""


class TokenRefusedError(TokenError):
    """The issuer refused a token; `code` is its OAuth error code, such as `invalid_client`."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(f"{code}: {description}")
        self.code = code


class TokenUnavailableError(TokenError, ConnectionError):
    """The issuer could not be reached, or its answer was no token and no refusal."""


def generate_private_jwk(key_id: str) -> dict[str, Any]:
    """Draw a new Ed25519 key pair as a private JWK."""
    return dict(OKPKey.generate_key("Ed25519", {"kid": key_id, "use": "sig", "alg": "Ed25519"}).as_dict(private=True))


def public_jwk(private_jwk: Mapping[str, Any]) -> dict[str, Any]:
    """Return the public half of a private JWK, which is what the issuer is given."""
    return dict(JWKRegistry.import_key(dict(private_jwk)).as_dict(private=False))


class TokenSource(httpx.Auth):
    """Access tokens of one client for one audience; each is kept until shortly before it expires.

    Serves as `auth=` of an `httpx.AsyncClient`: requests carry the token, and one refused with 401 is repeated once
    with a new token. `private_jwk` is an Ed25519, P-256 or RSA key; its `kid` and `alg` are used where they stand.
    """

    TIMEOUT_SECONDS = 10.0

    def __init__(
        self,
        http: httpx.AsyncClient,
        token_url: str,
        client_id: str,
        private_jwk: Mapping[str, Any],
        *,
        scope: str,
        audience: str,
        clock: Clock,
        issuer: str = "",
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Ask nothing yet. `issuer` is what assertions are addressed to, instead of the token URL."""
        key = JWKRegistry.import_key(dict(private_jwk))
        if not isinstance(key, OKPKey | ECKey | RSAKey) or not key.is_private:
            message = "a client proves itself with a private asymmetric key"
            raise ValueError(message)
        self._key = key
        self._algorithm = str(private_jwk.get("alg") or _ALGORITHMS[key.key_type])
        self._http = http
        self._token_url = token_url
        self._client_id = client_id
        self._scope = scope
        self._audience = audience
        self._addressee = issuer or token_url
        self._clock = clock
        self._monotonic = monotonic
        self._token: str | None = None
        self._use_until = 0.0
        self._lock = asyncio.Lock()

    async def token(self) -> str:
        """Return a token that is good for some time. Raises `TokenRefusedError` or `TokenUnavailableError`."""
        async with self._lock:
            if self._token is None or self._monotonic() >= self._use_until:
                asked_at = self._monotonic()
                self._token, lifetime = await self._ask()
                self._use_until = asked_at + max(lifetime - _MARGIN_SECONDS, lifetime / 2)
            return self._token

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Put the token on a request (httpx calls this)."""
        token = await self.token()
        request.headers["Authorization"] = f"Bearer {token}"
        response = yield request
        if response.status_code == _UNAUTHORIZED:
            self._forget(token)
            request.headers["Authorization"] = f"Bearer {await self.token()}"
            yield request

    def _forget(self, token: str) -> None:
        """Drop a token that was refused, unless another has taken its place meanwhile."""
        if self._token == token:
            self._token = None

    async def _ask(self) -> tuple[str, float]:
        form = {
            "grant_type": "client_credentials",
            "scope": self._scope,
            "audience": self._audience,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self._assertion(),
        }
        try:
            answer = await self._http.post(self._token_url, data=form, timeout=self.TIMEOUT_SECONDS)
            content = answer.json()
            if answer.is_success:
                return str(content["access_token"]), float(content["expires_in"])
            refusal = TokenRefusedError(str(content["error"]), str(content.get("error_description", "")))
        except (httpx.HTTPError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise TokenUnavailableError(self._token_url) from error
        raise refusal

    def _assertion(self) -> str:
        """Sign that we are this client. Each assertion is used once (`jti`) and lives a minute."""
        now = int(self._clock.now().timestamp())
        claims = {
            "iss": self._client_id,
            "sub": self._client_id,
            "aud": self._addressee,
            "iat": now,
            "exp": now + ASSERTION_LIFETIME_SECONDS,
            "jti": secrets.token_urlsafe(24),
        }
        header = {"alg": self._algorithm}
        if self._key.kid:
            header["kid"] = self._key.kid
        return jwt.encode(header, claims, self._key, algorithms=[self._algorithm])
