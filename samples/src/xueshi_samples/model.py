"""The sample world: who exists, what platforms send, and what must become of it.

Hours are integers in hundredths of an hour (centihours) except inside records, which are JSON as the contract has it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

Json = dict[str, Any]
Jurisdiction = Literal["fujian", "luojiang", "wenzhou", "shaoguan"]
SubjectKind = Literal[
    "public", "professional", "general_public", "industry_public", "elective", "medical", "medical_remote"
]
LearningForm = Literal["online", "face_to_face", "elective"]
Occupation = Literal["", "teacher", "health", "accounting", "archives"]
InstitutionLevel = Literal["", "primary", "secondary", "tertiary"]
Verdict = Literal["compliant", "short", "not_evaluated"]
Level = Literal["province", "city", "county"]
EventType = Literal["hour_records.completed", "hour_records.corrected", "hour_records.voided"]


@dataclass(frozen=True, slots=True)
class Grant:
    """What an officer may do: a role over a region and level; `industry` is None for the whole HRSS field."""

    role: Literal["officer", "administrator"]
    level: Level
    region: str
    industry: int | None


@dataclass(frozen=True, slots=True)
class Officer:
    """A person who decides for an authority."""

    id: str
    name: str
    grants: tuple[Grant, ...]


@dataclass(frozen=True, slots=True)
class Authority:
    """An HRSS bureau, or the industry body of one industry (S0 附件5 number), at the level of its region.

    `unable` is FJ-08's flag: the same-level HRSS bureau stamps instead.
    """

    id: str
    kind: Literal["hrss", "industry"]
    level: Level
    region: str
    industry: int | None
    name: str
    unable: bool
    officers: tuple[Officer, ...]


@dataclass(frozen=True, slots=True)
class Employer:
    """An employer; `registered` is False for those that records name though the registry does not know them."""

    code: str
    name: str
    region: str
    industry: int
    registered: bool


@dataclass(frozen=True, slots=True)
class Employment:
    """A dated employment. `from_on` and `to_on` are both included; `to_on` is None while it lasts.

    `occupation`, the `institution_level` of medicine and the first day of a teacher's cycle stand where a requirement
    depends on them, else they are not known.
    """

    employer: str
    region: str
    industry: int
    from_on: date
    to_on: date | None
    main: bool
    occupation: Occupation = ""
    institution_level: InstitutionLevel = ""
    cycle_from: date | None = None

    def covers(self, day: date) -> bool:
        """Tell whether the person works there on that day."""
        return self.from_on <= day and (self.to_on is None or day <= self.to_on)


@dataclass(frozen=True, slots=True)
class Person:
    """A person who learns. Only those with `claimed` are registered beforehand; the others arrive through records.

    `role` says in Chinese what somebody is there to show, empty for most.
    """

    id: str
    id_type: Literal["resident_id"]
    id_number: str
    name: str
    claimed: bool
    employments: tuple[Employment, ...]
    role: str = ""

    def main_on(self, day: date) -> Employment:
        """Return the main employment on a day."""
        return next(each for each in self.employments if each.main and each.covers(day))


@dataclass(frozen=True, slots=True)
class Scope:
    """A subject that an authority has confirmed for a platform (FJ-15).

    Without a major it is confirmed for all of the industry, without an industry, as public subjects are, for all.
    """

    subject_kind: SubjectKind
    industry: int | None
    major: str | None


@dataclass(frozen=True, slots=True)
class Platform:
    """A training platform of a base; `key_type` says how it signs."""

    id: str
    name: str
    base_level: Level
    base_region: str
    key_type: Literal["hmac", "ed25519"]
    scopes: tuple[Scope, ...]


@dataclass(frozen=True, slots=True)
class Expected:
    """What the gateway must answer for one record of a delivery; `code` stands with `rejected` only."""

    status: Literal["accepted", "duplicate", "rejected"]
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook delivery. A repeat is the same delivery id with the same bytes again: it gets the same receipt.

    `stated_at` is the envelope's timestamp; `sent_at` orders the sending and differs from it only in a repeat.
    """

    platform: str
    delivery_id: str
    event_type: EventType
    stated_at: datetime
    sent_at: datetime
    repeats: bool
    records: tuple[Json, ...]
    expected: tuple[Expected, ...]

    def envelope(self) -> Json:
        """Return the delivery's body as the contract has it."""
        stamp = self.stated_at.isoformat()
        return {"type": self.event_type, "timestamp": stamp, "data": {"records": list(self.records)}}

    def body(self) -> bytes:
        """Return the bytes to sign and send: the same for a repeat as for the first."""
        return json.dumps(self.envelope(), ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class Fate:
    """What must become of the live version of one record when every delivery is through and no officer has decided.

    `code` stands with `held`. With `queued` stands the `authority` that it waits for, or the `code` of who else has to
    act. `centihours` is what the record claims, before the day's cap.
    """

    platform: str
    record_id: str
    version: int
    person: str
    subject_kind: SubjectKind
    state: Literal["held", "stamped", "queued", "voided"]
    code: str | None
    authority: str | None
    centihours: int


@dataclass(frozen=True, slots=True)
class PersonYear:
    """A person's year: which requirement judges it, and centihours by kind; a kind without any is left out.

    Credited is what is stamped or waits, after the day's cap; within reach is what is stamped once every officer has
    approved what waits for an authority. `verdict` and `verdict_within_reach` judge the stamped part and that one.
    """

    person: str
    year: int
    jurisdiction: Jurisdiction
    requirement: str
    credited_centihours: Mapping[SubjectKind, int]
    stamped_centihours: Mapping[SubjectKind, int]
    within_reach_centihours: Mapping[SubjectKind, int]
    verdict: Verdict
    verdict_within_reach: Verdict


@dataclass(frozen=True, slots=True)
class Summary:
    """What the whole must come to while no officer decides.

    Repeats of a delivery are not counted again; `waiting` is by authority, or by the code of who else has to act;
    `proofs` are the valid ones.
    """

    deliveries: int
    submissions: int
    accepted: int
    duplicate: int
    rejected: Mapping[str, int]
    held: Mapping[str, int]
    stamped_automatically: int
    waiting: Mapping[str, int]
    voided: int
    corrected: int
    proofs: int
    uncredited_centihours: int
    person_years: tuple[PersonYear, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class World:
    """All of it, as one seed gives it."""

    seed: int
    authorities: tuple[Authority, ...]
    employers: tuple[Employer, ...]
    people: tuple[Person, ...]
    platforms: tuple[Platform, ...]
    deliveries: tuple[Delivery, ...]
    fates: tuple[Fate, ...]
    expected: Summary
