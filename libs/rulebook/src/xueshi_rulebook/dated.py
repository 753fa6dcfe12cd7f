"""Values with validity dates: at most one is in force on any day."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Final, Generic, NamedTuple, TypeVar

from xueshi_rulebook.errors import NotInForceError

T = TypeVar("T")

_ONE_DAY: Final = timedelta(days=1)


class Span(NamedTuple):
    """Days in force, both ends included; open ends are ``date.min`` and ``date.max``."""

    first: date
    last: date

    def overlaps(self, other: "Span") -> bool:
        """Tell whether a day lies in both."""
        return self.first <= other.last and other.first <= self.last

    def includes(self, day: date) -> bool:
        """Tell whether a day lies in it."""
        return self.first <= day <= self.last


ALWAYS: Final = Span(date.min, date.max)


def first_gap(spans: Iterable[Span]) -> Span | None:
    """Return the first days that lie between two of the spans, which do not overlap; None where there are none."""
    for earlier, later in pairwise(sorted(spans)):
        if later.first - earlier.last > _ONE_DAY:
            return Span(earlier.last + _ONE_DAY, later.first - _ONE_DAY)
    return None


class Dated(Generic[T]):
    """A parameter's values by day. Built once at load from spans that do not overlap."""

    __slots__ = ("_entries", "_what")

    def __init__(self, what: str, entries: Sequence[tuple[Span, T]]) -> None:
        """Keep the entries in order of time; ``what`` names the parameter in errors."""
        self._what = what
        self._entries = tuple((span.first, span.last, value) for span, value in sorted(entries, key=lambda e: e[0]))

    def on(self, day: date) -> T:
        """Return the value in force on ``day``; raises NotInForceError."""
        value = self.find(day)
        if value is None:
            raise NotInForceError(self._what, day)
        return value

    def find(self, day: date) -> T | None:
        """Return the value in force on ``day``, None where there is none."""
        for first, last, value in self._entries:
            if first <= day <= last:
                return value
        return None

    def entries(self) -> Iterator[tuple[Span, T]]:
        """Yield every value with its days, in order of time."""
        return ((Span(first, last), value) for first, last, value in self._entries)

    def covers_from(self, day: date) -> bool:
        """Tell whether a value is in force on every day from ``day`` on."""
        expected = day
        for first, last, _ in self._entries:
            if first <= expected <= last:
                if last == date.max:
                    return True
                expected = last + _ONE_DAY
        return False

    def __iter__(self) -> Iterator[T]:
        """Yield every value in order of time."""
        return (value for _, _, value in self._entries)
