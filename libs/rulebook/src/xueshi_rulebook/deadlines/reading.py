"""Reading the section ``deadlines``, with refusal of what cannot be meant."""

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Final, cast

from xueshi_rulebook.deadlines.model import (
    EVENTS,
    FILERS,
    MEANINGS,
    UNITS,
    Barred,
    Consequence,
    Counted,
    DeadlineRule,
    Event,
    EventDay,
    Filers,
    Meaning,
    MonthEnd,
    OnDate,
    Reckoning,
    Relief,
    Start,
    Unit,
)
from xueshi_rulebook.model import Basis, Rule, Text
from xueshi_rulebook.reading import BASIS_KEYS, VALIDITY_KEYS, read_basis, read_rule, read_span_within, read_text
from xueshi_rulebook.workdays import CHANNELS, Channel
from xueshi_rulebook.yamlsource import Value

_MOST: Final[Mapping[Unit, int]] = {"days": 366, "working_days": 250, "months": 120, "years": 50}
_MONTHS: Final = 12
_MOST_YEARS_LATER: Final = 10
_SHAPES: Final = (*UNITS, "date", "month_end", "set_by")
_NO_CHANNEL: Final[tuple[Channel, None]] = ("none", None)
_ACTS: Final = ("act", "learning")
_CODED: Final = ("early", "late", "filers")


def read_deadlines(section: Value, rules: Mapping[str, Rule]) -> Mapping[str, DeadlineRule]:
    """Read the deadlines by code."""
    found: dict[str, DeadlineRule] = {}
    for item in section.items():
        deadline = _read_deadline(item, rules)
        if deadline.code in found:
            item.fail(f"deadline {deadline.code!r} is repeated")
        found[deadline.code] = deadline
    return MappingProxyType(found)


def check_codes(section: Value, catalogue: Collection[str]) -> None:
    """Refuse a code that the guidance catalogue lacks."""
    for value in _codes(section):
        value.choice(catalogue)


def _codes(section: Value) -> Iterator[Value]:
    for item in section.items():
        entries = item.entries()
        yield from (entries[key].entries()["code"] for key in _CODED if key in entries)


def _read_deadline(item: Value, rules: Mapping[str, Rule]) -> DeadlineRule:
    fields = item.fields(
        ("code", "rule", "name"),
        (
            *VALIDITY_KEYS,
            "clause",
            "event",
            "act",
            "start",
            "opens",
            "barred",
            "due",
            "also_due",
            "by",
            "early",
            "late",
            "filers",
            "exceptions",
            "lapses",
        ),
    )
    rule = read_rule(fields["rule"], rules)
    barred = _read_barred(fields["barred"]) if "barred" in fields else None
    channel, channel_basis = _read_channel(fields["by"]) if "by" in fields else _NO_CHANNEL
    deadline = DeadlineRule(
        code=fields["code"].text(),
        name=read_text(fields["name"]),
        rule=rule,
        clause=fields["clause"].text() if "clause" in fields else "",
        event=cast("Event", fields["event"].choice(EVENTS)) if "event" in fields else None,
        of_learning="act" in fields and fields["act"].choice(_ACTS) == "learning",
        span=read_span_within(item, fields, rule),
        opens=_read_reckoning(fields["opens"]) if "opens" in fields else None,
        barred=barred,
        due=_read_reckoning(fields["due"]) if "due" in fields else None,
        also_due=_read_reckoning(fields["also_due"]) if "also_due" in fields else None,
        channel=channel,
        channel_basis=channel_basis,
        early=_read_consequence(fields["early"], rule, rules) if "early" in fields else None,
        late=_read_consequence(fields["late"], rule, rules) if "late" in fields else None,
        filers=_read_filers(fields["filers"], rule, rules) if "filers" in fields else None,
        reliefs=_read_reliefs(fields["exceptions"], rule, rules) if "exceptions" in fields else (),
        start=_read_start(fields["start"]) if "start" in fields else None,
        lapses=_read_lapses(fields["lapses"], rule) if "lapses" in fields else None,
    )
    _check(item, deadline)
    return deadline


def _check(item: Value, deadline: DeadlineRule) -> None:
    """Refuse a deadline whose parts do not belong together."""
    opens, barred, due = deadline.opens, deadline.barred, deadline.due
    if due is None and opens is None and barred is None:
        item.fail("a deadline has one of due, opens, barred")
    if deadline.also_due is not None and due is None:
        item.fail("also_due comes with due")
    if opens is not None and barred is not None:
        item.fail("opens and barred exclude each other")
    if (deadline.early is None) != (opens is None and barred is None):
        item.fail("early comes with opens or barred")
    if (deadline.late is None) != (due is None) or (deadline.channel_basis is None) != (due is None):
        item.fail("due, by and late come together")
    counted = barred is not None or any(each is not None and not isinstance(each, OnDate) for each in (opens, due))
    if counted != (deadline.event is not None):
        item.fail("event stands exactly where something is counted from it")
    if opens is not None and due is not None and _is_never_open(opens, due):
        item.fail("it opens after it is due")
    if isinstance(due, OnDate) and due.day < deadline.span.first:
        item.fail(f"it is due on {due.day}, before it is in force")
    for relief in deadline.reliefs:
        if (barred is None) if relief.years == 0 else (due is None):
            item.fail("an exception lifts what is barred or extends what is due")
    codes = [code for relief in deadline.reliefs for code in relief.reasons]
    if len(codes) != len(set(codes)):
        item.fail("a reason stands in two exceptions")


def _is_never_open(opens: Reckoning, due: Reckoning) -> bool:
    """Tell whether the first day comes after the last one; never so where only the calendar could tell."""
    if isinstance(opens, OnDate) and isinstance(due, OnDate):
        return opens.day > due.day
    if not (isinstance(opens, Counted) and isinstance(due, Counted)):
        return False
    if opens.is_before != due.is_before:
        return due.is_before
    further = opens.number < due.number if due.is_before else opens.number > due.number
    return opens.unit == due.unit and further


def _read_reckoning(value: Value) -> Reckoning:
    present = [key for key in value.entries() if key in _SHAPES]
    if len(present) != 1:
        value.fail(f"exactly one of {', '.join(_SHAPES)} is expected")
    shape = present[0]
    if shape in UNITS:
        return _read_counted(value, shape)
    if shape == "month_end":
        fields = value.fields(("month_end",), ("years_later", *BASIS_KEYS))
        later = fields["years_later"].integer(1, _MOST_YEARS_LATER) if "years_later" in fields else 0
        return MonthEnd(fields["month_end"].integer(1, _MONTHS), later, read_basis(value, fields))
    fields = value.fields((shape,), BASIS_KEYS)
    basis = read_basis(value, fields)
    if shape == "date":
        return OnDate(fields["date"].day(), basis)
    fields["set_by"].choice(("authority",))
    return EventDay(basis)


def _read_counted(value: Value, unit: Unit) -> Counted:
    fields = value.fields((unit, "side"), ("first_day", *BASIS_KEYS))
    is_before = fields["side"].choice(("before", "after")) == "before"
    first_day, first_day_basis = _read_first_day(fields["first_day"]) if "first_day" in fields else (None, None)
    if is_before and unit in ("months", "years"):
        value.fail("months and years are counted after an event only")
    number = fields[unit].integer(1, _MOST[unit])
    return Counted(number, unit, is_before, first_day, read_basis(value, fields), first_day_basis)


def _read_first_day(value: Value) -> tuple[bool, Basis]:
    """Read ``{counted: true, …}`` with what it rests on."""
    fields = value.fields(("counted",), BASIS_KEYS)
    return fields["counted"].flag(), read_basis(value, fields)


def _read_barred(value: Value) -> Barred:
    if "ever" in value.entries():
        fields = value.fields(("ever",), BASIS_KEYS)
        if not fields["ever"].flag():
            value.fail("ever is true or absent")
        return Barred(None, read_basis(value, fields))
    period = _read_reckoning(value)
    if not isinstance(period, Counted) or period.is_before:
        value.fail("a bar is counted after its event, or stands for ever")
    return Barred(period, period.basis)


def _read_channel(value: Value) -> tuple[Channel, Basis]:
    fields = value.fields(("channel",), BASIS_KEYS)
    return cast("Channel", fields["channel"].choice(CHANNELS)), read_basis(value, fields)


def _read_consequence(value: Value, rule: Rule, rules: Mapping[str, Rule]) -> Consequence:
    fields = value.fields(("means", "code"), ("rule", *BASIS_KEYS))
    own = read_rule(fields["rule"], rules) if "rule" in fields else rule
    means = cast("Meaning", fields["means"].choice(MEANINGS))
    return Consequence(means, fields["code"].text(), own, read_basis(value, fields))


def _read_filers(value: Value, rule: Rule, rules: Mapping[str, Rule]) -> Filers:
    fields = value.fields(("allowed", "code"), ("rule", *BASIS_KEYS))
    own = read_rule(fields["rule"], rules) if "rule" in fields else rule
    return Filers(fields["allowed"].choices(FILERS), fields["code"].text(), own, read_basis(value, fields))


def _read_reliefs(value: Value, rule: Rule, rules: Mapping[str, Rule]) -> tuple[Relief, ...]:
    return tuple(_read_relief(item, rule, rules) for item in value.items())


def _read_relief(item: Value, rule: Rule, rules: Mapping[str, Rule]) -> Relief:
    fields = item.fields(("reasons",), ("years", "lifts", "rule", *BASIS_KEYS))
    if ("years" in fields) == ("lifts" in fields):
        item.fail("an exception either adds years or lifts")
    if "lifts" in fields and not fields["lifts"].flag():
        item.fail("lifts is true or absent")
    years = fields["years"].integer(1, _MOST["years"]) if "years" in fields else 0
    reasons: dict[str, Text] = {code: read_text(name) for code, name in fields["reasons"].entries().items()}
    own = read_rule(fields["rule"], rules) if "rule" in fields else rule
    return Relief(MappingProxyType(reasons), years, own, read_basis(item, fields))


def _read_start(value: Value) -> Start:
    fields = value.fields(("date",), BASIS_KEYS)
    return Start(fields["date"].day(), read_basis(value, fields))


def _read_lapses(value: Value, rule: Rule) -> Basis:
    if rule.valid_to is None:
        value.fail(f"{rule.id} has no end, so nothing lapses with it")
    return read_basis(value, value.fields((), BASIS_KEYS))
