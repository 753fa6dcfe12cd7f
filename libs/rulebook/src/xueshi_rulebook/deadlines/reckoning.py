"""From an event to the days that are counted from it, by the one convention."""

from datetime import date, timedelta
from typing import Final, NamedTuple

from xueshi_rulebook.deadlines.model import Counted, DeadlineRule, EventDay, MonthEnd, OnDate, Reckoning, Relief
from xueshi_rulebook.workdays import Calendar, Convention, add_months, month_end

_ONE_DAY: Final = timedelta(days=1)
_MONTHS: Final = 12


class Counting(NamedTuple):
    """What every deadline is counted by."""

    calendar: Calendar
    convention: Convention


class LastDay(NamedTuple):
    """One last day: what was counted, the day reached, and the day that it moves to off days without work."""

    reckoning: Reckoning
    counted_to: date
    due_on: date


class Days(NamedTuple):
    """The days of one deadline. ``counted_to`` is the last day before it moves off a day without work.

    ``start`` is the day counted from, None where the notice names all days. ``opens_on`` and ``due_on`` are None where
    nothing limits that side, and before ``settle``. ``lasts`` are all last days, of which the earliest holds.
    """

    start: date | None
    counted_to: date | None
    opens_on: date | None = None
    due_on: date | None = None
    lasts: tuple[LastDay, ...] = ()


def reckon(deadline: DeadlineRule, event_on: date | None, counting: Counting) -> Days:
    """Return the day counted from and the day counted to, without any exception. Raises UnknownCalendarYearError."""
    start = _start(deadline, event_on)
    return Days(start, None if deadline.due is None else _reach(deadline.due, start, 0, counting))


def is_bound(deadline: DeadlineRule, days: Days, counting: Counting) -> bool:
    """Tell whether the rule was in force by the last day, of a bar too, and still was on the day of the event."""
    if days.start is not None and days.start > deadline.span.last:
        return False
    if counting.convention.binds_retroactively:
        return True
    last = _final_day(deadline, days, counting)
    return last is None or last >= deadline.span.first


def _final_day(deadline: DeadlineRule, days: Days, counting: Counting) -> date | None:
    """Return the last day of what is due or barred; the event where nothing ends."""
    if deadline.barred is None or days.counted_to is not None:
        return days.start if days.counted_to is None else days.counted_to
    period = deadline.barred.period
    return date.max if period is None else _reach(period, days.start, 0, counting)


def has_lapsed(deadline: DeadlineRule, days: Days, acted_on: date | None) -> bool:
    """Tell whether the last day, or the act that is barred, lies after the rule's days, where nothing runs on."""
    end = days.counted_to if deadline.barred is None else acted_on
    return deadline.lapses is not None and end is not None and end > deadline.span.last


def settle(deadline: DeadlineRule, days: Days, relief: Relief | None, counting: Counting) -> Days:
    """Return the first and the last day of a deadline that binds; ``relief`` is an exception that is granted.

    Raises UnknownCalendarYearError.
    """
    opens, barred, due = deadline.opens, deadline.barred, deadline.due
    if opens is not None:
        days = days._replace(opens_on=_reach(opens, days.start, 0, counting))
    if barred is not None and barred.period is not None and (relief is None or relief.years > 0):
        days = days._replace(opens_on=_reach(barred.period, days.start, 0, counting) + _ONE_DAY)
    if due is not None:
        years = 0 if relief is None else relief.years
        each_due = (due,) if deadline.also_due is None else (due, deadline.also_due)
        lasts = tuple(_last_day(each, deadline, days.start, years, counting) for each in each_due)
        _, counted_to, due_on = min(lasts, key=lambda last: last.due_on)
        days = days._replace(counted_to=counted_to, due_on=due_on, lasts=lasts)
    return days


def _last_day(due: Reckoning, deadline: DeadlineRule, start: date | None, years: int, counting: Counting) -> LastDay:
    last = _reach(due, start, years, counting)
    moves = counting.convention.moves[deadline.channel] and not (isinstance(due, Counted) and due.is_before)
    return LastDay(due, last, counting.calendar.next_working_day(last) if moves else last)


def _start(deadline: DeadlineRule, event_on: date | None) -> date | None:
    """Return the day from which to count."""
    if event_on is None:
        return None
    start = month_end(event_on.year, _MONTHS) if deadline.event == "year" else event_on
    return start if deadline.start is None else max(start, deadline.start.day)


def counts_first_day(counted: Counted, convention: Convention) -> bool:
    """Tell whether the event's own day is counted."""
    own = counted.first_day_counted
    return convention.first_day_counted if own is None else own


def _reach(reckoning: Reckoning, event_on: date | None, years: int, counting: Counting) -> date:
    """Return the day reached, ``years`` later where an exception adds them."""
    # Without an event there are only days that the notice names, which load has checked.
    start = date.min if event_on is None else event_on
    if isinstance(reckoning, MonthEnd):
        return month_end(start.year + reckoning.years_later + years, reckoning.month)
    if isinstance(reckoning, OnDate):
        day = reckoning.day
    else:
        day = start if isinstance(reckoning, EventDay) else _count(reckoning, start, counting)
    return add_months(day, years * _MONTHS)


def _count(counted: Counted, start: date, counting: Counting) -> date:
    number, first_day = counted.number, counts_first_day(counted, counting.convention)
    if counted.unit in ("months", "years"):
        end = add_months(start, number * (_MONTHS if counted.unit == "years" else 1))
        # With its first day counted a period ends the day before the corresponding one; where the month has no such
        # day it ends with the month either way.
        return end - _ONE_DAY if first_day and end.day == start.day else end
    step = -_ONE_DAY if counted.is_before else _ONE_DAY
    origin = start - step if first_day else start
    if counted.unit == "days":
        return origin + number * step
    calendar = counting.calendar
    return calendar.before(origin, number) if counted.is_before else calendar.after(origin, number)
