"""What a proof says: a person's stamped hours in one period, as they stood when it was issued."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple, NewType
from uuid import UUID

PersonKey = NewType("PersonKey", UUID)
ProofNumber = NewType("ProofNumber", str)
PublicTag = NewType("PublicTag", str)

COMPLIANT = "compliant"
"""The verdict of a transcript whose period meets every requirement (FJ-01)."""

NOT_EVALUATED = "not_evaluated"
"""The verdict of a transcript whose period no minimum of the notices applies to (FJ-12)."""

HOURS = "hours"
"""The unit of most kinds, and of transcripts from before they said one."""

TOTAL = "total"
"""The line of a transcript that sums the kinds, where the jurisdiction asks for a total."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One stamped record, with the five items that a proof must show (FJ-07): hours, content, form, time, result."""

    platform: str
    record_id: str
    version: int
    kind: str
    course_title: str
    learning_form: str
    first_on: date
    last_on: date
    credited_centihours: int
    passed: bool
    score: str
    authority: str
    # An authority's new name changes no fact of the record.
    authority_name: str = field(default="", compare=False)
    # Content hash of the rulebook by which it was registered.
    rulebook: str = field(default="", compare=False)

    @property
    def record(self) -> tuple[str, str]:
        """What stays the same through the versions of a record."""
        return (self.platform, self.record_id)


@dataclass(frozen=True, slots=True)
class KindTotal:
    """What is required, stamped and lacking of one kind or combined requirement, in hundredths of its unit.

    `unit` is a code of the rulebook: "hours", "credits".
    """

    kind: str
    required_centihours: int
    stamped_centihours: int
    lacking_centihours: int
    unit: str = HOURS


@dataclass(frozen=True, slots=True)
class Content:
    """The facts of a proof. Two contents are equal when they say the same, whichever rulebook edition said it."""

    jurisdiction: str
    period: str
    verdict: str
    totals: tuple[KindTotal, ...]
    entries: tuple[Entry, ...]
    rule_ids: tuple[str, ...] = field(default=(), compare=False)
    # For each rule its clause, in the words of the rulebook that judged; none from before transcripts said them.
    clauses: tuple[str, ...] = field(default=(), compare=False)
    rulebook: str = field(default="", compare=False)
    # Code of the minimums that judged; empty where none was in force, or from before transcripts said it.
    profile: str = field(default="", compare=False)

    @property
    def compliant(self) -> bool:
        """Whether the period's requirement is met."""
        return self.verdict == COMPLIANT

    def stamped_by_kind(self) -> Mapping[str, int]:
        """Return the stamped hundredths of an hour of each kind."""
        return {total.kind: total.stamped_centihours for total in self.totals}


class Transcript(NamedTuple):
    """One revision of a person's hours in one period. `identity` is sealed; its context is the person key.

    What it says stays encoded as it came: most transcripts are stored and never read.
    """

    person_key: PersonKey
    period: str
    revision: int
    identity: bytes
    compliant: bool
    encoded: bytes

    @property
    def key(self) -> tuple[PersonKey, str]:
        """The person and the period."""
        return (self.person_key, self.period)

    def __repr__(self) -> str:
        """Name the transcript, and neither whose it is nor what it says."""
        return f"Transcript({self.person_key!r}, {self.period!r}, {self.revision!r})"


class Status(StrEnum):
    """What a proof is worth now. A proof ends once and never becomes valid again."""

    VALID = "valid"
    SUPERSEDED = "superseded"
    REVOKED = "revoked"


class Basis(StrEnum):
    """Why a proof was issued."""

    REQUIREMENT_MET = "requirement_met"
    REQUESTED = "requested"


class Reason(StrEnum):
    """Why a proof ended."""

    MORE_HOURS = "MORE_HOURS"
    CONTENT_CORRECTED = "CONTENT_CORRECTED"
    HOLDER_CORRECTED = "HOLDER_CORRECTED"
    HOURS_WITHDRAWN = "HOURS_WITHDRAWN"
    REQUIREMENT_NOT_MET = "REQUIREMENT_NOT_MET"


@dataclass(frozen=True, slots=True)
class Proof:
    """An issued proof. Nothing of it ever changes; how it ends is recorded beside it.

    `issued_by` is the subject who asked for it, empty where meeting the requirement or new hours brought it about.
    """

    number: ProofNumber
    tag: PublicTag
    person_key: PersonKey
    basis: Basis
    issued_by: str
    transcript_revision: int
    issued_at: datetime
    content: Content

    @property
    def key(self) -> tuple[PersonKey, str]:
        """The person and the period."""
        return (self.person_key, self.content.period)


@dataclass(frozen=True, slots=True)
class Ended:
    """How and when a proof ended. `successor` is the proof issued in its place, if any."""

    status: Status
    reason: Reason
    changed_at: datetime
    successor: ProofNumber | None


@dataclass(frozen=True, slots=True)
class ProofState:
    """A proof and what became of it. `newest_tag` opens the proof at the end of its supersessions."""

    proof: Proof
    ended: Ended | None
    identity: bytes = field(repr=False)
    newest_tag: PublicTag | None = None

    @property
    def status(self) -> Status:
        """What the proof is worth now."""
        return Status.VALID if self.ended is None else self.ended.status
