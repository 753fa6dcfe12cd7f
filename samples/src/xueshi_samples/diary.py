"""Which days a person has already learned on, so that hours meet the day's cap only where they are meant to."""

from collections import defaultdict
from datetime import date, timedelta

from xueshi_samples.draft import Draft
from xueshi_samples.rules import DAY_CAP_CENTIHOURS


class Diary:
    """The records that stand on each day of each person."""

    def __init__(self) -> None:
        self._days: dict[tuple[str, date], list[Draft]] = defaultdict(list)

    def enter(self, draft: Draft) -> None:
        """Note a record on each of its days; a range takes all its days, whether hours reach them or not."""
        for day in _days(draft):
            self._days[draft.learner.person.id, day].append(draft)

    def free(self, person: str, day: date) -> bool:
        """Tell whether nothing stands on that day."""
        return (person, day) not in self._days

    def room(self, person: str, day: date) -> int:
        """Return the centihours that still fit under the cap beside what stands there; none beside a range."""
        there = self._days.get((person, day), [])
        if any(draft.as_range for draft in there):
            return 0
        return DAY_CAP_CENTIHOURS - sum(hours for draft in there for on, hours in draft.parts if on == day)

    def alone(self, draft: Draft) -> bool:
        """Tell whether nothing else stands on any of a record's days."""
        return all(self._days[draft.learner.person.id, day] == [draft] for day in _days(draft))


def _days(draft: Draft) -> list[date]:
    first = draft.parts[0][0]
    if draft.as_range:
        return [first + timedelta(days=step) for step in range((draft.range_to - first).days + 1)]
    return [day for day, _ in draft.parts]
