"""What each record is credited.

Credited hours are a function of state, never an accumulation: for each person and day the live records share the
day's cap in ledger order (FJ-03). `settle` compares that target with what stands and returns the difference, so
a void, a correction, a release or a withdrawn stamp needs no rule of its own.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from xueshi_registry.domain.model import COUNTING, STAMPED, PersonKey, Ref
from xueshi_rulebook import Jurisdiction, allocate


@dataclass(slots=True, eq=False)
class Stake:
    """One record version's stake in its days: what it claims, what stands credited, and whether it still counts.

    `credited` and `was_stamped` are what the ledger holds now; `state` and `place` are what they shall be.
    """

    id: int
    ref: Ref
    person_key: PersonKey
    subject_kind: str
    jurisdiction: str
    rule_ids: tuple[str, ...]
    place: int | None
    state: str
    days: tuple[date, ...]
    claimed: tuple[int, ...]
    credited: list[int]
    was_stamped: bool
    cap_exempt: bool
    # Content hash of the rulebook that judged this version; it stays with the record.
    rulebook: str
    # For which credit year the hours count; empty: that of each day.
    credit_year: str = ""
    code: str = ""
    authority: str = ""
    reason: str = ""
    cause: str = ""
    actor: str = ""
    # Position of the change that told the present registration; a decision on an earlier one changes nothing.
    registered_position: int = 0
    # Whose change moved this one's hours, where it was not its own.
    caused_by: str = ""

    @property
    def counts(self) -> bool:
        """Whether the record takes hours of its days."""
        return self.state in COUNTING

    def period_of(self, day: date, jurisdiction: Jurisdiction) -> str:
        """Return the period in which the hours of a day count, by the rules that judged the record."""
        return self.credit_year or jurisdiction.period_of(day)


class Movement(NamedTuple):
    """What one account of one record moves by, day by day, in hundredths of an hour."""

    stake: Stake
    account: str
    days: tuple[date, ...]
    deltas: tuple[int, ...]


@dataclass(slots=True)
class Settlement:
    """The movements that bring the ledger to its target, and the stakes whose credited hours changed."""

    movements: list[Movement] = field(default_factory=list)
    changed: list[Stake] = field(default_factory=list)


def settle(
    stakes: Iterable[Stake],
    touched: Iterable[Stake],
    cap_of: Callable[[Stake, date], int | None],
) -> Settlement:
    """Share the cap of each day of `touched` among the people's stakes, in ledger order; return what has to move.

    `cap_of` gives the cap of a day by the rules that judged a stake, None where they have none.

    `stakes` holds the touched records and every placed record that overlaps one of their days. Days that no touched
    record names keep what they have. Freed hours go to the next records under those records' own stamps.
    """
    open_days: dict[PersonKey, dict[date, None]] = {}
    for stake in touched:
        open_days.setdefault(stake.person_key, {}).update(dict.fromkeys(stake.days))
    by_person: dict[PersonKey, list[Stake]] = {}
    for stake in stakes:
        by_person.setdefault(stake.person_key, []).append(stake)
    settlement = Settlement()
    for person_key, days in open_days.items():
        mine = by_person[person_key]
        target = _shares(mine, days, cap_of)
        for stake in mine:
            _move(settlement, stake, [target.get((stake.id, day)) for day in stake.days])
    return settlement


def restamp(stakes: Iterable[Stake]) -> Settlement:
    """Return what moves when only stamps changed: the days' shares stay as they are."""
    settlement = Settlement()
    for stake in stakes:
        _move(settlement, stake, [None] * len(stake.days))
    return settlement


def _shares(
    mine: Sequence[Stake], days: Iterable[date], cap_of: Callable[[Stake, date], int | None]
) -> dict[tuple[int, date], int]:
    """Return what each stake is credited on each of the days: nothing where it does not count."""
    target: dict[tuple[int, date], int] = {}
    ordered = sorted((each for each in mine if each.counts), key=lambda each: (each.place or 0, each.id))
    for day in days:
        takers = [(each, each.claimed[each.days.index(day)]) for each in ordered if day in each.days]
        shares = share_day(
            [claim for _, claim in takers],
            [each.cap_exempt for each, _ in takers],
            [cap_of(each, day) for each, _ in takers],
        )
        target.update(((each.id, day), share) for (each, _), share in zip(takers, shares, strict=True))
        target.update(((each.id, day), 0) for each in mine if not each.counts and day in each.days)
    return target


def share_day(claims: Sequence[int], exempt: Sequence[bool], caps: Sequence[int | None]) -> list[int]:
    """Share one day of a person among its records, in ledger order; `caps` gives for each its own rules' cap (FJ-03).

    Where records of a day stand under different rules (a move, two employments, a new version), one whose rules have no
    cap neither loses hours nor takes any from the others, and these share the lowest of their caps (reading): so the
    outcome is a function of the day's records, whichever of them came last.
    """
    return allocate(
        min((cap for cap in caps if cap is not None), default=None),
        claims,
        [is_exempt or cap is None for is_exempt, cap in zip(exempt, caps, strict=True)],
    )


def _move(settlement: Settlement, stake: Stake, target: Sequence[int | None]) -> None:
    """Record what one stake's accounts move by; None in the target leaves a day as it is."""
    before = stake.credited
    after = [old if new is None else new for new, old in zip(target, before, strict=True)]
    none = [0] * len(before)
    is_stamped = stake.state == STAMPED
    _post(settlement, stake, "registered", before, after)
    _post(settlement, stake, "stamped", before if stake.was_stamped else none, after if is_stamped else none)
    if after != before:
        settlement.changed.append(stake)
    stake.credited = after
    stake.was_stamped = is_stamped


def _post(settlement: Settlement, stake: Stake, account: str, before: Sequence[int], after: Sequence[int]) -> None:
    moved = [(day, new - old) for day, new, old in zip(stake.days, after, before, strict=True) if new != old]
    if moved:
        days, deltas = zip(*moved, strict=True)
        settlement.movements.append(Movement(stake, account, days, deltas))
