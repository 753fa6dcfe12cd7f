"""What one record of learning is worth: registered, held or rejected, on which days, how registered.

Two shapes compute hours: those claimed, day by day, and those that a table fixes (`worth.py`). A record as a training
platform pushes it takes the short way: two look-ups and its days.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final, NamedTuple

from xueshi_rulebook import divisions
from xueshi_rulebook.claims import PUSHED, Claim, Days
from xueshi_rulebook.errors import UnknownDivisionError
from xueshi_rulebook.forms import Docked, Form, Network, Registration
from xueshi_rulebook.learning_days import days_of, fill, in_order, last_learned, span_of, spread
from xueshi_rulebook.makeup import find_make_up
from xueshi_rulebook.model import Basis
from xueshi_rulebook.plans import AssessorData, Outcome, Plan, compile_form
from xueshi_rulebook.providers import Provider
from xueshi_rulebook.recordfaults import fault_of_days, fault_of_table
from xueshi_rulebook.unmet import first_unmet
from xueshi_rulebook.worth import Counted, Worth, count, lacks_amount, within_nominal_length

_PROVIDED: Final = ("platform", "organiser")
"""Submitters that must be known as providers of training."""


class Assessment(NamedTuple):
    """The outcome. ``code`` is empty when registered, else a code of the guidance catalogue.

    ``days`` are the centihours claimed on each day, each day once and in order, before the day's cap is shared
    out. A record held for its provider carries days and registration too, as they stand once it is released; any
    other record that is not registered carries no days. ``credit_year`` is named only where it is not that of the
    days. ``missing`` names what is lacking, ``flags`` what a person should look at.
    """

    outcome: Outcome
    code: str
    registration: Registration
    days: Days
    day_cap_exempt: bool
    rule_ids: tuple[str, ...]
    credit_year: str = ""
    missing: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


class Assessor:
    """A jurisdiction's forms, compiled into one table by form and kind. Equal claims get equal answers."""

    __slots__ = ("_listing_rule_id", "_plans", "data")

    def __init__(self, data: AssessorData) -> None:
        """Compile the forms."""
        self.data = data
        self._listing_rule_id = data.forms[-1].rule_id
        self._plans: dict[tuple[str, str], list[Plan]] = {}
        for form in data.forms:
            for kind in form.kinds:
                self._plans.setdefault((form.code, kind), []).extend(compile_form(form, kind, data))

    def plan_for(self, claim: Claim) -> Plan | None:
        """Return the form's plan on the last day of learning (or the day earned), None where there is none."""
        plans = self.plans_for(claim)
        return _plan_on(plans, self.span_of(claim)[1]) if plans else None

    def plans_for(self, claim: Claim) -> Sequence[Plan]:
        """Return the plans of the claim's form and kind, whenever in force; none where there is no such form."""
        return self._plans.get((claim.learning_form, claim.subject_kind), ())

    def span_of(self, claim: Claim) -> tuple[date, date]:
        """Return the first and the last day that decide on a claim whose form and kind are known."""
        listed = in_order(claim.learned_days) if claim.learned_days else ()
        return span_of(claim, listed, counts_days=self.plans_for(claim)[-1].counts_days)

    def day_cap_on(self, day: date) -> int | None:
        """Return the most centihours of one person on a day, None without a cap (FJ-03)."""
        cap = self.data.day_cap.find(day)
        return None if cap is None else cap.centihours

    def filling_of(self, claim: Claim) -> Basis | None:
        """Return what it rests on how a span's hours are put on its days; None where the record lists them."""
        span = claim.learned_range
        if span is None or span[0] == span[1]:
            return None
        record = self.data.record[claim.subject_kind].find(span[0])
        return None if record is None else record.spans

    def period_of(self, day: date) -> str:
        """Return the credit year of a day."""
        return self.data.period.period_of(day)

    def year_cap_of(self, claim: Claim) -> int | None:
        """Return the most centihours of the claim's form and kind in a year, None without a cap (FJ-04, 6 and 8)."""
        plan = self.plan_for(claim)
        return None if plan is None or plan.form.worth is None else plan.form.worth.cap_of_year(claim)

    def assess(self, claim: Claim) -> Assessment:
        """Return what the record is worth. Faults of the record come first, then holds."""
        plans = self._plans.get((claim.learning_form, claim.subject_kind))
        if plans is None:
            day = last_learned(claim)
            listed_by = self._listed_by(day, claim.learning_form) or self._listing_rule_id
            return _stopped("rejected", "FIELD_INVALID", (listed_by,))
        listed = in_order(claim.learned_days) if claim.learned_days else ()
        first, last = span_of(claim, listed, counts_days=plans[-1].counts_days)
        plan = _plan_on(plans, last)
        shown = plan or plans[-1]
        fault = (
            fault_of_table(claim, shown.longest_days, counts_days=shown.counts_days)
            if shown.form.worth
            else fault_of_days(claim, shown.longest_days)
        )
        if fault:
            return _stopped("rejected", fault, (shown.record_rule_id,))
        if not claim.passed and shown.pass_rule_id:
            return _stopped("rejected", "NOT_PASSED", (shown.pass_rule_id,))
        in_force = self.data.in_force
        if first < in_force.first:
            if in_force.spared in claim.work.facts:
                return _stopped("held", "BEFORE_RULES", (in_force.rule_id, in_force.spared_rule_id))
            return _stopped(in_force.outcome, in_force.code, (in_force.rule_id,))
        if plan is None:
            listed_by = self._listed_by(last, kind=claim.subject_kind) or shown.form.rule_id
            return _stopped("rejected", "FORM_NOT_IN_FORCE", tuple(dict.fromkeys((shown.form.rule_id, listed_by))))
        docked = self.docked_of(claim, last)
        is_pushed = claim.work is PUSHED or claim.work._replace(credit_year="") == PUSHED
        if not is_pushed or "platform" not in plan.form.submitters:
            stopped = _hold_or_reject(claim, plan, docked)
            if stopped is not None:
                return stopped
        if plan.form.worth is not None:
            return self._by_table(claim, plan, plan.form.worth, listed, last)
        days = listed or fill(claim.learned_range or (first, last), claim.centihours, self.data.day_cap)
        return self._credit(claim, plan, days, docked)

    def docked_of(self, claim: Claim, last: date) -> Docked | None:
        """Return how the industry's own system registers from which the record comes; None where it comes from none."""
        docked = self.data.docked
        return docked if docked is not None and docked.takes(claim, last) else None

    def _listed_by(self, day: date, form: str = "", kind: str = "") -> str | None:
        """Return the rule that lists a form, or the forms of a kind, on a day; None where none does."""
        fits = (each for each in self.data.forms if form in ("", each.code) and (not kind or kind in each.kinds))
        return next((each.rule_id for each in fits if each.span.includes(day)), None)

    def _by_table(self, claim: Claim, plan: Plan, worth: Worth, listed: Days, last: date) -> Assessment:
        """Give the hours of the form's table on the days learned, or all on the day earned."""
        if worth.nominal_length is not None and not within_nominal_length(claim):
            return _stopped("rejected", "OUTSIDE_NOMINAL_LENGTH", (plan.form.rule_id,))
        counted = count(worth, claim)
        row = counted.row
        if row is not None and lacks_amount(row, claim):
            return _stopped("rejected", "INCOMPLETE", (plan.form.rule_id,), missing=("amount",))
        if row is None or counted.centihours == 0:
            return _stopped("rejected", "EARNS_NOTHING", (plan.form.rule_id,))
        learned = days_of(claim, listed) if row.unit == "day" and not counted.by_certificate else ()
        days = spread(learned, counted.centihours, row.centihours) if learned else ((last, counted.centihours),)
        made = self._credit(claim, plan, days, self.docked_of(claim, last))
        return made._replace(flags=made.flags + _flags(counted, learned))

    def _credit(self, claim: Claim, plan: Plan, days: Days, docked: Docked | None) -> Assessment:
        """Register a sound record, or hold it for its provider."""
        provider = claim.provider
        form = plan.form
        has_plan = claim.class_plan_confirmed_by is not None
        planned = has_plan and _is_planned(form, claim)
        scope = self.data.base_scope
        tested = scope is not None and form.base_scope_tested and provider is not None and provider.acts_as_base
        code = ""
        if provider is None:
            code = "PLATFORM_UNKNOWN" if claim.work.submitter in _PROVIDED else ""
        elif scope is not None and tested and not scope.includes(provider, claim.employer_region):
            code = "OUT_OF_SCOPE"
        if form.network is not None and not code and docked is None and not is_of_network(provider, form.network):
            code = "OUTSIDE_NETWORK"
        is_registrar = form.registrars is not None and claim.work.submitter in form.registrars.submitters
        registration: Registration = "automatic" if planned or is_registrar else form.registration
        rule_ids = plan.rule_ids[tested][has_plan]
        flags = plan.flags
        if docked is not None:
            registration = docked.registration
            flags = flags if docked.recognised is None else ()
            rule_ids = tuple(dict.fromkeys((*rule_ids, docked.rule_id)))
        outcome: Outcome = "held" if code else "registered"
        made = Assessment(outcome, code, registration, days, form.day_cap_exempt, rule_ids, flags=flags)
        return self._in_named_year(claim, made) if claim.work.credit_year else made

    def _in_named_year(self, claim: Claim, made: Assessment) -> Assessment:
        """Count a record in the credit year that it names: its own, or one that may still be made up."""
        year, last = claim.work.credit_year, made.days[-1][0]
        if all(self.data.period.period_of(day) == year for day, _ in made.days):
            return made
        window = find_make_up(self.data.make_ups, year, claim.subject_kind, claim.learning_form)
        # What was learned before a year is not made up for it.
        if window is None or self.data.period.period_of(made.days[0][0]) < year:
            return _stopped("rejected", "CREDIT_YEAR_UNFIT", made.rule_ids)
        if last > window.until_on:
            return _stopped("rejected", "MAKE_UP_CLOSED", (window.rule.id,))
        return made._replace(credit_year=year, rule_ids=(*made.rule_ids, window.rule.id))


def _hold_or_reject(claim: Claim, plan: Plan, docked: Docked | None) -> Assessment | None:
    """Return why a record of a form with conditions stops, None where it goes on."""
    unmet = first_unmet(plan.form, claim, docked)
    if unmet is None:
        return None
    outcome: Outcome = "held" if unmet.code == "NEEDS_DECISION" else "rejected"
    return _stopped(outcome, unmet.code, (plan.form.rule_id,), missing=unmet.missing)


def _plan_on(plans: Iterable[Plan], day: date) -> Plan | None:
    for plan in plans:
        if plan.first <= day <= plan.last:
            return plan
    return None


def _is_planned(form: Form, claim: Claim) -> bool:
    """Tell whether the class plan registers the record automatically: who confirmed it, and who enters the record."""
    plan = form.class_plan
    return (
        plan is not None
        and claim.class_plan_confirmed_by in plan.confirmers.get(claim.subject_kind, ())
        and claim.work.submitter in plan.submitters
    )


def is_of_network(provider: Provider | None, network: Network) -> bool:
    """Tell whether the provider is the network: of its area, and of its level where one is named."""
    if provider is None or not provider.base_region or network.level not in (None, provider.base_level):
        return False
    try:
        return divisions.is_within(provider.base_region, network.area)
    except UnknownDivisionError:
        return False


def _stopped(outcome: Outcome, code: str, rule_ids: tuple[str, ...], missing: tuple[str, ...] = ()) -> Assessment:
    return Assessment(outcome, code, "submitted", (), day_cap_exempt=False, rule_ids=rule_ids, missing=missing)


def _flags(counted: Counted, learned: Sequence[date]) -> tuple[str, ...]:
    """Return what a person should look at: a begun unit that counts, and days that may hold other learning too."""
    is_part = counted.is_begun and counted.row is not None and counted.row.unit == "day"
    return ("PART_UNIT",) * is_part + ("SAME_DAY_CHECK",) * bool(learned)
