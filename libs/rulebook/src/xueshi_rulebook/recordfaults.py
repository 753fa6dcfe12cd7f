"""What is wrong with a record itself, whatever its form asks for: codes of the guidance catalogue."""

from datetime import date
from typing import Final

from xueshi_rulebook.claims import Claim, Days
from xueshi_rulebook.worth import learned_days

_CENTI: Final = 100


def fault_of_table(claim: Claim, longest_days: int, *, counts_days: bool) -> str:
    """Return what is wrong with a record whose hours a table fixes, empty if nothing is.

    Where its days give the hours, they are no more than one record may span, and no fewer than the amount stated.
    """
    span = claim.learned_range
    if claim.learned_days and span is not None:
        return "FIELD_INVALID"
    has_days = bool(claim.learned_days) or span is not None
    if not has_days and claim.work.earned_on is None:
        return "INCOMPLETE"
    if not counts_days:
        return ""
    most = learned_days(claim) if has_days else longest_days
    is_too_long = most > longest_days or most < 1
    return "FIELD_INVALID" if is_too_long or claim.work.amount > most * _CENTI else ""


def fault_of_days(claim: Claim, longest_days: int) -> str:
    """Return what is wrong with a record whose hours are those claimed, empty if nothing is."""
    listed, span = claim.learned_days, claim.learned_range
    if not listed and span is None:
        return "INCOMPLETE"
    if (listed and span is not None) or claim.centihours <= 0:
        return "FIELD_INVALID"
    by_days = _listed_fault(listed, claim.centihours, longest_days) if listed else ""
    return by_days if span is None else _range_fault(span, longest_days)


def _listed_fault(listed: Days, centihours: int, longest_days: int) -> str:
    if len(listed) > longest_days:
        return "FIELD_INVALID"
    total = 0
    for _, claimed in listed:
        if claimed <= 0:
            return "FIELD_INVALID"
        total += claimed
    return "" if total == centihours else "HOURS_MISMATCH"


def _range_fault(span: tuple[date, date], longest_days: int) -> str:
    first, last = span
    return "" if 0 <= (last - first).days < longest_days else "FIELD_INVALID"
