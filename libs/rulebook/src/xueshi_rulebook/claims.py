"""What a record claims: the part that every record has, and what only some learning forms need."""

from datetime import date
from typing import Final, NamedTuple

from xueshi_rulebook.providers import Provider

Days = tuple[tuple[date, int], ...]


class Work(NamedTuple):
    """What forms beyond a platform's courses rest on. All codes are those of the jurisdiction's data.

    ``submitter`` is who enters the record: "platform", "organiser", "employer", "person" or "industry_system" (a docked
    system of an industry body, FJ-06). ``item`` and ``level`` say what kind of work it is and of which level, ``rank``
    is the author's (0: not stated). ``amount`` is how much of the form's unit was done, in hundredths of a day, course
    or character, 0 where the record's days say it. ``earned_on`` is the day of publication, conclusion or passing; the
    degree's courses count from ``enrolled_on`` for ``nominal_years``. ``facts`` and ``evidence`` are what is declared
    and what is attached.
    """

    submitter: str = "platform"
    organiser: str = ""
    item: str = ""
    level: str = ""
    rank: int = 0
    amount: int = 0
    certificate_centihours: int = 0
    credit_year: str = ""
    earned_on: date | None = None
    enrolled_on: date | None = None
    nominal_years: int = 0
    facts: frozenset[str] = frozenset()
    evidence: frozenset[str] = frozenset()


PUSHED: Final = Work()
"""A record as a training platform pushes it."""


class Claim(NamedTuple):
    """One record as claimed. Hours are centihours; of ``learned_days`` and ``learned_range`` one at most is given.

    ``class_plan_confirmed_by`` is the kind of the authority ("hrss", "industry") that confirmed the class plan on the
    platform beforehand, "hrss_fallback" where HRSS did so in an industry body's place (FJ-08), or "filed" where
    reviewing and filing are two acts; None without such a plan (FJ-05, SG-08).
    """

    subject_kind: str
    learning_form: str
    learned_days: Days | None
    learned_range: tuple[date, date] | None
    centihours: int
    passed: bool
    employer_region: str
    provider: Provider | None
    class_plan_confirmed_by: str | None
    work: Work = PUSHED
