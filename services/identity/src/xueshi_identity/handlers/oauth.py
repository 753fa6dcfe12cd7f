"""The token endpoint's protocol, on authlib: client credentials (RFC 6749), proven by private_key_jwt (RFC 7523).

authlib's machinery is synchronous, so one object serves one request: the client that the assertion names is loaded
before, and the assertion's `jti` is stored after, by the caller. What authlib leaves open is closed here: only
asymmetric algorithms, our own clock, a short life, one audience per token (RFC 8707's `invalid_target` otherwise).
"""

import json
import logging
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, OAuth2Error, OAuth2Payload, OAuth2Request
from authlib.oauth2.rfc6749.errors import InvalidClientError
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from joserfc import jws, jwt
from joserfc.jwk import JWKRegistry, Key, KeySet

from xueshi_identity.domain import (
    ASSERTION_LIFETIME_LIMIT,
    CLOCK_SKEW,
    NAME_PATTERN,
    TOKEN_LIFETIME,
    Client,
    ClientId,
)
from xueshi_kit.auth import REGISTRY, UNREADABLE

# At its finest level authlib logs tokens.
logging.getLogger("authlib").setLevel(logging.WARNING)

TOKEN_PATH = "/oauth2/token"  # noqa: S105 - a path
SIGNING_ALGORITHM = "Ed25519"
GRANT = "client_credentials"
CLIENT_AUTHENTICATION = "private_key_jwt"
MAX_ASSERTION_CHARACTERS = 8192

_JTI = re.compile(r"[\x21-\x7e]{1,128}")
# Texts of our own for what authlib would tell in its words, or with the caller's.
_TOLD = {
    "invalid_client": "The client could not be authenticated.",
    "unsupported_grant_type": "The only grant is client_credentials.",
    "invalid_scope": "The client may not have one of these scopes.",
}
_OK = 200


@dataclass(frozen=True, slots=True)
class SpentAssertion:
    """An assertion that proved its client, and must not do so again before `expires_at`."""

    client_id: ClientId
    jti: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What the endpoint answers. `reason` is for the log: clients are not told why they were not believed."""

    status: int
    body: Mapping[str, Any]
    spent: SpentAssertion | None
    reason: str


REPLAYED = Answer(
    400, {"error": "invalid_client", "error_description": _TOLD["invalid_client"]}, None, "assertion used before"
)


class InvalidTargetError(OAuth2Error):  # type: ignore[misc]  # authlib has no types
    """The audience is missing, or not one that the client may have tokens for (RFC 8707, section 2)."""

    error = "invalid_target"


def named_client(form: Mapping[str, str]) -> ClientId | None:
    """Return the client that a request claims to come from; nothing of it is believed yet."""
    assertion = form.get("client_assertion", "")
    if len(assertion) > MAX_ASSERTION_CHARACTERS:
        return None
    try:
        payload = jws.extract_compact(assertion.encode("ascii"), registry=REGISTRY).payload
        subject = json.loads(payload)["sub"]
        return ClientId(subject) if re.fullmatch(NAME_PATTERN, subject) else None
    except UNREADABLE:
        return None


class TokenEndpoint(AuthorizationServer):  # type: ignore[misc]  # authlib has no types
    """Answers one token request of one client, if that client is who asks."""

    def __init__(self, issuer: str, client: Client | None, signing_key: Key, now: datetime) -> None:
        """Serve with this client loaded, and `signing_key` to sign the token."""
        super().__init__()
        self._issuer = issuer
        self._client = None if client is None or client.is_disabled else client
        self._signing_key = signing_key
        self._now = now
        self._assertion = _ClientAssertion([issuer, issuer + TOKEN_PATH], now)
        self._audience = ""
        self.register_grant(_Grant)
        self.register_client_auth_method(CLIENT_AUTHENTICATION, self._assertion)
        self.register_token_generator("default", BearerTokenGenerator(self._access_token, None, _lifetime_seconds))

    def answer(self, form: Mapping[str, str]) -> Answer:
        """Decide on a request's form."""
        status, body = self.create_token_response(form)
        if status == _OK:
            return Answer(status, body, self._assertion.spent, "")
        code, description = body["error"], body.get("error_description", "")
        told = {"error": code, "error_description": _TOLD.get(code, description)}
        return Answer(status, told, self._assertion.spent, f"{code}: {description}")

    def choose_audience(self, asked: str | None) -> None:
        """Take the one audience asked for, or the client's only one."""
        allowed = frozenset[str]() if self._client is None else self._client.audiences
        if asked is None and len(allowed) == 1:
            asked = next(iter(allowed))
        if asked not in allowed:
            raise InvalidTargetError("Name one audience that the client may have tokens for.")
        self._audience = asked

    def query_client(self, client_id: str) -> "_Client | None":
        """Return the client (authlib calls this)."""
        if self._client is None or self._client.client_id != client_id:
            return None
        return _Client(self._client)

    def save_token(self, token: Mapping[str, Any], request: OAuth2Request) -> None:
        """Keep nothing: tokens carry all that they say (authlib calls this)."""

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Tell nobody (authlib calls this)."""

    def create_oauth2_request(self, request: Mapping[str, str]) -> OAuth2Request:
        """Wrap the form (authlib calls this)."""
        return _Request(request)

    def handle_response(self, status: int, body: Mapping[str, Any], _headers: object) -> tuple[int, Mapping[str, Any]]:
        """Hand status and body back to `answer` (authlib calls this)."""
        return status, body

    def _access_token(self, client: "_Client", grant_type: str, scope: str, **_user: object) -> str:
        """Sign a token of RFC 9068's profile; `kind` and `name` are our own claims."""
        who = client.client
        issued_at = int(self._now.timestamp())
        claims = {
            "iss": self._issuer,
            "sub": who.subject,
            "aud": self._audience,
            "client_id": who.client_id,
            "kind": who.kind.value,
            "name": who.name,
            "scope": scope,
            "iat": issued_at,
            "exp": issued_at + _lifetime_seconds(client, grant_type),
            "jti": uuid.uuid4().hex,
        }
        header = {"alg": SIGNING_ALGORITHM, "typ": "at+jwt", "kid": self._signing_key.kid}
        return jwt.encode(header, claims, self._signing_key, algorithms=[SIGNING_ALGORITHM])


def _lifetime_seconds(_client: object, _grant_type: str) -> int:
    return int(TOKEN_LIFETIME.total_seconds())


class _Grant(ClientCredentialsGrant):  # type: ignore[misc]  # authlib has no types
    """Client credentials with private_key_jwt alone, for one audience."""

    TOKEN_ENDPOINT_AUTH_METHODS = (CLIENT_AUTHENTICATION,)

    def validate_token_request(self) -> None:
        super().validate_token_request()
        self.server.choose_audience(self.request.form.get("audience"))


class _Request(OAuth2Request):  # type: ignore[misc]  # authlib has no types
    """The form of a POST. The address is a constant: whether TLS stands in front is the deployment's affair."""

    def __init__(self, form: Mapping[str, str]) -> None:
        super().__init__("POST", "https://issuer.invalid" + TOKEN_PATH)
        self._form = form
        self.payload = _Payload(form)

    @property
    def form(self) -> Mapping[str, str]:
        return self._form


class _Payload(OAuth2Payload):  # type: ignore[misc]  # authlib has no types
    def __init__(self, form: Mapping[str, str]) -> None:
        self._form = form

    @property
    def data(self) -> Mapping[str, str]:
        return self._form


class _Client(ClientMixin):  # type: ignore[misc]  # authlib has no types
    """What authlib asks of a client."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def get_client_id(self) -> str:
        return self.client.client_id

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """Return what is asked for if all of it is allowed, all that is allowed if nothing is asked, else None."""
        asked = set(scope.split()) if scope else self.client.scopes
        return " ".join(sorted(asked)) if asked <= self.client.scopes else None

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        return method == CLIENT_AUTHENTICATION

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == GRANT


def _refusal(what: str, error: Exception) -> InvalidClientError:
    return InvalidClientError(f"{what}: {type(error).__name__}")


class _ClientAssertion(JWTBearerClientAssertion):  # type: ignore[misc]  # authlib has no types
    """Checks the assertion of one request and keeps its `jti` for the caller to store."""

    CLIENT_AUTH_METHOD = CLIENT_AUTHENTICATION

    def __init__(self, audiences: list[str], now: datetime) -> None:
        super().__init__(leeway=int(CLOCK_SKEW.total_seconds()))
        self._audiences = audiences
        self._now = now
        self.spent: SpentAssertion | None = None

    def resolve_client_public_key(self, client: _Client) -> KeySet:
        return KeySet([JWKRegistry.import_key(dict(each)) for each in client.client.public_keys])

    def extract_assertion(self, assertion: str) -> tuple[dict[str, Any], dict[str, Any]]:
        if len(assertion) > MAX_ASSERTION_CHARACTERS:
            raise InvalidClientError("too long")
        try:
            extracted: tuple[dict[str, Any], dict[str, Any]] = super().extract_assertion(assertion)
        except UNREADABLE as error:
            raise InvalidClientError("unreadable") from error
        return extracted

    def process_assertion_claims(self, assertion: str, resolve_key: KeySet) -> dict[str, Any]:
        try:
            claims = jwt.decode(assertion, resolve_key, registry=REGISTRY).claims
        except UNREADABLE as error:
            raise _refusal("signature", error) from error
        self.verify_claims(claims)
        return claims

    def verify_claims(self, claims: dict[str, Any]) -> None:
        """Check that the client speaks for itself, to us, now and briefly (RFC 7523, section 3)."""
        now = int(self._now.timestamp())
        registry = jwt.JWTClaimsRegistry(
            now=now,
            leeway=self.leeway,
            iss={"essential": True, "value": claims["sub"]},
            aud={"essential": True},
            exp={"essential": True},
            jti={"essential": True},
        )
        try:
            registry.validate(claims)
        except UNREADABLE as error:
            raise _refusal("claims", error) from error
        # An assertion that is addressed to others as well could be handed on to us by them.
        audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        if not set(audiences) <= set(self._audiences):
            raise InvalidClientError("claims: aud")
        if claims["exp"] - now > (ASSERTION_LIFETIME_LIMIT + CLOCK_SKEW).total_seconds():
            raise InvalidClientError("claims: lives too long")
        if not _JTI.fullmatch(claims["jti"]):
            raise InvalidClientError("claims: jti")
        expires_at = datetime.fromtimestamp(int(claims["exp"]) + 1, UTC)
        self.spent = SpentAssertion(ClientId(claims["sub"]), claims["jti"], expires_at)
