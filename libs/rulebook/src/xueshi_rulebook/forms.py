"""The learning forms of a notice, and what each means for a record of each subject kind (FJ-04, FJ-05)."""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, cast

from xueshi_rulebook.model import Rule
from xueshi_rulebook.reading import BASIS_KEYS, read_basis, read_rule, read_text
from xueshi_rulebook.yamlsource import Value

Registration = Literal["automatic", "submitted"]

_REGISTRATIONS: Final = ("automatic", "submitted")
_FIXED_BY: Final = ("platform", "organiser", "authority", "industry_body", "rule")
_SHAPES: Final = ("claimed_hours",)
_CONFIRMERS: Final = ("hrss", "industry")
_MAX_FORMS: Final = 99
_NO_CONFIRMERS: Final[Mapping[str, str]] = MappingProxyType({})


class Form(NamedTuple):
    """One learning form. ``shape`` names how its hours are computed, None while the form is known but not computed.

    ``plan_confirmers`` gives, by subject kind, the kind of authority whose confirmed class plan makes registration
    automatic. ``rule_id`` is the rule that lists the form, ``clause`` the form's own place in the notice.
    """

    code: str
    number: int
    name_zh: str
    name_en: str
    kinds: tuple[str, ...]
    hours_fixed_by: str
    registration: Registration
    shape: str | None
    base_scope_tested: bool
    day_cap_exempt: bool
    clause: str
    rule_id: str
    plan_confirmers: Mapping[str, str]


class Forms(NamedTuple):
    """A jurisdiction's forms with the rules that they rest on."""

    rule_id: str
    plan_rule_id: str
    by_code: Mapping[str, Form]


class _ClassPlans(NamedTuple):
    rule_id: str
    forms: tuple[str, ...]
    confirmers: Mapping[str, str]


def read_forms(section: Value, plans: Value, rules: Mapping[str, Rule], kinds: Collection[str]) -> Forms:
    """Read ``forms`` and ``confirmed_class_plan``."""
    fields = section.fields(("rule", "list"))
    rule_id = read_rule(fields["rule"], rules).id
    by_code: dict[str, Form] = {}
    for item in fields["list"].items():
        form = _read_form(item, rule_id, kinds)
        if form.code in by_code:
            item.fail(f"form {form.code!r} is repeated")
        by_code[form.code] = form
    class_plans = _read_class_plans(plans, rules, by_code, kinds)
    for code in class_plans.forms:
        by_code[code] = by_code[code]._replace(plan_confirmers=class_plans.confirmers)
    return Forms(rule_id, class_plans.rule_id, MappingProxyType(by_code))


def _read_form(item: Value, rule_id: str, kinds: Collection[str]) -> Form:
    fields = item.fields(
        ("code", "number", "name", "kinds", "hours_fixed_by", "registration", "clause"),
        ("shape", "base_scope", "day_cap_exempt"),
    )
    name = read_text(fields["name"])
    for key in ("base_scope", "day_cap_exempt"):
        if key in fields:
            read_basis(fields[key], fields[key].fields((), BASIS_KEYS))
    return Form(
        code=fields["code"].text(),
        number=fields["number"].integer(1, _MAX_FORMS),
        name_zh=name.zh,
        name_en=name.en,
        kinds=fields["kinds"].choices(kinds),
        hours_fixed_by=fields["hours_fixed_by"].choice(_FIXED_BY),
        registration=cast("Registration", fields["registration"].choice(_REGISTRATIONS)),
        shape=fields["shape"].choice(_SHAPES) if "shape" in fields else None,
        base_scope_tested="base_scope" in fields,
        day_cap_exempt="day_cap_exempt" in fields,
        clause=fields["clause"].text(),
        rule_id=rule_id,
        plan_confirmers=_NO_CONFIRMERS,
    )


def _read_class_plans(
    section: Value, rules: Mapping[str, Rule], forms: Collection[str], kinds: Collection[str]
) -> _ClassPlans:
    fields = section.fields(("rule", "forms", "automatic"))
    confirmers: dict[str, str] = {}
    for item in fields["automatic"].items():
        parts = item.fields(("kind", "confirmer"), BASIS_KEYS)
        read_basis(item, parts)
        kind = parts["kind"].choice(kinds)
        if kind in confirmers:
            item.fail(f"kind {kind!r} is repeated")
        confirmers[kind] = parts["confirmer"].choice(_CONFIRMERS)
    return _ClassPlans(
        read_rule(fields["rule"], rules).id, fields["forms"].choices(forms), MappingProxyType(confirmers)
    )
