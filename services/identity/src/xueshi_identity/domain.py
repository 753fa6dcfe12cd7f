"""Clients, and which signing key is used when. Plain objects without I/O."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any, NewType

ClientId = NewType("ClientId", str)
KeyId = NewType("KeyId", str)

TOKEN_LIFETIME = timedelta(minutes=10)
"""Every access token lives this long; a disabled client's last token ends with it."""
ASSERTION_LIFETIME_LIMIT = timedelta(minutes=5)
"""An assertion that claims to live longer is refused, so that spent ones need not be kept for long."""
CLOCK_SKEW = timedelta(seconds=10)
WITHDRAWAL_DELAY = TOKEN_LIFETIME + 2 * CLOCK_SKEW
"""How long a replaced key stays published: until its last token has ended on every clock."""

NAME_PATTERN = r"^[A-Za-z0-9_-]{1,64}$"
"""Client ids, subjects and key ids: they stand in URLs and logs."""
SCOPE_PATTERN = r"^[a-z0-9][a-z0-9:._-]{0,63}$"
AUDIENCE_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9:/._-]{0,127}$"
MAX_CLIENT_KEYS = 4

_ID_NUMBER = re.compile(r"[0-9]{17}[0-9Xx]|[0-9]{15}")


class Kind(StrEnum):
    """What the subject of a client's tokens is."""

    PLATFORM = "platform"
    OFFICER = "officer"
    SYSTEM = "system"
    ADMINISTRATOR = "administrator"
    PERSON = "person"


class IdentityError(Exception):
    """Root of what the service's rules raise: `DuplicateClientError`, `UnknownClientError`, `PersonalDataError`."""


class DuplicateClientError(IdentityError):
    """There already is a client with this id."""


class UnknownClientError(IdentityError):
    """There is no client with this id."""


class PersonalDataError(IdentityError):
    """An identifier contains what looks like an ID number; identifiers stand in URLs and logs. `field` names it."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} contains an ID number")
        self.field = field


@dataclass(frozen=True, slots=True)
class Client:
    """Who may ask for tokens, for whom, with which keys, for which scopes and audiences."""

    client_id: ClientId
    kind: Kind
    subject: str
    name: str
    public_keys: Sequence[dict[str, Any]]
    scopes: frozenset[str]
    audiences: frozenset[str]
    is_disabled: bool
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class NewClient:
    """A client to be."""

    client_id: str
    kind: Kind
    subject: str
    name: str
    public_keys: Sequence[dict[str, Any]]
    scopes: frozenset[str]
    audiences: frozenset[str]

    def created(self, now: datetime) -> Client:
        """Return the client. Raises `PersonalDataError`: its id and subject will stand in URLs and logs."""
        check_identifier("client_id", self.client_id)
        check_identifier("subject", self.subject)
        return Client(
            client_id=ClientId(self.client_id),
            kind=self.kind,
            subject=self.subject,
            name=self.name,
            public_keys=self.public_keys,
            scopes=self.scopes,
            audiences=self.audiences,
            is_disabled=False,
            created_at=now,
            changed_at=now,
        )


@dataclass(frozen=True, slots=True)
class ClientChange:
    """What to change of a client; None leaves a part as it is."""

    name: str | None = None
    public_keys: Sequence[dict[str, Any]] | None = None
    scopes: frozenset[str] | None = None
    audiences: frozenset[str] | None = None
    is_disabled: bool | None = None

    def applied(self, client: Client, now: datetime) -> Client:
        """Return the client as it is after the change."""
        return replace(
            client,
            name=client.name if self.name is None else self.name,
            public_keys=client.public_keys if self.public_keys is None else self.public_keys,
            scopes=client.scopes if self.scopes is None else self.scopes,
            audiences=client.audiences if self.audiences is None else self.audiences,
            is_disabled=client.is_disabled if self.is_disabled is None else self.is_disabled,
            changed_at=now,
        )


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One of the issuer's keys: it signs from `signs_from` until the next one does."""

    key_id: KeyId
    public_jwk: dict[str, Any]
    private_sealed: bytes
    signs_from: datetime


def check_identifier(field: str, value: str) -> None:
    """Raise `PersonalDataError` where an identifier contains 18 or 15 digits in the form of an ID number."""
    if _ID_NUMBER.search(value):
        raise PersonalDataError(field)


def _turn(key: SigningKey) -> tuple[datetime, KeyId]:
    """Order keys by their turns; of two at the same moment the same one always counts as the later."""
    return key.signs_from, key.key_id


def current_key(keys: Iterable[SigningKey], now: datetime) -> SigningKey | None:
    """Return the key that signs now: the one whose turn came last."""
    return max((key for key in keys if key.signs_from <= now), key=_turn, default=None)


def next_key(keys: Iterable[SigningKey], now: datetime) -> SigningKey | None:
    """Return the key whose turn comes next."""
    return min((key for key in keys if key.signs_from > now), key=_turn, default=None)


def withdrawn_keys(keys: Sequence[SigningKey], now: datetime) -> list[SigningKey]:
    """Return the keys whose last token has ended, which are published no more."""
    ordered = sorted(keys, key=_turn)
    return [key for key, successor in pairwise(ordered) if successor.signs_from + WITHDRAWAL_DELAY <= now]


def published_keys(keys: Sequence[SigningKey], now: datetime) -> list[SigningKey]:
    """Return what verifiers may meet: the current key, the next one in advance, and the last one for a while."""
    gone = {key.key_id for key in withdrawn_keys(keys, now)}
    return [key for key in keys if key.key_id not in gone]
