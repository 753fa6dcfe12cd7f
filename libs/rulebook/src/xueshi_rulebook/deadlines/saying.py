"""The words of a deadline's answer, with the counting shown."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final, NamedTuple

from xueshi_rulebook.deadlines.model import (
    EVENTS,
    FILERS,
    MEANINGS,
    UNITS,
    Barred,
    Consequence,
    Counted,
    DeadlineQuestion,
    DeadlineRule,
    Filers,
    MonthEnd,
    OnDate,
    Outcome,
    Reckoning,
    Relief,
)
from xueshi_rulebook.deadlines.reckoning import Counting, Days, counts_first_day, has_lapsed
from xueshi_rulebook.explaining import Language, Wording, say, say_grounds
from xueshi_rulebook.model import Basis, Rule
from xueshi_rulebook.workdays import KINDS, Calendar

_ONE_DAY: Final = timedelta(days=1)
WORDING_KEYS: Final = (
    "due", "window", "opens", "never", "unlimited", "not_bound", "start", "counted_before", "counted_after",
    "first_counted", "first_not_counted", "run", "skipped", "separator", "month_end", "on_date", "on_date_read",
    "event_day", "no_such_day", "earlier", "extended", "lifted", "unproven", "moved", "stays", "acted", "learned",
    "filed", "accepted",
    *MEANINGS,
    *(f"unit_{each}" for each in UNITS),
    *(f"event_{each}" for each in EVENTS),
    *(f"filer_{each}" for each in FILERS),
    *(f"kind_{each}" for each in KINDS if each != "working"),
)  # fmt: skip


class Grounds(NamedTuple):
    """What an explanation is rendered from. ``applied`` is what the act met, None where it met nothing."""

    deadline: DeadlineRule
    question: DeadlineQuestion
    days: Days
    relief: Relief | None
    applied: Consequence | Filers | None
    outcome: Outcome
    rules: tuple[Rule, ...]
    counting: Counting
    wording: Wording


def explain(grounds: Grounds, language: Language) -> str:
    """Return the explanation, one statement a line."""
    teller = _Teller(grounds, language)
    lines = [*teller.heading()]
    if grounds.outcome != "not_bound":
        lines += [*teller.counting(), *teller.relief(), *teller.moving(), *teller.act()]
    return "\n".join([*lines, *say_grounds(grounds.wording, grounds.rules, teller.bases(), language)])


def bases_of(grounds: Grounds) -> tuple[Basis, ...]:
    """Return what the parts that were used rest on."""
    return tuple(_Teller(grounds, "zh").bases())


class _Teller:
    """One explanation in one language; each method yields some of its lines."""

    __slots__ = ("_days", "_deadline", "_grounds", "_language")

    def __init__(self, grounds: Grounds, language: Language) -> None:
        self._grounds = grounds
        self._deadline = grounds.deadline
        self._days = grounds.days
        self._language: Language = language

    def _say(self, key: str, **words: object) -> str:
        return say(self._grounds.wording["deadline"], key, self._language, **words)

    def _event(self) -> str:
        return self._say(f"event_{self._deadline.event}")

    def heading(self) -> Iterator[str]:
        days, name = self._days, self._name()
        if self._grounds.outcome == "not_bound":
            yield self._say("not_bound", name=name, event=self._event(), day=days.start)
        elif days.due_on is None:
            yield self._say(self._open_ended(), name=name, opens=days.opens_on)
        else:
            key = "due" if days.opens_on is None else "window"
            yield self._say(key, name=name, opens=days.opens_on, due=days.due_on)

    def _name(self) -> str:
        name, clause = self._deadline.name.within(self._language), self._deadline.clause
        if not clause:
            return name
        return name + say(self._grounds.wording["conditions"], "clause", self._language, clause=clause)

    def _open_ended(self) -> str:
        if self._days.opens_on is not None:
            return "opens"
        return "never" if self._grounds.applied is not None else "unlimited"

    def counting(self) -> Iterator[str]:
        deadline, days = self._deadline, self._days
        if self._starts_later():
            yield self._say("start", event=self._event(), start=days.start)
        if days.opens_on is not None:
            if deadline.opens is not None:
                yield from self._reckoned(deadline.opens, days.opens_on)
            if deadline.barred is not None and deadline.barred.period is not None:
                yield from self._reckoned(deadline.barred.period, days.opens_on - _ONE_DAY)
        for last in days.lasts:
            yield from self._reckoned(last.reckoning, last.counted_to)
        if len(days.lasts) > 1:
            yield self._say("earlier", due=days.due_on)

    def _reckoned(self, reckoning: Reckoning, day: date) -> Iterator[str]:
        start = self._days.start
        if isinstance(reckoning, OnDate):
            yield self._say("on_date" if reckoning.basis.kind == "clause" else "on_date_read", day=day)
        elif isinstance(reckoning, Counted) and start is not None:
            yield from self._counted(reckoning, start, day)
        elif isinstance(reckoning, MonthEnd):
            words = {"year": day.year, "month": day.month, "day": day}
            yield self._say("month_end", event=self._event(), start=start, **words)
        else:
            yield self._say("event_day", event=self._event(), day=day)

    def _counted(self, counted: Counted, start: date, day: date) -> Iterator[str]:
        first_day = counts_first_day(counted, self._grounds.counting.convention)
        yield self._say(
            "counted_before" if counted.is_before else "counted_after",
            event=self._event(),
            start=start,
            number=counted.number,
            unit=self._say(f"unit_{counted.unit}"),
            first=self._say("first_counted" if first_day else "first_not_counted"),
            day=day,
        )
        if counted.unit == "working_days":
            yield from self._working_days(start, day)
        elif counted.unit in ("months", "years") and not first_day and day.day != start.day:
            yield self._say("no_such_day")

    def _working_days(self, start: date, day: date) -> Iterator[str]:
        """Show each day between the event and the day reached: those counted, then those passed over."""
        step = _ONE_DAY if day > start else -_ONE_DAY
        between = [start + each * step for each in range(1, abs((day - start).days) + 1)]
        separator = self._say("separator")
        for key, is_counted in (("run", True), ("skipped", False)):
            shown = [self._named(each) for each in between if self._calendar.is_working_day(each) == is_counted]
            if shown:
                yield self._say(key, days=separator.join(shown))

    @property
    def _calendar(self) -> Calendar:
        return self._grounds.counting.calendar

    def _named(self, day: date) -> str:
        kind = self._calendar.kind(day)
        return f"{day:%m-%d}" if kind == "working" else f"{day:%m-%d}{self._say(f'kind_{kind}')}"

    def relief(self) -> Iterator[str]:
        relief, question = self._grounds.relief, self._grounds.question
        if relief is None or question.special_reason is None:
            return
        reason = relief.reasons[question.special_reason].within(self._language)
        if not question.with_evidence:
            yield self._say("unproven", reason=reason)
        else:
            yield self._say("extended" if relief.years else "lifted", reason=reason, years=relief.years)

    def _is_off(self) -> bool:
        """Tell whether the last day, before any move, is known to be no working day."""
        day = self._days.counted_to
        return day is not None and self._calendar.knows(day.year) and not self._calendar.is_working_day(day)

    def moving(self) -> Iterator[str]:
        days = self._days
        if days.counted_to is not None and self._is_off():
            key = "stays" if days.counted_to == days.due_on else "moved"
            yield self._say(key, day=self._named(days.counted_to), due=days.due_on)

    def act(self) -> Iterator[str]:
        grounds, question = self._grounds, self._grounds.question
        if isinstance(grounds.applied, Filers):
            yield self._say("filed", filer=self._say(f"filer_{question.filed_by}"))
        elif question.acted_on is not None:
            yield self._say(
                "learned" if self._deadline.of_learning else "acted",
                day=question.acted_on,
                outcome=self._say(grounds.outcome),
            )

    def _starts_later(self) -> bool:
        """Tell whether an older event counts from the day that the data gives."""
        start, event_on = self._deadline.start, self._grounds.question.event_on
        return start is not None and event_on is not None and event_on < start.day

    def bases(self) -> list[Basis]:
        """Return what the parts that were used rest on."""
        deadline, days, convention = self._deadline, self._days, self._grounds.counting.convention
        if self._grounds.outcome == "not_bound":
            is_over = days.start is not None and days.start > deadline.span.last
            if is_over or has_lapsed(deadline, days, self._grounds.question.acted_on):
                return [] if deadline.lapses is None else [deadline.lapses]
            return [convention.retroactive_basis]
        is_barred = days.opens_on is not None or self._grounds.applied is not None
        reckonings = [deadline.opens, deadline.barred if is_barred else None, deadline.due, deadline.also_due]
        found = [each.basis for each in reckonings if each is not None]
        periods = [each.period if isinstance(each, Barred) else each for each in reckonings]
        found += [each.first_day_basis or convention.first_day_basis for each in periods if isinstance(each, Counted)]
        if deadline.start is not None and self._starts_later():
            found.append(deadline.start.basis)
        if self._is_off() and deadline.channel_basis is not None:
            found += [deadline.channel_basis, convention.moves_basis]
        if deadline.lapses is not None and self._is_barred_beyond():
            found.append(deadline.lapses)
        return found + [each.basis for each in (self._grounds.relief, self._grounds.applied) if each is not None]

    def _is_barred_beyond(self) -> bool:
        """Tell whether a bar is longer than the rule itself is in force."""
        deadline, opens_on = self._deadline, self._days.opens_on
        if deadline.barred is not None and deadline.barred.period is None:
            return self._grounds.applied is not None
        return opens_on is not None and opens_on - _ONE_DAY > deadline.span.last
