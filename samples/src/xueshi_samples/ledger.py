"""What hours come to: credited under the day's cap where there is one (FJ-03), reckoned from what was meant."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from xueshi_samples.draft import Draft
from xueshi_samples.model import SubjectKind
from xueshi_samples.rules import DAY_CAP_CENTIHOURS, awaits_employer, is_day_capped

_PersonDay = tuple[str, date]
_Kinds = dict[SubjectKind, int]


@dataclass(slots=True)
class YearTotals:
    """One person's centihours by kind, and what the cap left out; a kind without any is left out.

    Credited are stamped and waiting ones, within reach those that are stamped or wait for an authority.
    """

    credited: _Kinds = field(default_factory=dict)
    within_reach: _Kinds = field(default_factory=dict)
    stamped: _Kinds = field(default_factory=dict)
    uncredited: int = 0


def year_totals(drafts: Iterable[Draft]) -> dict[str, YearTotals]:
    """Return each person's totals over the records that stand; held ones take no hours of a day.

    Raises:
        ValueError: a day beyond the cap mixes kinds or forms, so that its credits would depend on the order of arrival.
    """
    totals: dict[str, YearTotals] = defaultdict(YearTotals)
    days: dict[_PersonDay, list[tuple[Draft, int]]] = defaultdict(list)
    for draft in drafts:
        if draft.live and draft.fate in {"stamped", "queued"}:
            for day, centihours in draft.worth:
                days[draft.learner.person.id, day].append((draft, centihours))
    for (person, day), there in days.items():
        is_capped = any(is_day_capped(draft.employment.region, draft.course.kind) for draft, _ in there)
        excess = max(0, sum(centihours for _, centihours in there) - DAY_CAP_CENTIHOURS) if is_capped else 0
        if excess and len({(draft.course.kind, draft.form) for draft, _ in there}) > 1:
            message = f"{person} on {day}: competing records differ in kind or form"
            raise ValueError(message)
        _credit(totals[person], there, excess)
    return totals


def _credit(totals: YearTotals, there: list[tuple[Draft, int]], excess: int) -> None:
    totals.uncredited += excess
    for draft, centihours in there:
        credited, excess = max(0, centihours - excess), max(0, excess - centihours)
        kind = draft.course.kind
        _add(totals.credited, kind, credited)
        if draft.fate == "stamped":
            _add(totals.stamped, kind, credited)
        if draft.fate == "stamped" or not awaits_employer(kind, draft.employment):
            _add(totals.within_reach, kind, credited)


def _add(kinds: _Kinds, kind: SubjectKind, centihours: int) -> None:
    if centihours:
        kinds[kind] = kinds.get(kind, 0) + centihours
