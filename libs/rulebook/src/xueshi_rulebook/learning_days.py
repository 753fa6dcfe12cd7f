"""On which days the hours of a record stand: those listed, those of a span, those that a table gives."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from xueshi_rulebook.claims import Claim, Days
from xueshi_rulebook.dated import Dated
from xueshi_rulebook.plans import DayCap
from xueshi_rulebook.worth import learned_days

_ONE_DAY: Final = timedelta(days=1)


def in_order(listed: Days) -> Days:
    """Return each day once and in order; a day that is listed twice has its hours added up."""
    previous = date.min
    for day, _ in listed:
        if day <= previous:
            break
        previous = day
    else:
        return listed
    merged: dict[date, int] = {}
    for day, centihours in listed:
        merged[day] = merged.get(day, 0) + centihours
    return tuple(sorted(merged.items()))


def last_learned(claim: Claim) -> date:
    """Return the last day of learning, the day earned without one; the last of all days with neither."""
    days = [day for day, _ in claim.learned_days or ()] + list(claim.learned_range or ())
    return max(days, default=claim.work.earned_on or date.max)


def span_of(claim: Claim, listed: Days, *, counts_days: bool) -> tuple[date, date]:
    """Return the first and the last day of learning, or the day earned for both; the last of all days with neither.

    Where days give the hours (``counts_days``), those learned come before the day earned: a course of 2017 stays one
    of 2017.
    """
    has_days = bool(listed) or claim.learned_range is not None
    if claim.work.earned_on is not None and not (counts_days and has_days):
        return claim.work.earned_on, claim.work.earned_on
    if claim.learned_range is not None:
        return claim.learned_range
    return (listed[0][0], listed[-1][0]) if listed else (date.max, date.max)


def fill(span: tuple[date, date], centihours: int, caps: Dated[DayCap]) -> Days:
    """Fill a range from its earliest day up to each day's cap.

    What does not fit stays on the last day, where it shows as uncredited; so does all where no cap is in force.
    The loop is bounded by the longest span of a record, which ``fault_of_days`` has checked.
    """
    day, last = span
    left = centihours
    days: list[tuple[date, int]] = []
    while day < last and left > 0:
        cap = caps.find(day)
        if cap is not None:
            taken = min(cap.centihours, left)
            days.append((day, taken))
            left -= taken
        day += _ONE_DAY
    if left > 0:
        days.append((last, left))
    return tuple(days)


def days_of(claim: Claim, listed: Days) -> Sequence[date]:
    """Return each day learned, in order; ``fault_of_table`` has bounded how many there are."""
    if claim.learned_range is None:
        return [day for day, _ in listed]
    first, _ = claim.learned_range
    return [first + n * _ONE_DAY for n in range(learned_days(claim))]


def spread(days: Sequence[date], centihours: int, daily: int) -> Days:
    """Give each day its hours until they are used up; what is left over stays on the last day."""
    given: list[tuple[date, int]] = []
    left = centihours
    for day in days[:-1]:
        taken = min(daily, left)
        if taken:
            given.append((day, taken))
        left -= taken
    return (*given, (days[-1], left)) if left else tuple(given)
