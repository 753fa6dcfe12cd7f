"""On what an assessment rests beside its rules: each value that decided it, a clause, a reading or unconfirmed."""

from typing import Final

from xueshi_rulebook.assess import Assessment, Assessor
from xueshi_rulebook.claims import Claim
from xueshi_rulebook.forms import Evidence, Form, Named
from xueshi_rulebook.makeup import find_make_up
from xueshi_rulebook.model import Basis
from xueshi_rulebook.plans import Plan
from xueshi_rulebook.unmet import concerns
from xueshi_rulebook.worth import Worth, count

UNMET: Final = ("WRONG_SUBMITTER", "CONDITION_UNMET", "EVIDENCE_MISSING", "NEEDS_DECISION")
"""What a record is told that fails a condition of its form."""
_FAULTS: Final = ("INCOMPLETE", "HOURS_MISMATCH")
_OF_RECORD: Final = ("FIELD_INVALID", "NOT_PASSED")
_OF_YEAR: Final = ("CREDIT_YEAR_UNFIT", "MAKE_UP_CLOSED")
_OF_TABLE: Final = ("EARNS_NOTHING", "OUTSIDE_NOMINAL_LENGTH")


def bases_of(assessor: Assessor, claim: Claim, made: Assessment) -> list[Basis]:
    """Return what the values rest on that made this assessment of this claim, in the order in which they are asked."""
    code, data = made.code, assessor.data
    plans, plan = assessor.plans_for(claim), assessor.plan_for(claim)
    if not plans or code in _FAULTS:
        return []
    if code in _OF_RECORD:
        return _of_record(assessor, claim, code)
    if code in ("BEFORE_RULES", data.in_force.code):
        is_across = data.in_force.across is not None and assessor.span_of(claim)[1] >= data.in_force.first
        return [*data.in_force.bases, *([data.in_force.across] if data.in_force.across and is_across else [])]
    if plan is None:
        return []
    if code in UNMET:
        return _missed(plan.form, made)
    found = _met(assessor, plan.form, claim)
    if plan.form.worth is not None:
        found += _of_table(plan.form.worth, claim, code)
    if code in _OF_TABLE:
        return found
    return found + _of_provider(assessor, plan, claim) + _of_days(assessor, plan, claim, made)


def _of_record(assessor: Assessor, claim: Claim, code: str) -> list[Basis]:
    """Return what the longest record and the pass that is asked for rest on."""
    plan = assessor.plan_for(claim) or assessor.plans_for(claim)[-1]
    record = assessor.data.record[claim.subject_kind].find(plan.first)
    passing = plan.form.passing
    if code == "NOT_PASSED" and passing is not None:
        return [passing.basis]
    return [] if record is None else [record.basis]


def _missed(form: Form, made: Assessment) -> list[Basis]:
    """Return what the conditions rest on that were not met."""
    if made.code == "WRONG_SUBMITTER":
        return [form.bases["submitters"]]
    if made.missing == ("organiser",) and made.code == "CONDITION_UNMET":
        return [each.basis for each in form.organisers]
    if made.missing == ("level",):
        return [form.bases["levels"]]
    named = [(each.code, each.basis) for each in (*form.needs, *form.undecided)]
    named += [(each.documents[0], each.basis) for each in form.evidence]
    found = [basis for code, basis in named if code in made.missing]
    if form.other_organisers is not None and "organiser" in made.missing:
        found.append(form.other_organisers)
    return found


def _met(assessor: Assessor, form: Form, claim: Claim) -> list[Basis]:
    """Return what the conditions rest on that were asked and met."""
    work, docked = claim.work, assessor.docked_of(claim, assessor.span_of(claim)[1])
    if docked is None:
        found = [form.bases["submitters"]]
    elif docked.recognised is None:
        found = [docked.basis]
    else:
        return [docked.basis, docked.recognised]
    if form.passing is not None:
        found.append(form.passing.basis)
    found += [each.basis for each in form.organisers if each.code == work.organiser]
    found += [form.bases["levels"]] if form.levels else []
    asked: tuple[Named | Evidence, ...] = (*form.needs, *form.evidence)
    return found + [each.basis for each in asked if concerns(each.items, work.item)]


def _of_table(worth: Worth, claim: Claim, code: str) -> list[Basis]:
    """Return what the row rests on that gave the hours, and the table's parameters that bore on it."""
    counted = count(worth, claim)
    asked = [worth.nominal_length]
    if code == "OUTSIDE_NOMINAL_LENGTH" or counted.row is None:
        return [each for each in asked if each is not None]
    asked += [counted.row.basis, worth.year_cap_basis, worth.once_a_year, worth.begun_basis(counted)]
    asked += [worth.certificate_overrides] if counted.by_certificate else []
    return [each for each in asked if each is not None]


def _of_provider(assessor: Assessor, plan: Plan, claim: Claim) -> list[Basis]:
    """Return what the tests of the provider and the way of registering rest on."""
    form, scope, provider = plan.form, assessor.data.base_scope, claim.provider
    found: list[Basis] = []
    if form.base_scope_tested and scope is not None and provider is not None and provider.acts_as_base:
        found.append(form.bases["base_scope"])
        found += [scope.bases[provider.base_level]] if provider.base_level else []
    if assessor.docked_of(claim, assessor.span_of(claim)[1]) is not None:
        return found  # neither the form's network nor its way of registering is asked; ``_met`` has what is
    if form.network is not None:
        found.append(form.network.basis)
    if form.class_plan is not None and claim.class_plan_confirmed_by is not None:
        return [*found, *form.class_plan.bases(claim.subject_kind, claim.class_plan_confirmed_by)]
    if form.registrars is not None and claim.work.submitter in form.registrars.submitters:
        return [*found, form.registrars.basis]
    return [*found, form.bases["registration"]]


def _of_days(assessor: Assessor, plan: Plan, claim: Claim, made: Assessment) -> list[Basis]:
    """Return what the day's cap, or being exempt from it, and the credit year rest on."""
    found = [each.basis for each in plan.form.flags if each.code in made.flags]
    if made.day_cap_exempt:
        found.append(plan.form.bases["day_cap_exempt"])
    elif made.days:
        cap = assessor.data.day_cap.find(made.days[-1][0])
        found += [cap.basis] if cap is not None else []
    filling = assessor.filling_of(claim) if made.days and plan.form.worth is None else None
    found += [filling] if filling is not None else []
    if made.credit_year or made.code in _OF_YEAR:
        window = find_make_up(assessor.data.make_ups, claim.work.credit_year, claim.subject_kind, claim.learning_form)
        found += [assessor.data.period.basis, *([window.basis] if window is not None else [])]
    return found
