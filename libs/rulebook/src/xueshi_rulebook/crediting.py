"""What several records of one person are credited together: the day's cap, and a form's yearly cap (FJ-03, FJ-04)."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from xueshi_rulebook.allocation import allocate
from xueshi_rulebook.assess import Assessment, Assessor
from xueshi_rulebook.claims import Claim


class Cut(NamedTuple):
    """What a cap left of a record's hours: on a day, or among the items of its form in a year. Centihours.

    ``year`` is empty for a day's cap. ``before`` is what the records at the places ``rivals`` had taken of the cap.
    """

    day: date
    year: str
    cap: int
    before: int
    rivals: tuple[int, ...]
    wanted: int
    given: int


class Credited(NamedTuple):
    """One record among its person's. Hours are centihours.

    ``competing`` are the places, in the order given, of the records that took its hours; ``cuts`` say which cap did.
    """

    assessment: Assessment
    claimed: int
    credited: int
    competing: tuple[int, ...]
    cuts: tuple[Cut, ...]


def credit(assessor: Assessor, claims: Sequence[Claim]) -> list[Credited]:
    """Return what each record is credited, in ledger order: who was registered first keeps the hours.

    A record that is not registered takes nothing. The excess is neither rolled over nor lost sight of.
    """
    assessed = [assessor.assess(claim) for claim in claims]
    shares: list[dict[date, int]] = [{} for _ in claims]
    cuts: list[list[Cut]] = [[] for _ in claims]
    takers: dict[date, list[int]] = {}
    for place, made in enumerate(assessed):
        if made.outcome == "registered":
            for day, _ in made.days:
                takers.setdefault(day, []).append(place)
    for day, places in takers.items():
        claimed = [dict(assessed[place].days)[day] for place in places]
        exempt = [assessed[place].day_cap_exempt for place in places]
        cap = assessor.day_cap_on(day)
        taken = allocate(cap, claimed, exempt)
        for n, (place, share, wanted) in enumerate(zip(places, taken, claimed, strict=True)):
            shares[place][day] = share
            if cap is not None and share < wanted:
                rivals = tuple(other for other, is_exempt in zip(places[:n], exempt, strict=False) if not is_exempt)
                before = sum(shares[rival][day] for rival in rivals)
                cuts[place].append(Cut(day, "", cap, before, rivals, wanted, share))
    _bound_by_year(assessor, claims, assessed, shares, cuts)
    return [
        Credited(made, sum(hours for _, hours in made.days), sum(share.values()), _rivals(cut), tuple(cut))
        for made, share, cut in zip(assessed, shares, cuts, strict=True)
    ]


def _rivals(cuts: Sequence[Cut]) -> tuple[int, ...]:
    return tuple(sorted({rival for cut in cuts for rival in cut.rivals}))


def _bound_by_year(
    assessor: Assessor,
    claims: Sequence[Claim],
    assessed: Sequence[Assessment],
    shares: Sequence[dict[date, int]],
    cuts: Sequence[list[Cut]],
) -> None:
    """Cut what the items of one form and kind add up to in a year down to that form's cap."""
    used: dict[tuple[str, str, str], dict[int, int]] = {}
    for place, claim in enumerate(claims):
        cap = assessor.year_cap_of(claim)
        if cap is None or not shares[place]:
            continue
        for day in sorted(shares[place]):
            year = assessed[place].credit_year or assessor.period_of(day)
            key = (claim.learning_form, claim.subject_kind, year)
            before: Mapping[int, int] = used.setdefault(key, {})
            left = max(0, cap - sum(before.values()))
            if shares[place][day] > left:
                rivals = tuple(each for each in before if each != place)
                cuts[place].append(Cut(day, year, cap, cap - left, rivals, shares[place][day], left))
                shares[place][day] = left
            used[key][place] = before.get(place, 0) + shares[place][day]
