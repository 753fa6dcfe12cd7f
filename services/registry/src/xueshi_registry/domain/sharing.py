"""A person's days shared from scratch: what each record is credited, and what that adds up to."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from xueshi_registry.domain.settling import share_day
from xueshi_registry.domain.transcripts import Totals
from xueshi_registry.domain.versions import Rules


class Taker(NamedTuple):
    """A record that takes hours of its days, under the rules that it is to be judged by."""

    id: int
    days: Sequence[date]
    claimed: Sequence[int]
    cap_exempt: bool
    rules: Rules
    subject_kind: str
    is_stamped: bool
    credit_year: str = ""

    def period_of(self, day: date) -> str:
        """Return the period in which the hours of a day count."""
        return self.credit_year or self.rules.period_of(day)


def share(takers: Iterable[Taker]) -> dict[int, list[int]]:
    """Return what each record is credited day by day, by its id. The records come in ledger order (FJ-03)."""
    shares: dict[int, list[int]] = {}
    by_day: dict[date, list[tuple[Taker, int]]] = {}
    for taker in takers:
        shares[taker.id] = [0] * len(taker.days)
        for n, day in enumerate(taker.days):
            by_day.setdefault(day, []).append((taker, n))
    for day, here in by_day.items():
        given = share_day(
            [taker.claimed[n] for taker, n in here],
            [taker.cap_exempt for taker, _ in here],
            [taker.rules.cap_of(day) for taker, _ in here],
        )
        for (taker, n), hours in zip(here, given, strict=True):
            shares[taker.id][n] = hours
    return shares


def period_totals(takers: Iterable[Taker], shares: dict[int, list[int]]) -> dict[str, Totals]:
    """Return the hours of each period by kind, registered and of these stamped."""
    found: dict[str, tuple[dict[str, int], dict[str, int]]] = {}
    for taker in takers:
        for day, hours in zip(taker.days, shares[taker.id], strict=True):
            registered, stamped = found.setdefault(taker.period_of(day), ({}, {}))
            registered[taker.subject_kind] = registered.get(taker.subject_kind, 0) + hours
            if taker.is_stamped:
                stamped[taker.subject_kind] = stamped.get(taker.subject_kind, 0) + hours
    return {period: Totals(*both) for period, both in found.items()}
