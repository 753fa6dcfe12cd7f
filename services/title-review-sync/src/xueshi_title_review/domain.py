"""What the title-review system is told of a person and a period, without I/O.

A standing joins the newest transcript and the newest proof, whichever comes first. A revision is told when one of the
two changed in what it says; until a transcript is there, nothing is.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple, NewType
from uuid import UUID

PersonKey = NewType("PersonKey", UUID)
SubjectRef = NewType("SubjectRef", str)
Hours = NewType("Hours", bytes)
"""What the receiver is told of a transcript, encoded. Equal hours are equal bytes, and are told once."""
Key = tuple[PersonKey, str]
"""A person and a period."""

REF_PATTERN = r"^[0-9a-f]{64}$"
PERIOD_PATTERN = r"^[0-9A-Za-z][0-9A-Za-z-]{0,31}$"
_REF = re.compile(REF_PATTERN.strip("^$"))
_PERIOD = re.compile(PERIOD_PATTERN.strip("^$"))

SCHEMA_VERSION = "1.0"
HOUR = "hour"
UNITS = {"": HOUR, "hours": HOUR, "credits": "credit", "items": "item"}
"""What the receiver is told for each unit of the rulebook; transcripts leave hours out."""
REVOKED = "revoked"
TAKEN = "taken"
REFUSED = "refused"
UNKNOWN = "unknown"
"""The verdict on a subject of whom no hours are known in a period."""


@dataclass(frozen=True, slots=True)
class Proof:
    """The newest e-proof of a person and period, and the transcript revision that it rests on."""

    number: str
    status: str
    transcript_revision: int

    def follows(self, known: "Proof | None") -> bool:
        """Tell whether this state comes after `known`: a revoked proof stays so, and only newer hours supersede it."""
        if known is None:
            return True
        if self.transcript_revision != known.transcript_revision:
            return self.transcript_revision > known.transcript_revision
        return self.number != known.number or known.status != REVOKED

    def says_the_same(self, other: "Proof | None") -> bool:
        """Tell whether the receiver would see no difference."""
        return other is not None and (self.number, self.status) == (other.number, other.status)


class Subject(NamedTuple):
    """A person as the receiver knows them, and the id of the key that their ref is made with."""

    ref: SubjectRef
    key_id: str


class Standing(NamedTuple):
    """What stands for a person in a period. `revision` is the one told last; `waiting_since` the oldest not taken."""

    person_key: PersonKey
    period: str
    hours: Hours | None = None
    transcript_revision: int = 0
    proof: Proof | None = None
    revision: int = 0
    changed_at: datetime | None = None
    waiting_since: datetime | None = None

    @property
    def key(self) -> Key:
        """The person and the period."""
        return self.person_key, self.period

    def with_transcript(self, hours: Hours, revision: int, now: datetime) -> "Standing":
        """Return the standing after a transcript; an older revision changes nothing."""
        if revision <= self.transcript_revision:
            return self
        after = self._replace(hours=hours, transcript_revision=revision)
        return after if hours == self.hours else after.raised(now)

    def with_proof(self, proof: Proof, now: datetime) -> "Standing":
        """Return the standing after a change of the proof; an older state changes nothing."""
        if not proof.follows(self.proof):
            return self
        after = self._replace(proof=proof)
        return after if self.hours is None or proof.says_the_same(self.proof) else after.raised(now)

    def raised(self, now: datetime) -> "Standing":
        """Return the standing with its next revision, which is told now."""
        return self._replace(revision=self.revision + 1, changed_at=now, waiting_since=self.waiting_since or now)


class Told(NamedTuple):
    """A revision as the receiver gets it, by the topic or by the pull API."""

    subject: Subject
    period: str
    revision: int
    changed_at: datetime
    hours: Hours
    proof: Proof | None


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What the receiver says of one revision."""

    subject_ref: SubjectRef
    period: str
    revision: int
    outcome: str
    reason: str

    @property
    def is_sound(self) -> bool:
        """Tell whether it can mean anything: it comes from outside and is believed in nothing."""
        named = _REF.fullmatch(self.subject_ref) and _PERIOD.fullmatch(self.period)
        return bool(named) and self.outcome in {TAKEN, REFUSED} and self.revision > 0


@dataclass(frozen=True, slots=True)
class Answered:
    """What is told and what was answered, of one subject and period."""

    revision: int
    changed_at: datetime
    waiting_since: datetime | None = None
    taken_revision: int = 0
    refused_revision: int = 0
    refused_reason: str = ""

    def after(self, said: Acknowledgement) -> "Answered":
        """Return the state after an acknowledgement.

        A revision that was never told, and one below what was answered already, change nothing. What is taken late
        leaves the newest revision waiting since it was told; what is refused waits on, with the reason.
        """
        if not max(self.taken_revision, self.refused_revision) <= said.revision <= self.revision:
            return self
        if said.outcome == REFUSED:
            # The last word counts, also where the same revision had been taken.
            return replace(
                self,
                refused_revision=said.revision,
                refused_reason=said.reason,
                waiting_since=self.waiting_since or self.changed_at,
            )
        waiting_since = None if said.revision == self.revision else self.changed_at
        return replace(
            self, taken_revision=said.revision, refused_revision=0, refused_reason="", waiting_since=waiting_since
        )


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line of what is not taken yet: since when, and why if it was refused."""

    subject_ref: SubjectRef
    period: str
    answered: Answered
    position: int
