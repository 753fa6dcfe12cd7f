"""What hours come to: the day's cap (FJ-03) and the year's requirement (FJ-01), reckoned from what was meant."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from xueshi_samples.diary import DAY_CAP_CENTIHOURS
from xueshi_samples.draft import Draft
from xueshi_samples.model import SubjectKind

PUBLIC_CENTIHOURS = 3000
PROFESSIONAL_CENTIHOURS = 6000
_PersonDay = tuple[str, date]


def _nothing() -> dict[SubjectKind, int]:
    return {"public": 0, "professional": 0}


@dataclass(slots=True)
class YearTotals:
    """One person's centihours by kind: credited (stamped or waiting), the stamped part, and what the cap left out."""

    credited: dict[SubjectKind, int] = field(default_factory=_nothing)
    stamped: dict[SubjectKind, int] = field(default_factory=_nothing)
    uncredited: int = 0

    @property
    def compliant(self) -> bool:
        """Tell whether the stamped hours meet FJ-01."""
        return self.compliant_without(None, 0)

    def compliant_without(self, kind: SubjectKind | None, centihours: int) -> bool:
        """Tell whether FJ-01 would still be met with so many stamped hours of a kind less."""
        public = self.stamped["public"] - (centihours if kind == "public" else 0)
        professional = self.stamped["professional"] - (centihours if kind == "professional" else 0)
        return public >= PUBLIC_CENTIHOURS and professional >= PROFESSIONAL_CENTIHOURS


def year_totals(drafts: Iterable[Draft]) -> dict[str, YearTotals]:
    """Return each person's totals over the records that stand; held ones take no hours of a day.

    Raises:
        ValueError: a day beyond the cap mixes kinds or forms, so that its credits would depend on the order of arrival.
    """
    totals: dict[str, YearTotals] = defaultdict(YearTotals)
    days: dict[_PersonDay, list[tuple[Draft, int]]] = defaultdict(list)
    for draft in drafts:
        if draft.live and draft.fate in {"stamped", "queued"}:
            for day, centihours in draft.parts:
                days[draft.learner.person.id, day].append((draft, centihours))
    for (person, day), there in days.items():
        excess = max(0, sum(centihours for _, centihours in there) - DAY_CAP_CENTIHOURS)
        if excess and len({(draft.course.kind, draft.form) for draft, _ in there}) > 1:
            message = f"{person} on {day}: competing records differ in kind or form"
            raise ValueError(message)
        _credit(totals[person], there, excess)
    return totals


def _credit(totals: YearTotals, there: list[tuple[Draft, int]], excess: int) -> None:
    totals.uncredited += excess
    for draft, centihours in there:
        credited, excess = max(0, centihours - excess), max(0, excess - centihours)
        totals.credited[draft.course.kind] += credited
        if draft.form == "online":
            totals.stamped[draft.course.kind] += credited
