"""The section ``deadlines`` as read: what is counted from which event, and what follows."""

from collections.abc import Mapping
from datetime import date
from typing import Final, Literal, NamedTuple, get_args

from xueshi_rulebook.dated import Span
from xueshi_rulebook.model import Basis, Rule, Text
from xueshi_rulebook.workdays import Channel

Event = Literal[
    "class_start",
    "class_end",
    "learning",
    "filing_checked",
    "cycle_start",
    "year",
    "last_assessment",
    "suspension",
    "rectification",
    "cancellation",
    "forgery",
]
"""From what a deadline counts. "year" is a year's last day, of which any day may be named; "rectification" the day that
the authority set."""
EVENTS: Final[tuple[Event, ...]] = get_args(Event)

Unit = Literal["days", "working_days", "months", "years"]
UNITS: Final[tuple[Unit, ...]] = get_args(Unit)

Meaning = Literal["warning", "refused", "waived", "alert", "cancelled", "barred"]
MEANINGS: Final[tuple[Meaning, ...]] = get_args(Meaning)
Outcome = Literal["pending", "not_bound", "accepted"] | Meaning

FILERS: Final = ("person", "employer", "organiser", "authority", "base")


class Counted(NamedTuple):
    """So many units before or after the event.

    ``first_day_counted`` is None where the convention decides; ``first_day_basis`` is what else it rests on, if said.
    """

    number: int
    unit: Unit
    is_before: bool
    first_day_counted: bool | None
    basis: Basis
    first_day_basis: Basis | None = None


class OnDate(NamedTuple):
    """A day that the notice names."""

    day: date
    basis: Basis


class MonthEnd(NamedTuple):
    """The last day of a month of the event's year, or of a later one."""

    month: int
    years_later: int
    basis: Basis


class EventDay(NamedTuple):
    """The event's own day: somebody set it."""

    basis: Basis


Reckoning = Counted | OnDate | MonthEnd | EventDay


class Barred(NamedTuple):
    """A period after the event in which the act is refused; ``period`` is None where it never ends."""

    period: Counted | None
    basis: Basis


class Consequence(NamedTuple):
    """What acting too early or too late means; ``code`` is one of the guidance catalogue."""

    means: Meaning
    code: str
    rule: Rule
    basis: Basis


class Filers(NamedTuple):
    """Who alone may act; anybody else is refused with ``code``."""

    allowed: tuple[str, ...]
    code: str
    rule: Rule
    basis: Basis


class Relief(NamedTuple):
    """Special reasons that, with evidence, add ``years`` to the last day, or lift the bar where ``years`` is 0."""

    reasons: Mapping[str, Text]
    years: int
    rule: Rule
    basis: Basis


class Start(NamedTuple):
    """The day from which an older event is counted."""

    day: date
    basis: Basis


class DeadlineRule(NamedTuple):
    """One deadline, which has ``due``, ``opens`` or ``barred``.

    ``also_due`` is a second last day; the earlier of the two holds.
    ``of_learning`` tells that the day of the act is that of learning.
    ``span`` are the days in force: of the last day at the earliest, of the event at the latest (``is_bound``).
    ``clause`` is where the notice sets it, empty where the parts say so. ``lapses`` is why nothing is due or barred
    after the last of these days, None where what began in them runs on.
    """

    code: str
    name: Text
    rule: Rule
    clause: str
    event: Event | None
    of_learning: bool
    span: Span
    opens: Reckoning | None
    barred: Barred | None
    due: Reckoning | None
    also_due: Reckoning | None
    channel: Channel
    channel_basis: Basis | None
    early: Consequence | None
    late: Consequence | None
    filers: Filers | None
    reliefs: tuple[Relief, ...]
    start: Start | None
    lapses: Basis | None


class DeadlineQuestion(NamedTuple):
    """Which deadline, counted from which event.

    ``event_on`` is None exactly where the notice names the days. ``acted_on`` is the day of the act, None before it;
    ``filed_by`` says who acted, one of FILERS. A special reason counts only ``with_evidence``.
    """

    code: str
    event_on: date | None = None
    acted_on: date | None = None
    filed_by: str | None = None
    special_reason: str | None = None
    with_evidence: bool = False
