"""The words of an assessment: what a record is worth and why, made only when somebody reads them."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from xueshi_rulebook.assess import Assessment, Assessor, Plan
from xueshi_rulebook.claims import Claim
from xueshi_rulebook.crediting import Credited
from xueshi_rulebook.explaining import Language, Wording, say, say_grounds
from xueshi_rulebook.hours import format_hours
from xueshi_rulebook.model import Basis, Kind, Rule, Text
from xueshi_rulebook.worth import UNITS, Counted, Row, count

WORDING_KEYS: Final = (
    "registered", "held", "rejected", "automatic", "submitted", "form", "number", "claimed", "certificate", "counted",
    "less", "day_cap", "no_day_cap", "exempt", "year_cap", "missing", "undecided", "credit_year", "flag_PART_UNIT",
    "flag_SAME_DAY_CHECK", "credited", "uncredited", "unclaimed", "unit_item", "unit_day", "unit_course",
    "unit_ten_thousand_characters",
)  # fmt: skip


class Named(NamedTuple):
    """What a jurisdiction calls its rules and kinds."""

    rules: Mapping[str, Rule]
    kinds: Mapping[str, Kind]


def explain_assessment(
    assessor: Assessor, rules: Mapping[str, Rule], claim: Claim, wording: Wording, language: Language
) -> str:
    """Return the outcome, the form, the arithmetic, what is missing, and the grounds, one line each."""
    said = wording["assess"]
    made = assessor.assess(claim)
    plan = assessor.plan_for(claim)
    parts = [say(said, made.outcome, language, code=made.code)]
    bases: list[Basis] = []
    if plan is not None:
        form = plan.form
        name = Text(form.name_zh, form.name_en).within(language)
        number = say(said, "number", language, number=form.number) if form.number else ""
        parts.append(say(said, "form", language, number=number, name=name, clause=form.clause))
        bases += form.bases
        if form.class_plan is not None and claim.class_plan_confirmed_by is not None:
            bases += form.class_plan.bases(claim.subject_kind, claim.class_plan_confirmed_by)
        recognised = assessor.recognised_of(claim)
        if recognised is not None:
            bases.append(recognised)
        if made.days:
            parts += _say_hours(assessor, claim, made, plan, wording, language)
        filling = assessor.filling_of(claim)
        if made.days and form.worth is None and filling is not None:
            bases.append(filling)
        if form.worth is not None:
            counted = count(form.worth, claim)
            begun = form.worth.begun_basis(counted)
            bases += [*([counted.row.basis] if counted.row else []), *([begun] if begun else []), *form.worth.bases]
        if form.other_organisers is not None and made.code == "NEEDS_DECISION" and "organiser" in made.missing:
            bases.append(form.other_organisers)
        if made.missing:
            key = "undecided" if made.code == "NEEDS_DECISION" else "missing"
            parts.append(say(said, key, language, names=_names(plan, made.missing, language)))
    if made.outcome == "registered":
        parts.append(say(said, made.registration, language))
    if made.credit_year:
        parts.append(say(said, "credit_year", language, year=made.credit_year))
    named_flags = {} if plan is None else {each.code: each.name.within(language) for each in plan.form.flags}
    parts += [named_flags.get(flag) or say(said, f"flag_{flag}", language) for flag in made.flags]
    named = [rules[rule_id] for rule_id in made.rule_ids]
    return "\n".join(parts + say_grounds(wording, named, bases, language))


def explain_credit(
    claims: Sequence[Claim], made: Sequence[Credited], named: Named, wording: Wording, language: Language
) -> str:
    """Return what each record of one person is credited, whose hours took the rest, and the grounds, one line each."""
    said = wording["assess"]
    parts = []
    for place, (claim, each) in enumerate(zip(claims, made, strict=True), 1):
        lacking = each.claimed - each.credited
        kind = named.kinds.get(claim.subject_kind)
        key = "unclaimed" if each.assessment.outcome != "registered" else "uncredited" if lacking else "credited"
        parts.append(
            say(
                said,
                key,
                language,
                place=place,
                kind=claim.subject_kind if kind is None else kind.name.within(language),
                claimed=format_hours(each.claimed),
                credited=format_hours(each.credited),
                uncredited=format_hours(lacking),
                rivals="、".join(str(rival + 1) for rival in each.competing),
            )
        )
    rules = [named.rules[rule_id] for each in made for rule_id in each.assessment.rule_ids]
    return "\n".join(parts + say_grounds(wording, rules, (), language))


def _say_hours(
    assessor: Assessor, claim: Claim, made: Assessment, plan: Plan, wording: Wording, language: Language
) -> list[str]:
    said = wording["assess"]
    total = format_hours(sum(hours for _, hours in made.days))
    if plan.form.worth is None:
        parts = [say(said, "claimed", language, hours=total, days=len(made.days))]
    else:
        parts = [_say_table(count(plan.form.worth, claim), total, wording, language)]
        cap = plan.form.worth.cap_of_year(claim)
        if cap is not None:
            parts.append(say(said, "year_cap", language, hours=format_hours(cap)))
    if made.day_cap_exempt:
        return [*parts, say(said, "exempt", language)]
    cap_on_day = assessor.day_cap_on(made.days[-1][0])
    if cap_on_day is None:
        return [*parts, say(said, "no_day_cap", language)]
    return [*parts, say(said, "day_cap", language, hours=format_hours(cap_on_day))]


def _say_table(counted: Counted, total: str, wording: Wording, language: Language) -> str:
    said = wording["assess"]
    row = counted.row
    if row is None:
        raise AssertionError
    if counted.by_certificate:
        return say(said, "certificate", language, hours=total, table=format_hours(row.centihours))
    less = say(said, "less", language, hours=format_hours(row.less)) if row.less else ""
    return say(
        said,
        "counted",
        language,
        hours=format_hours(row.centihours),
        units=format_hours(counted.units),
        unit=_unit(row, wording, language),
        less=less,
        total=total,
    )


def _unit(row: Row, wording: Wording, language: Language) -> str:
    if row.unit not in UNITS:
        raise AssertionError
    return say(wording["assess"], f"unit_{row.unit}", language)


def _names(plan: Plan, codes: tuple[str, ...], language: Language) -> str:
    """Return the names of what is missing, the code itself where the data gives no name."""
    form = plan.form
    known = {each.code: each.name for each in (*form.needs, *form.undecided)}
    known.update({each.documents[0]: each.name for each in form.evidence})
    found = [known[code].within(language) if code in known else code for code in codes]
    return ("、" if language == "zh" else "; ").join(found)
