"""Requests and answers of the identity service's API: requests are strict, answers may gain fields."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from xueshi_identity.domain import (
    AUDIENCE_PATTERN,
    MAX_CLIENT_KEYS,
    NAME_PATTERN,
    SCOPE_PATTERN,
    Client,
    ClientChange,
    Kind,
    NewClient,
    SigningKey,
)
from xueshi_kit.auth import usable_key
from xueshi_kit.fields import Flag

Identifier = Annotated[str, Field(pattern=NAME_PATTERN)]
DisplayName = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
Scope = Annotated[str, Field(pattern=SCOPE_PATTERN)]
Audience = Annotated[str, Field(pattern=AUDIENCE_PATTERN)]
_Coordinate = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]


_EXAMPLE_KEY = {"kty": "OKP", "crv": "Ed25519", "kid": "2025-06", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}


class Strict(BaseModel):
    """A request refuses what it does not know."""

    model_config = ConfigDict(extra="forbid")


class Jwk(Strict):
    """A public key for signatures (RFC 7517). Private keys are refused: they stay with their owner."""

    kid: Identifier = Field(examples=["2025-06"])
    use: Literal["sig"] = "sig"

    @model_validator(mode="after")
    def _is_a_key(self) -> Self:
        if usable_key(self.model_dump(exclude_none=True)) is None:
            message = "this is no public key of the named kind"
            raise ValueError(message)
        return self


class Ed25519Jwk(Jwk):
    """An Ed25519 key."""

    kty: Literal["OKP"]
    crv: Literal["Ed25519"]
    x: _Coordinate = Field(examples=["11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"])
    alg: Literal["Ed25519", "EdDSA"] | None = None


class P256Jwk(Jwk):
    """A P-256 key."""

    kty: Literal["EC"]
    crv: Literal["P-256"]
    x: _Coordinate
    y: _Coordinate
    alg: Literal["ES256"] | None = None


class RsaJwk(Jwk):
    """An RSA key of 2048 to 8192 bits."""

    kty: Literal["RSA"]
    n: str = Field(pattern=r"^[A-Za-z0-9_-]{342,1366}$")
    e: str = Field(pattern=r"^[A-Za-z0-9_-]{3,6}$", examples=["AQAB"])
    alg: Literal["PS256", "RS256"] | None = None


PublicKeys = Annotated[
    list[Annotated[Ed25519Jwk | P256Jwk | RsaJwk, Field(discriminator="kty")]],
    Field(
        min_length=1,
        max_length=MAX_CLIENT_KEYS,
        description="Each with a `kid` of its own.",
        examples=[[_EXAMPLE_KEY]],
    ),
]
Scopes = Annotated[list[Scope], Field(max_length=50, examples=[["gateway.read"]])]
Audiences = Annotated[list[Audience], Field(min_length=1, max_length=20, examples=[["xueshi"]])]


def _plain(keys: PublicKeys) -> list[dict[str, Any]]:
    return [key.model_dump(exclude_none=True) for key in keys]


def _check_distinct(keys: PublicKeys) -> None:
    if len({key.kid for key in keys}) != len(keys):
        message = "two keys have the same kid"
        raise ValueError(message)


class ClientIn(Strict):
    """A client to register. Its tokens name `subject`, as what `kind` says, to one of `audiences`."""

    client_id: Identifier = Field(examples=["platform-kc25"])
    kind: Kind
    subject: Identifier = Field(examples=["kc25"])
    name: DisplayName = Field(examples=["示例培训平台"])
    public_keys: PublicKeys
    scopes: Scopes
    audiences: Audiences

    @model_validator(mode="after")
    def _keys_are_distinct(self) -> Self:
        _check_distinct(self.public_keys)
        return self

    def new_client(self) -> NewClient:
        """Return what the request asks for."""
        return NewClient(
            client_id=self.client_id,
            kind=self.kind,
            subject=self.subject,
            name=self.name,
            public_keys=_plain(self.public_keys),
            scopes=frozenset(self.scopes),
            audiences=frozenset(self.audiences),
        )


class ClientPatch(Strict):
    """What to change; what is absent stays. `disabled: true` ends the client's access within ten minutes."""

    name: DisplayName | None = None
    public_keys: PublicKeys | None = None
    scopes: Scopes | None = None
    audiences: Audiences | None = None
    disabled: Flag | None = None

    @model_validator(mode="after")
    def _keys_are_distinct(self) -> Self:
        _check_distinct(self.public_keys or [])
        return self

    def change(self) -> ClientChange:
        """Return what the request asks for."""
        return ClientChange(
            name=self.name,
            public_keys=None if self.public_keys is None else _plain(self.public_keys),
            scopes=None if self.scopes is None else frozenset(self.scopes),
            audiences=None if self.audiences is None else frozenset(self.audiences),
            is_disabled=self.disabled,
        )


class ClientOut(BaseModel):
    """A client."""

    client_id: str = Field(examples=["platform-kc25"])
    kind: str = Field(
        description="platform, officer, system, administrator or person; the list is open.", examples=["platform"]
    )
    subject: str = Field(examples=["kc25"])
    name: str = Field(examples=["示例培训平台"])
    public_keys: list[dict[str, Any]] = Field(examples=[[_EXAMPLE_KEY]])
    scopes: list[str] = Field(examples=[["gateway.read"]])
    audiences: list[str] = Field(examples=[["xueshi"]])
    disabled: bool
    created_at: datetime
    changed_at: datetime

    @classmethod
    def of(cls, client: Client) -> Self:
        """Show a client."""
        return cls(
            client_id=client.client_id,
            kind=client.kind.value,
            subject=client.subject,
            name=client.name,
            public_keys=list(client.public_keys),
            scopes=sorted(client.scopes),
            audiences=sorted(client.audiences),
            disabled=client.is_disabled,
            created_at=client.created_at,
            changed_at=client.changed_at,
        )


class ClientPage(BaseModel):
    """A page of clients, in order of their ids."""

    items: list[ClientOut]
    next_cursor: str | None


class RotationIn(Strict):
    """How to rotate. With `distrust_current`, what the current key signed stops holding once verifiers refresh."""

    distrust_current: Flag = False


class SigningKeyOut(BaseModel):
    """A published signing key and when its turn begins."""

    key_id: str = Field(examples=["k7q2m5x9"])
    signs_from: datetime
    public_jwk: dict[str, Any] = Field(examples=[_EXAMPLE_KEY])

    @classmethod
    def of(cls, key: SigningKey) -> Self:
        """Show a signing key."""
        return cls(key_id=key.key_id, signs_from=key.signs_from, public_jwk=key.public_jwk)


class SigningKeysOut(BaseModel):
    """The published signing keys, in the order of their turns."""

    items: list[SigningKeyOut]


class TokenOut(BaseModel):
    """An access token (RFC 6749, section 5.1)."""

    access_token: str = Field(examples=["eyJhbGciOiJFZDI1NTE5IiwidHlwIjoiYXQrand0In0.e30.c2lnbmVk"])
    token_type: str = Field(examples=["Bearer"])
    expires_in: int = Field(description="Seconds.", examples=[600])
    scope: str = ""


class TokenErrorOut(BaseModel):
    """Why there is no token (RFC 6749, section 5.2)."""

    error: str = Field(examples=["invalid_client"])
    error_description: str = ""
