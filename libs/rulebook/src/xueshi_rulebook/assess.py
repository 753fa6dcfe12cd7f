"""What one record of learning is worth: registered, held or rejected, on which days, how registered."""

from datetime import date, timedelta
from typing import Final, Literal, NamedTuple

from xueshi_rulebook.dated import Dated
from xueshi_rulebook.forms import Form, Forms, Registration
from xueshi_rulebook.providers import BaseScope, Provider

Days = tuple[tuple[date, int], ...]

_ONE_DAY: Final = timedelta(days=1)


class Claim(NamedTuple):
    """One record as claimed. Hours are centihours; exactly one of ``learned_days`` and ``learned_range`` is given.

    ``class_plan_confirmed_by`` is the kind of the authority ("hrss" or "industry") that confirmed the class plan
    on the platform beforehand, None without a confirmed plan (FJ-05).
    """

    subject_kind: str
    learning_form: str
    learned_days: Days | None
    learned_range: tuple[date, date] | None
    centihours: int
    passed: bool
    employer_region: str
    provider: Provider | None
    class_plan_confirmed_by: str | None


class Assessment(NamedTuple):
    """The outcome. ``code`` is empty when registered, else a code of the guidance catalogue.

    ``days`` are the centihours claimed on each day, each day once and in order, before the day's cap is shared
    out. A record held for its provider carries days and registration too, as they stand once it is released; any
    other record that is not registered carries no days.
    """

    outcome: Literal["registered", "held", "rejected"]
    code: str
    registration: Registration
    days: Days
    day_cap_exempt: bool
    rule_ids: tuple[str, ...]


class RecordRules(NamedTuple):
    """What every record must satisfy: the rule of the five items (FJ-07) and the longest span of one record."""

    rule_id: str
    longest_days: int


class _Plan(NamedTuple):
    """One form for one kind, ready to use. ``rule_ids`` is indexed by whether the base scope and a plan applied."""

    registration: Registration
    is_computed: bool
    base_scope_tested: bool
    day_cap_exempt: bool
    plan_confirmer: str | None
    rule_ids: tuple[tuple[tuple[str, ...], tuple[str, ...]], tuple[tuple[str, ...], tuple[str, ...]]]


class AssessorData(NamedTuple):
    """The parts of a jurisdiction that assessing needs; ``in_force_from`` is the first day on which they hold."""

    forms: Forms
    record: RecordRules
    day_cap: Dated[int]
    day_cap_rule_id: str
    base_scope: BaseScope
    in_force_rule_id: str
    in_force_from: date


class Assessor:
    """A jurisdiction's forms, compiled into one table by form and kind. Equal claims get equal answers."""

    __slots__ = ("_data", "_plans")

    def __init__(self, data: AssessorData) -> None:
        """Compile the forms."""
        self._data = data
        self._plans = {
            (form.code, kind): _compile(form, kind, data) for form in data.forms.by_code.values() for kind in form.kinds
        }

    def assess(self, claim: Claim) -> Assessment:
        """Return what the record is worth. Faults of the record come first, then holds."""
        plan = self._plans.get((claim.learning_form, claim.subject_kind))
        if plan is None:
            return _stopped("rejected", "FIELD_INVALID", self._data.forms.rule_id)
        fault = _fault(claim, self._data.record.longest_days)
        if fault:
            return _stopped("rejected", fault, self._data.record.rule_id)
        if claim.learned_range is None:
            days = _in_order(claim.learned_days or ())
            first = days[0][0]
        else:
            days, first = (), claim.learned_range[0]
        if first < self._data.in_force_from:
            return _stopped("held", "BEFORE_RULES", self._data.in_force_rule_id)
        if not plan.is_computed:
            return _stopped("held", "FORM_UNSUPPORTED", self._data.forms.rule_id)
        if claim.learned_range is not None:
            days = self._fill(claim.learned_range, claim.centihours)
        return self._credit(claim, plan, days)

    def _credit(self, claim: Claim, plan: _Plan, days: Days) -> Assessment:
        """Register a sound record, or hold it for its provider."""
        provider = claim.provider
        planned = plan.plan_confirmer is not None and plan.plan_confirmer == claim.class_plan_confirmed_by
        tested = plan.base_scope_tested and provider is not None and provider.acts_as_base
        code = ""
        if provider is None:
            code = "PLATFORM_UNKNOWN"
        elif tested and not self._data.base_scope.includes(provider, claim.employer_region):
            code = "OUT_OF_SCOPE"
        return Assessment(
            "held" if code else "registered",
            code,
            "automatic" if planned else plan.registration,
            days,
            plan.day_cap_exempt,
            plan.rule_ids[tested][planned],
        )

    def _fill(self, span: tuple[date, date], centihours: int) -> Days:
        """Fill a range from its earliest day up to each day's cap.

        What does not fit stays on the last day, where it shows as uncredited. The loop is bounded by the longest
        span of a record, which ``_fault`` has checked.
        """
        day, last = span
        left = centihours
        days: list[tuple[date, int]] = []
        while day < last and left > 0:
            taken = min(self._data.day_cap.on(day), left)
            days.append((day, taken))
            left -= taken
            day += _ONE_DAY
        if left > 0:
            days.append((last, left))
        return tuple(days)


def _compile(form: Form, kind: str, data: AssessorData) -> _Plan:
    base = (data.forms.rule_id, data.record.rule_id, data.day_cap_rule_id)
    scope, plan = (data.base_scope.rule_id,), (data.forms.plan_rule_id,)
    return _Plan(
        registration=form.registration,
        is_computed=form.shape is not None,
        base_scope_tested=form.base_scope_tested,
        day_cap_exempt=form.day_cap_exempt,
        plan_confirmer=form.plan_confirmers.get(kind),
        rule_ids=((base, base + plan), (base + scope, base + scope + plan)),
    )


def _stopped(outcome: Literal["held", "rejected"], code: str, rule_id: str) -> Assessment:
    return Assessment(outcome, code, "submitted", (), day_cap_exempt=False, rule_ids=(rule_id,))


def _in_order(listed: Days) -> Days:
    """Return each day once and in order; a day that is listed twice has its hours added up."""
    previous = date.min
    for day, _ in listed:
        if day <= previous:
            break
        previous = day
    else:
        return listed
    merged: dict[date, int] = {}
    for day, centihours in listed:
        merged[day] = merged.get(day, 0) + centihours
    return tuple(sorted(merged.items()))


def _fault(claim: Claim, longest_days: int) -> str:
    """Return the code of what is wrong with the record itself, empty if nothing is."""
    listed, span = claim.learned_days, claim.learned_range
    if not listed and span is None:
        return "INCOMPLETE"
    if (listed and span is not None) or claim.centihours <= 0:
        return "FIELD_INVALID"
    by_days = _listed_fault(listed, claim.centihours, longest_days) if listed else ""
    fault = by_days if span is None else _range_fault(span, longest_days)
    if fault:
        return fault
    return "" if claim.passed else "NOT_PASSED"


def _listed_fault(listed: Days, centihours: int, longest_days: int) -> str:
    if len(listed) > longest_days:
        return "FIELD_INVALID"
    total = 0
    for _, claimed in listed:
        if claimed <= 0:
            return "FIELD_INVALID"
        total += claimed
    return "" if total == centihours else "HOURS_MISMATCH"


def _range_fault(span: tuple[date, date], longest_days: int) -> str:
    first, last = span
    return "" if 0 <= (last - first).days < longest_days else "FIELD_INVALID"
