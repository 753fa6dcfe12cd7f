"""The learning forms of a notice, and what each means for a record of a subject kind (FJ-04, LJ-15, WZ-04, SG-04)."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, cast

from xueshi_rulebook import divisions
from xueshi_rulebook.claims import Claim
from xueshi_rulebook.dated import Span
from xueshi_rulebook.divisions import Level, read_level
from xueshi_rulebook.model import Basis, Rule, Text
from xueshi_rulebook.reading import BASIS_KEYS, VALIDITY_KEYS, read_basis, read_rule, read_span_within, read_text
from xueshi_rulebook.worth import Worth, read_worth
from xueshi_rulebook.yamlsource import Value

Registration = Literal["automatic", "submitted"]

_REGISTRATIONS: Final = ("automatic", "submitted")
_FIXED_BY: Final = (
    "platform", "organiser", "organiser_or_sending_authority", "authority", "industry_body", "employer", "recogniser",
    "rule",
)  # fmt: skip
_SUBMITTERS: Final = ("platform", "organiser", "employer", "person", "industry_system")
_CONFIRMERS: Final = ("hrss", "industry", "hrss_fallback", "filed")
_MAX_FORMS: Final = 99
_ONE_DAY: Final = timedelta(days=1)


class Named(NamedTuple):
    """A code that a form lists, its name, and what it rests on. ``items`` narrows it to some kinds of work."""

    code: str
    name: Text
    items: tuple[str, ...]
    basis: Basis


class Evidence(NamedTuple):
    """Documents of which one is required. ``items`` narrows it to some kinds of work."""

    documents: tuple[str, ...]
    name: Text
    items: tuple[str, ...]
    basis: Basis


class ClassPlan(NamedTuple):
    """What a class plan confirmed beforehand does for a form (FJ-05, SG-08).

    ``submitters`` may then enter it; ``confirmers`` gives, by subject kind, whose confirmation registers it
    automatically, and what that rests on.
    """

    rule_id: str
    submitters: tuple[str, ...]
    confirmers: Mapping[str, Mapping[str, Basis]]
    basis: Basis

    def bases(self, kind: str, confirmer: str) -> tuple[Basis, ...]:
        """Return what the answer rests on: one confirmer's basis, or those of all where its confirmation is none."""
        known = self.confirmers.get(kind, {})
        return (self.basis, known[confirmer]) if confirmer in known else (self.basis, *known.values())


class Network(NamedTuple):
    """The network that alone gives a form's hours: one of this area, of this level where one is named."""

    area: str
    level: Level | None
    basis: Basis


class Passing(NamedTuple):
    """Whether a record of the form must have passed its assessment, by which rule, and what that rests on."""

    is_required: bool
    rule: Rule
    basis: Basis


class Registrars(NamedTuple):
    """Submitters of a form whose own entry registers, reviewed by nobody, and what that rests on."""

    submitters: tuple[str, ...]
    basis: Basis


class Form(NamedTuple):
    """One learning form for some subject kinds in a span of days.

    Without ``worth`` the hours claimed count. ``submitters`` may enter it. ``organisers``, ``needs`` (facts that must
    be declared) and ``evidence`` are its conditions; a fact of ``undecided`` puts the record before a person.
    ``other_organisers`` rests on what puts a record of an organiser that is not listed before a person, None where it
    is refused.
    ``flags`` are what a person should look at on every record of the form. ``number`` is the notice's own, 0 where it
    gives none. Without ``passing`` the rule of what every record gives asks for a pass; without ``registrars`` all
    entries are registered by ``registration``. ``bases`` tells by the key of the data on what these rest.
    """

    code: str
    number: int
    name_zh: str
    name_en: str
    kinds: tuple[str, ...]
    hours_fixed_by: str
    registration: Registration
    submitters: tuple[str, ...]
    worth: Worth | None
    organisers: tuple[Named, ...]
    other_organisers: Basis | None
    levels: tuple[str, ...]
    needs: tuple[Named, ...]
    undecided: tuple[Named, ...]
    evidence: tuple[Evidence, ...]
    flags: tuple[Named, ...]
    network: Network | None
    base_scope_tested: bool
    day_cap_exempt: bool
    clause: str
    rule: Rule
    span: Span
    bases: Mapping[str, Basis]
    class_plan: ClassPlan | None = None
    passing: Passing | None = None
    registrars: Registrars | None = None

    @property
    def rule_id(self) -> str:
        """The rule that lists the form."""
        return self.rule.id


class Docked(NamedTuple):
    """How an industry's own system that is docked to the platform registers (FJ-06), for these subject kinds.

    Where the system has ``recognised`` the hours before, a form's conditions are not asked for again (SG-04).
    """

    rule_id: str
    registration: Registration
    kinds: Collection[str]
    recognised: Basis | None
    span: Span
    basis: Basis

    def takes(self, claim: Claim, on: date) -> bool:
        """Tell whether a record whose learning ended on that day comes from such a system."""
        work = claim.work
        return work.submitter == "industry_system" and claim.subject_kind in self.kinds and self.span.includes(on)


def read_forms(
    section: Value, plans: Value | None, rules: Mapping[str, Rule], kinds: Collection[str]
) -> tuple[Form, ...]:
    """Read ``forms`` and ``confirmed_class_plan``; a form may stand once for a kind and day."""
    forms: list[Form] = []
    for item in section.items():
        form = _read_form(item, rules, kinds)
        for other in forms:
            if other.code == form.code and set(other.kinds) & set(form.kinds) and other.span.overlaps(form.span):
                item.fail(f"form {form.code!r} is repeated")
        forms.append(form)
    if plans is None:
        return tuple(forms)
    rule, by_form = _read_class_plans(plans, rules, {form.code for form in forms}, kinds)
    span = Span(rule.valid_from, rule.valid_to or date.max)
    return tuple(
        part
        for each in forms
        for part in (_with_plan(each, by_form[each.code], span) if each.code in by_form else (each,))
    )


def _with_plan(form: Form, plan: ClassPlan, span: Span) -> Iterator[Form]:
    """Yield the form in order of time: with the class plan on the days of its rule, without it on all others."""
    first, last = form.span
    if not form.span.overlaps(span):
        yield form
        return
    if first < span.first:
        yield form._replace(span=Span(first, span.first - _ONE_DAY))
    yield form._replace(span=Span(max(first, span.first), min(last, span.last)), class_plan=plan)
    if span.last < last:
        yield form._replace(span=Span(span.last + _ONE_DAY, last))


def read_docked(section: Value | None, rules: Mapping[str, Rule], kinds: Collection[str]) -> Docked | None:
    """Read how docked systems register; None where the notice knows none."""
    if section is None:
        return None
    fields = section.fields(("rule", "registration"), ("kinds", "recognised", *BASIS_KEYS))
    rule = read_rule(fields["rule"], rules)
    return Docked(
        rule_id=rule.id,
        registration=_registration(fields["registration"]),
        kinds=fields["kinds"].choices(kinds) if "kinds" in fields else kinds,
        recognised=_read_only_basis(fields["recognised"]) if "recognised" in fields else None,
        span=read_span_within(section, {}, rule),
        basis=read_basis(section, fields),
    )


def _read_only_basis(section: Value) -> Basis:
    return read_basis(section, section.fields((), BASIS_KEYS))


def _registration(value: Value) -> Registration:
    return cast("Registration", value.choice(_REGISTRATIONS))


def _read_form(item: Value, rules: Mapping[str, Rule], kinds: Collection[str]) -> Form:
    fields = item.fields(
        ("rule", "code", "name", "kinds", "hours_fixed_by", "registration", "submitters", "clause"),
        (
            "number", "pass", "registrars", "worth", "organisers", "other_organisers", "levels", "needs", "undecided",
            "evidence", "flags", "network", "base_scope", "day_cap_exempt", *VALIDITY_KEYS,
        ),
    )  # fmt: skip
    rule = read_rule(fields["rule"], rules)
    name = read_text(fields["name"])
    submitters = fields["submitters"].fields(("list",), BASIS_KEYS)
    worth = read_worth(fields["worth"], kinds) if "worth" in fields else None
    works = () if worth is None else worth.items
    registration = fields["registration"].fields(("how",), BASIS_KEYS)
    bases = {
        "submitters": read_basis(fields["submitters"], submitters),
        "registration": read_basis(fields["registration"], registration),
    }
    for key in ("base_scope", "day_cap_exempt"):
        if key in fields:
            bases[key] = _read_only_basis(fields[key])
    return Form(
        code=fields["code"].text(),
        number=fields["number"].integer(1, _MAX_FORMS) if "number" in fields else 0,
        name_zh=name.zh,
        name_en=name.en,
        kinds=fields["kinds"].choices(kinds),
        hours_fixed_by=fields["hours_fixed_by"].choice(_FIXED_BY),
        registration=_registration(registration["how"]),
        submitters=submitters["list"].choices(_SUBMITTERS),
        worth=worth,
        organisers=_read_named(fields, "organisers", works),
        other_organisers=_read_other_organisers(fields),
        levels=_read_levels(fields, bases),
        needs=_read_named(fields, "needs", works),
        undecided=_read_named(fields, "undecided", works),
        evidence=_read_evidence(fields, works),
        flags=_read_named(fields, "flags", works),
        network=_read_network(fields),
        base_scope_tested="base_scope" in fields,
        day_cap_exempt="day_cap_exempt" in fields,
        clause=fields["clause"].text(),
        rule=rule,
        span=read_span_within(item, fields, rule),
        bases=MappingProxyType(bases),
        passing=_read_passing(fields["pass"], rule, rules) if "pass" in fields else None,
        registrars=_read_registrars(fields),
    )


def _read_passing(section: Value, rule: Rule, rules: Mapping[str, Rule]) -> Passing:
    parts = section.fields(("required",), ("rule", *BASIS_KEYS))
    asking = read_rule(parts["rule"], rules) if "rule" in parts else rule
    return Passing(parts["required"].flag(), asking, read_basis(section, parts))


def _read_registrars(fields: Mapping[str, Value]) -> Registrars | None:
    if "registrars" not in fields:
        return None
    parts = fields["registrars"].fields(("list",), BASIS_KEYS)
    return Registrars(parts["list"].choices(_SUBMITTERS), read_basis(fields["registrars"], parts))


def _read_named(fields: Mapping[str, Value], key: str, works: Collection[str]) -> tuple[Named, ...]:
    if key not in fields:
        return ()
    found: list[Named] = []
    for item in fields[key].items():
        parts = item.fields(("code", "name"), ("items", *BASIS_KEYS))
        items = _read_items(parts, works)
        code = parts["code"].text()
        if any(each.code == code and _overlap(each.items, items) for each in found):
            item.fail(f"{code!r} is repeated")
        found.append(Named(code, read_text(parts["name"]), items, read_basis(item, parts)))
    return tuple(found)


def _overlap(some: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Tell whether two choices of items share one; an empty choice is all."""
    return not some or not others or bool(set(some) & set(others))


def _read_other_organisers(fields: Mapping[str, Value]) -> Basis | None:
    if "other_organisers" not in fields:
        return None
    section = fields["other_organisers"]
    if "organisers" not in fields:
        section.fail("organisers are needed beside it")
    parts = section.fields(("are",), BASIS_KEYS)
    parts["are"].choice(("held",))
    return read_basis(section, parts)


def _read_items(parts: Mapping[str, Value], works: Collection[str]) -> tuple[str, ...]:
    """Read the kinds of work that a condition is for: of those in the form's table, where that names any."""
    if "items" not in parts:
        return ()
    return parts["items"].choices(works) if works else tuple(each.text() for each in parts["items"].items())


def _read_evidence(fields: Mapping[str, Value], works: Collection[str]) -> tuple[Evidence, ...]:
    if "evidence" not in fields:
        return ()
    found: list[Evidence] = []
    for item in fields["evidence"].items():
        parts = item.fields(("documents", "name"), ("items", *BASIS_KEYS))
        documents = tuple(each.text() for each in parts["documents"].items())
        found.append(Evidence(documents, read_text(parts["name"]), _read_items(parts, works), read_basis(item, parts)))
    return tuple(found)


def _read_levels(fields: Mapping[str, Value], bases: dict[str, Basis]) -> tuple[str, ...]:
    if "levels" not in fields:
        return ()
    parts = fields["levels"].fields(("list",), BASIS_KEYS)
    bases["levels"] = read_basis(fields["levels"], parts)
    return tuple(each.text() for each in parts["list"].items())


def _read_network(fields: Mapping[str, Value]) -> Network | None:
    if "network" not in fields:
        return None
    parts = fields["network"].fields(("within",), ("level", *BASIS_KEYS))
    region = parts["within"].text()
    if not divisions.exists(region):
        parts["within"].fail(f"no division {region!r}")
    level = read_level(parts["level"]) if "level" in parts else None
    return Network(region, level, read_basis(fields["network"], parts))


def _read_class_plans(
    section: Value, rules: Mapping[str, Rule], forms: Collection[str], kinds: Collection[str]
) -> tuple[Rule, Mapping[str, ClassPlan]]:
    """Return the rule of class plans, and by form what one does for it."""
    fields = section.fields(("rule", "forms", "automatic"))
    rule = read_rule(fields["rule"], rules)
    confirmers: dict[str, dict[str, Basis]] = {}
    for item in fields["automatic"].items():
        parts = item.fields(("kind", "confirmer"), BASIS_KEYS)
        known = confirmers.setdefault(parts["kind"].choice(kinds), {})
        confirmer = parts["confirmer"].choice(_CONFIRMERS)
        if confirmer in known:
            item.fail(f"confirmer {confirmer!r} of this kind is repeated")
        known[confirmer] = read_basis(item, parts)
    by_form: dict[str, ClassPlan] = {}
    for item in fields["forms"].items():
        parts = item.fields(("form", "submitters"), BASIS_KEYS)
        form = parts["form"].choice(forms)
        if form in by_form:
            item.fail(f"form {form!r} is repeated")
        submitters = parts["submitters"].choices(_SUBMITTERS)
        by_form[form] = ClassPlan(rule.id, submitters, MappingProxyType(confirmers), read_basis(item, parts))
    return rule, by_form
