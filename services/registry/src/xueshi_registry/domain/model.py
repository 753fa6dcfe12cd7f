"""People, employers, platforms and records, as far as the registry's rules need them."""

from collections.abc import Mapping
from datetime import date
from typing import Literal, NamedTuple, NewType
from uuid import UUID

PersonKey = NewType("PersonKey", UUID)
HELD = "held"
REGISTERED = "registered"
QUEUED = "queued"
STAMPED = "stamped"
RETURNED = "returned"
REVOKED = "revoked"
VOIDED = "voided"
SUPERSEDED = "superseded"
NAME_PROVISIONAL = "provisional"
NAME_DISPUTED = "disputed"
NAME_CONFIRMED = "confirmed"
COUNTING = frozenset({REGISTERED, QUEUED, STAMPED})
"""States in which a record has a place in the ledger and takes hours of its days."""
LIVE = COUNTING | {HELD}
"""States in which a record counts or may come to count by itself."""

CHANGEABLE = LIVE | {RETURNED, REVOKED}
"""States that a correction or a void can still change."""


class Employer(NamedTuple):
    """An employer as far as jurisdiction and route need it."""

    uscc: str
    name: str
    region: str
    industry: int

    def judges_alike(self, other: "Employer") -> bool:
        """Tell whether a period judged by this employer is judged by the same rules as by the other."""
        return (self.region, self.industry) == (other.region, other.industry)


class Profile(NamedTuple):
    """What decides, beside the employer's industry, which requirement applies to a person (FJ-02, LJ-03, LJ-04, SG-02).

    `occupation` and `institution_level` (of medicine: 一级, 二级, 三级) are codes of the rulebook, empty where unknown;
    `cycle_from` is the first day of the cycle in which a teacher's hours add up.
    """

    occupation: str = ""
    institution_level: str = ""
    cycle_from: date | None = None


NO_PROFILE = Profile()


class Employment(NamedTuple):
    """A dated employment; `to_on` None is open-ended."""

    employer: Employer
    from_on: date
    to_on: date | None
    main: bool
    profile: Profile = NO_PROFILE

    def covers(self, day: date) -> bool:
        """Tell whether the person worked there on `day`."""
        return self.from_on <= day and (self.to_on is None or day <= self.to_on)


class Platform(NamedTuple):
    """A training platform's accession, as the gateway published it (FJ-15)."""

    platform: str
    status: str
    base_level: Literal["province", "city", "county"]
    base_region: str
    scopes: frozenset[tuple[str, int, str]]

    def confirmed_for(self, subject_kind: str, industry: int, major: str, *, whole: bool) -> bool:
        """Tell whether the industry and major have been confirmed, or the `whole` subject. An empty major covers all.

        Whether a subject is confirmed as a whole is for the rulebook to say (FJ-15).
        """
        if whole:
            return (subject_kind, 0, "") in self.scopes
        return (subject_kind, industry, major) in self.scopes or (subject_kind, industry, "") in self.scopes


class Person(NamedTuple):
    """A person as far as matching needs it."""

    key: PersonKey
    name_digest: bytes
    label: str
    claimed: bool
    name_state: str


class Content(NamedTuple):
    """What a platform says in one record version. Hours are hundredths, learned days in order."""

    employer: str
    subject_kind: str
    learning_form: str
    course_id: str
    course_title: str
    industry: int
    major: str
    learned_days: tuple[tuple[date, int], ...]
    learned_range: tuple[date, date] | None
    centihours: int
    passed: bool
    name_digest: bytes
    # For which credit year the hours are to count; empty: that of the learning.
    credit_year: str = ""

    @property
    def first_on(self) -> date:
        """The first day of learning."""
        return self.learned_range[0] if self.learned_range else self.learned_days[0][0]

    @property
    def last_on(self) -> date:
        """The last day of learning, whose employment decides jurisdiction and route."""
        return self.learned_range[1] if self.learned_range else self.learned_days[-1][0]


class Ref(NamedTuple):
    """Names one version of one record, everywhere."""

    platform: str
    record_id: str
    version: int


class TranscriptRow(NamedTuple):
    """One person's totals in one period, in hundredths of an hour, by kind of subject."""

    person_key: PersonKey
    period: str
    jurisdiction: str
    registered: Mapping[str, int]
    stamped: Mapping[str, int]
    verdict: str


class StampedLine(NamedTuple):
    """One stamped record as a transcript lists it: the five items of FJ-07, who stamped, and what it was judged by."""

    platform: str
    record_id: str
    version: int
    subject_kind: str
    course_title: str
    learning_form: str
    first_on: date
    last_on: date
    centihours: int
    passed: bool
    score: str
    authority: str
    authority_name: str
    rulebook: str
