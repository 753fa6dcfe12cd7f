"""What verification speaks of: authorities, grants, items and decisions.

What is made once for every record is a tuple, which takes a third of the time that a frozen dataclass does.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, NewType
from uuid import UUID

AuthorityId = NewType("AuthorityId", str)
OfficerId = NewType("OfficerId", str)
PersonKey = NewType("PersonKey", UUID)
PlatformId = NewType("PlatformId", str)
RecordId = NewType("RecordId", str)

HRSS = "hrss"
INDUSTRY = "industry"

REVIEWER = "reviewer"
ADMINISTRATOR = "administrator"

WAITING = "waiting"
UNROUTED = "unrouted"
STAMPED = "stamped"
RETURNED = "returned"
REVOKED = "revoked"
HELD = "held"
VOIDED = "voided"

OPEN = frozenset({WAITING, UNROUTED})
"""States in which a record still needs a decision."""
DECIDED = frozenset({STAMPED, RETURNED, REVOKED})

QUEUED = "queued"
"""The outcome that tells where a record waits; it is no decision."""

AWAITS_EMPLOYER = "AWAITS_EMPLOYER"
"""The rulebook's code for what the employer recognises: no authority's coming or going changes where it waits."""

ALL_INDUSTRIES = 0
"""In a grant: every industry. In a record 0 means that it has none."""


class RecordKey(NamedTuple):
    """A record as the outside knows it."""

    platform: PlatformId
    record_id: RecordId


class ItemKey(NamedTuple):
    """A record of one person.

    A correction that changes the person is a void there and a new record here, and the two travel in different
    partitions, in either order: so each person's side of a record is an item of its own.
    """

    platform: PlatformId
    record_id: RecordId
    person_key: PersonKey

    @property
    def record(self) -> RecordKey:
        """The record, whoever's it is."""
        return RecordKey(self.platform, self.record_id)


class VersionKey(NamedTuple):
    """One version of a record: what a claim or a decision names."""

    platform: PlatformId
    record_id: RecordId
    version: int

    @property
    def record(self) -> RecordKey:
        """The record, whatever its version."""
        return RecordKey(self.platform, self.record_id)


@dataclass(frozen=True, slots=True)
class Authority:
    """An HRSS bureau or industry body. `industries` are numbers of S0 附件5, empty for HRSS.

    `unable` is FJ-08's "for now unable": an administrator's flag, never a time-out.
    """

    id: AuthorityId
    name: str
    kind: str
    region: str
    level: str
    industries: tuple[int, ...]
    unable: bool
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """What one officer may do at one authority: role × region × level × industry, from and to a day, both included."""

    id: UUID
    officer: OfficerId
    officer_name: str
    role: str
    authority: AuthorityId
    region: str
    level: str
    industry: int
    person_key: PersonKey | None
    valid_from: date
    valid_to: date | None
    revoked_at: datetime | None

    def holds_on(self, day: date) -> bool:
        """Tell whether the grant is in force on `day`."""
        return self.revoked_at is None and self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class Registration(NamedTuple):
    """A registered record as an authority sees it: of the person only a masked label."""

    jurisdiction: str
    region: str
    industry: int
    employer: str
    employer_name: str
    subject_kind: str
    learning_form: str
    registered_by: str
    course_title: str
    major: str
    first_on: date
    last_on: date
    passed: bool
    score: str
    person_label: str
    # Content hash of the rulebook that judged it, which every decision on it names.
    registered_rulebook: str


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a record goes. `code` says why it stays unrouted; without one, what has no authority is automatic."""

    authority: AuthorityId | None
    authority_name: str
    rule_ids: tuple[str, ...]
    fallback: bool
    automatic: bool
    code: str


@dataclass(frozen=True, slots=True)
class Item:
    """The newest version of a record and what stands about it here."""

    key: ItemKey
    version: int
    state: str
    authority: AuthorityId | None
    registration: Registration
    areas: tuple[str, ...]
    claimed_centihours: int
    credited_centihours: int
    rule_ids: tuple[str, ...]
    fallback: bool
    code: str
    position: int
    registration_position: int
    waiting_since: datetime
    claimed_by: OfficerId | None
    claimed_until: datetime | None

    def claimant(self, now: datetime) -> OfficerId | None:
        """Return who holds a live claim; a claim lapses by itself."""
        return self.claimed_by if self.claimed_until is not None and now < self.claimed_until else None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a record is returned, a stamp withdrawn or nobody found: a code, and the officer's words."""

    code: str
    text: str


class Decision(NamedTuple):
    """One decision on one registration of one version. Without an officer it was automatic (FJ-09).

    `rulebook` is the content hash of the one that decided, `registered_rulebook` of the one that judged the record.

    A version that was held and is free again is registered anew: `registration_position`, that of the registration in
    the registry's feed, keeps a late decision on the former registration from reaching the new one.
    """

    key: ItemKey
    version: int
    outcome: str
    authority: AuthorityId | None
    authority_name: str
    officer: OfficerId | None
    reason: Reason | None
    rule_ids: tuple[str, ...]
    rulebook: str
    registered_rulebook: str
    registration_position: int
    decided_at: datetime
