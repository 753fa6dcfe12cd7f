"""What several records of one person are credited together: the day's cap, and a form's yearly cap (FJ-03, FJ-04)."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from xueshi_rulebook.allocation import allocate
from xueshi_rulebook.assess import Assessment, Assessor
from xueshi_rulebook.claims import Claim


class Credited(NamedTuple):
    """One record among its person's. Hours are centihours.

    ``competing`` are the places, in the order given, of the records that took its hours.
    """

    assessment: Assessment
    claimed: int
    credited: int
    competing: tuple[int, ...]


def credit(assessor: Assessor, claims: Sequence[Claim]) -> list[Credited]:
    """Return what each record is credited, in ledger order: who was registered first keeps the hours.

    A record that is not registered takes nothing. The excess is neither rolled over nor lost sight of.
    """
    assessed = [assessor.assess(claim) for claim in claims]
    shares: list[dict[date, int]] = [{} for _ in claims]
    competing: list[set[int]] = [set() for _ in claims]
    takers: dict[date, list[int]] = {}
    for place, made in enumerate(assessed):
        if made.outcome == "registered":
            for day, _ in made.days:
                takers.setdefault(day, []).append(place)
    for day, places in takers.items():
        claimed = [dict(assessed[place].days)[day] for place in places]
        exempt = [assessed[place].day_cap_exempt for place in places]
        taken = allocate(assessor.day_cap_on(day), claimed, exempt)
        for n, (place, share, wanted) in enumerate(zip(places, taken, claimed, strict=True)):
            shares[place][day] = share
            if share < wanted:
                competing[place].update(
                    other for other, is_exempt in zip(places[:n], exempt, strict=False) if not is_exempt
                )
    _bound_by_year(assessor, claims, assessed, shares, competing)
    return [
        Credited(made, sum(hours for _, hours in made.days), sum(share.values()), tuple(sorted(rivals)))
        for made, share, rivals in zip(assessed, shares, competing, strict=True)
    ]


def _bound_by_year(
    assessor: Assessor,
    claims: Sequence[Claim],
    assessed: Sequence[Assessment],
    shares: Sequence[dict[date, int]],
    competing: Sequence[set[int]],
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
                competing[place].update(each for each in before if each != place)
                shares[place][day] = left
            used[key][place] = before.get(place, 0) + shares[place][day]
