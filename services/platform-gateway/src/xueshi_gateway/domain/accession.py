"""A platform's accession (接入, FJ-15): who it is, what has been confirmed for it, the keys that it signs with."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from xueshi_gateway.domain.records import PlatformId
from xueshi_rulebook import Jurisdiction

Status = Literal["active", "suspended"]
BaseLevel = Literal["province", "city", "county"]

PLATFORM_PATTERN = r"^[a-z0-9][a-z0-9-]{1,39}$"
"""Platform ids: they stand in URLs, logs and events."""
MAX_STANDING_KEYS = 8
"""Keys that count at one time; a request is checked against each."""
MAX_STANDING_SCOPES = 200
MAX_OVERLAP = timedelta(days=30)
"""How long an old key may count on beside its successor."""


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform's accession. `records_per_minute` None means the service's own limit."""

    id: PlatformId
    name: str
    status: str
    base_level: str
    base_region: str
    records_per_minute: int | None
    revision: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Scope:
    """What an authority has confirmed: a whole subject, or an industry and a major of it (all, where empty)."""

    id: int
    subject_kind: str
    industry: int
    major: str
    confirmed_by: str
    confirmed_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key without its secret. `version` is that of its signatures: v1 (HMAC) or v1a (Ed25519)."""

    key_id: str
    version: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    def counts(self, now: datetime) -> bool:
        """Tell whether signatures by this key are accepted."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True, slots=True)
class Audited:
    """One act of an administrator."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ScopeKinds:
    """The kinds of subject that scopes are confirmed for, as the rulebook has them (FJ-15).

    `whole` are confirmed as one, `by_industry` by industry and major; of the others no notice says which.
    """

    known: frozenset[str]
    whole: frozenset[str]
    by_industry: frozenset[str]

    @classmethod
    def of(cls, jurisdictions: Iterable[Jurisdiction]) -> "ScopeKinds":
        """Return what the jurisdictions that confirm platforms say of their kinds."""
        listed = list(jurisdictions)
        tested = [(each, each.accreditation) for each in listed]
        whole = frozenset(kind for _, rules in tested if rules is not None for kind in rules.whole_kinds)
        confirmed = frozenset(kind for each, rules in tested if rules is not None for kind in each.kinds)
        return cls(frozenset(kind for each in listed for kind in each.kinds), whole, confirmed - whole)

    def fit(self, subject_kind: str, industry: int, major: str) -> bool:
        """Tell whether a scope names what its subject needs: nothing more, or an industry; a major only with one."""
        if subject_kind in self.whole:
            return industry == 0 and not major
        return industry > 0 or (subject_kind not in self.by_industry and not major)


def is_platform_id(text: str) -> bool:
    """Tell whether a platform could have this id at all."""
    return re.fullmatch(PLATFORM_PATTERN, text) is not None and "\n" not in text
