"""The one source of the present moment, injected so that tests, replays and as-of questions can set it."""

from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Tells the time. Every date that decides anything comes from here, from a record or from an event."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        ...

    def today(self) -> date:
        """Return the calendar day in China, on which day caps, deadlines and validity rest."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the machine's present moment, aware, in UTC."""
        return datetime.now(UTC)

    def today(self) -> date:
        """Return the present calendar day in Asia/Shanghai."""
        return datetime.now(CHINA).date()


class FixedClock:
    """A clock that stands still until it is set: for tests and replays."""

    def __init__(self, at: datetime) -> None:
        """Start at `at`, which must be aware."""
        self._at = at

    def now(self) -> datetime:
        """Return the set moment."""
        return self._at

    def today(self) -> date:
        """Return the set moment's calendar day in Asia/Shanghai."""
        return self._at.astimezone(CHINA).date()

    def set(self, at: datetime) -> None:
        """Move the clock to `at`."""
        self._at = at
