"""A jurisdiction's learning forms with what every record must satisfy, compiled for assessing records."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final, Literal, NamedTuple

from xueshi_rulebook.dated import Dated
from xueshi_rulebook.forms import Docked, Form
from xueshi_rulebook.makeup import MakeUp
from xueshi_rulebook.model import Basis, Rule
from xueshi_rulebook.periods import CalendarYears
from xueshi_rulebook.providers import BaseScope

_ONE_DAY: Final = timedelta(days=1)

Outcome = Literal["registered", "held", "rejected"]


class RecordRules(NamedTuple):
    """What every record must satisfy: the rule of what it gives (FJ-07) and the longest span of one record.

    ``spans`` is what it rests on that a span of days is filled from its first day on, None where nothing says so.
    """

    rule_id: str
    longest_days: int
    basis: Basis
    spans: Basis | None


class DayCap(NamedTuple):
    """The most centihours of one person and day, with its rule (FJ-03)."""

    rule: Rule
    centihours: int
    basis: Basis


class Plan(NamedTuple):
    """One form for one kind in a span of days, ready to use.

    ``rule_ids`` is indexed by whether the base scope was tested and a class plan was confirmed; ``pass_rule_id`` asks
    for a pass, empty where nothing does.
    """

    first: date
    last: date
    form: Form
    record_rule_id: str
    longest_days: int
    pass_rule_id: str
    counts_days: bool
    flags: tuple[str, ...]
    rule_ids: tuple[tuple[tuple[str, ...], tuple[str, ...]], tuple[tuple[str, ...], tuple[str, ...]]]


class InForce(NamedTuple):
    """The first day of the rules, and what becomes of earlier learning: its outcome and a code of the guidance.

    ``across`` is on what it rests that a record which began before is stopped whole, None where the data say nothing.
    Learning of which the fact ``spared`` is declared is held for a person all the same, by ``spared_rule_id`` too.
    """

    rule_id: str
    first: date
    outcome: Outcome
    code: str
    bases: tuple[Basis, ...]
    across: Basis | None
    spared: str = ""
    spared_rule_id: str = ""


class AssessorData(NamedTuple):
    """The parts of a jurisdiction that assessing needs; ``record`` is by subject kind."""

    forms: Sequence[Form]
    docked: Docked | None
    record: Mapping[str, Dated[RecordRules]]
    day_cap: Dated[DayCap]
    base_scope: BaseScope | None
    make_ups: tuple[MakeUp, ...]
    in_force: InForce
    period: CalendarYears


def compile_form(form: Form, kind: str, data: AssessorData) -> Iterable[Plan]:
    """Yield the form's plans: one for each span in which neither the record's rules nor the day's cap change."""
    starts = {form.span.first}
    records = data.record[kind]
    for span, _ in (*records.entries(), *data.day_cap.entries()):
        starts.update({span.first, span.last + _ONE_DAY} if span.last < date.max else {span.first})
    ordered = sorted(day for day in starts if form.span.includes(day))
    for n, first in enumerate(ordered):
        last = ordered[n + 1] - _ONE_DAY if n + 1 < len(ordered) else form.span.last
        record = records.find(first)
        if record is None:
            continue
        cap = data.day_cap.find(first)
        passing = form.passing.rule.id if form.passing else record.rule_id
        base = tuple(dict.fromkeys((form.rule_id, record.rule_id, passing))) + ((cap.rule.id,) if cap else ())
        scope = (data.base_scope.rule_id,) if data.base_scope else ()
        plan = (form.class_plan.rule_id,) if form.class_plan else ()
        yield Plan(
            first=first,
            last=last,
            form=form,
            record_rule_id=record.rule_id,
            longest_days=record.longest_days,
            pass_rule_id="" if form.passing and not form.passing.is_required else passing,
            counts_days=form.worth is None or form.worth.counts_days,
            flags=tuple(each.code for each in form.flags),
            rule_ids=((base, base + plan), (base + scope, base + scope + plan)),
        )
