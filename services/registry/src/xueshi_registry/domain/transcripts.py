"""Who judges a period of a person's hours, and what is found."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from xueshi_registry.domain.model import Employment
from xueshi_rulebook import ANYBODY, Person, Progress, Rulebook


class Totals(NamedTuple):
    """A person's hours in one period, in hundredths, by kind of subject. What is stamped is registered too."""

    registered: Mapping[str, int]
    stamped: Mapping[str, int]


class Judged(NamedTuple):
    """What the jurisdiction that judges a period finds in it."""

    jurisdiction: str
    totals: Totals
    progress: Progress


def judge_period(
    rulebook: Rulebook, period: str, own: str, employments: Sequence[Employment], totals: Totals
) -> Judged:
    """Judge a person's period by the jurisdiction of the employment on its last day (reading, for a move within it).

    `own` is the jurisdiction under which hours of the period were entered. It judges where no employment is known,
    and where that of the employment has no minimum for the period.
    """
    fallback = rulebook.jurisdiction(own)
    last_on = fallback.days_of(period)[1]
    employment = employment_of(employments, last_on)
    person = ANYBODY if employment is None else person_of(employment)
    if employment is not None:
        employer = employment.employer
        judge = rulebook.jurisdiction_for(employer.region, last_on, employer.industry)
        if judge is not None:
            made = judge.progress(period, totals.stamped, totals.registered, person)
            if made.profile or judge is fallback:
                return Judged(judge.code, totals, made)
    return Judged(own, totals, fallback.progress(period, totals.stamped, totals.registered, person))


def person_of(employment: Employment) -> Person:
    """Return what the rules ask of a person, as this employment has it."""
    profile = employment.profile
    return Person(
        industry=employment.employer.industry,
        occupation=profile.occupation,
        institution_level=profile.institution_level,
        cycle_from=profile.cycle_from,
        employed_from=employment.from_on,
        employed_to=employment.to_on,
    )


def entered_under(named: str, entered: Sequence[str]) -> str:
    """Return the jurisdiction under which a period's hours were entered, given those of its records in ledger order.

    Of several the one that its transcript has `named` counts: that of the last movement.
    """
    return entered[-1] if entered and named not in entered else named


def employment_of(employments: Sequence[Employment], last_on: date) -> Employment | None:
    """Return the employment that decides about a period ending on `last_on`: of two on that day the main one.

    Where there is none on that day, the last one before it decides, else the first one after it (reading).
    """
    current = [each for each in employments if each.covers(last_on)]
    if current:
        return max(current, key=lambda each: (each.main, each.from_on))
    ended = [(each.to_on, each.main, n) for n, each in enumerate(employments) if each.to_on and each.to_on < last_on]
    if ended:
        return employments[max(ended)[-1]]
    return min(employments, key=lambda each: (each.from_on, not each.main), default=None)
