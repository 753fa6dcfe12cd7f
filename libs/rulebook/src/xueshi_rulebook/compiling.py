"""From the sections of a jurisdiction's data to the compiled jurisdiction."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from xueshi_rulebook.assess import Assessor, AssessorData, RecordRules
from xueshi_rulebook.dated import Dated, Span
from xueshi_rulebook.explaining import Wording
from xueshi_rulebook.forms import read_forms
from xueshi_rulebook.jurisdiction import Jurisdiction, Parts
from xueshi_rulebook.model import Rule
from xueshi_rulebook.periods import UNITS, CalendarYears
from xueshi_rulebook.progress import read_requirements
from xueshi_rulebook.providers import read_base_scope
from xueshi_rulebook.reading import (
    BASIS_KEYS,
    VALIDITY_KEYS,
    read_basis,
    read_dated,
    read_rule,
    read_span,
    read_span_within,
    read_text,
)
from xueshi_rulebook.routing import read_accession, read_stamping
from xueshi_rulebook.rules import read_industries, read_kinds, read_rules, read_sources
from xueshi_rulebook.yamlsource import Value

REQUIRED_SECTIONS: Final = ("jurisdiction", "sources", "rules", "kinds", "requirements", "record", "forms", "stamping")
OPTIONAL_SECTIONS: Final = ("day_cap", "confirmed_class_plan", "accession", "base_scope", "industries")
"""What a notice may leave out: where it does, there is no such rule."""
SECTIONS: Final = (*REQUIRED_SECTIONS, *OPTIONAL_SECTIONS)
_HOURS_OF_A_DAY: Final = 24
_LONGEST_RECORD_DAYS: Final = 3660


def read_jurisdiction(sections: Mapping[str, Value], wording: Wording) -> Jurisdiction:
    """Compile all SECTIONS of one jurisdiction; raises RulebookDataError with file, line and reason."""
    head = sections["jurisdiction"].fields(("code", "name", "covers", "in_force", "period"), ("inherits",))
    sources = read_sources(sections["sources"])
    rules = read_rules(sections["rules"], sources)
    kinds = read_kinds(sections["kinds"])
    cap_rule, day_cap = _read_day_cap(sections["day_cap"], rules)
    in_force_rule, in_force_from = _read_in_force(head["in_force"], rules)
    if not day_cap.covers_from(in_force_from):
        sections["day_cap"].fail(f"the day cap has a gap after {in_force_from}")
    forms = read_forms(sections["forms"], sections["confirmed_class_plan"], rules, kinds)
    scope = read_base_scope(sections["base_scope"], rules)
    record = _read_record(sections["record"], rules)
    name = read_text(head["name"])
    parts = Parts(
        assessor=Assessor(AssessorData(forms, record, day_cap, cap_rule.id, scope, in_force_rule.id, in_force_from)),
        base_scope=scope,
        day_cap=day_cap,
        period=_read_period(head["period"], rules),
        requirements=read_requirements(sections["requirements"], rules, kinds),
        stamping=read_stamping(sections["stamping"], rules, kinds),
        accession=read_accession(sections["accession"], rules, kinds),
        wording=wording,
    )
    return Jurisdiction(
        code=head["code"].text(),
        name_zh=name.zh,
        name_en=name.en,
        covers=_read_covers(head["covers"]),
        sources=MappingProxyType(sources),
        rules=MappingProxyType(rules),
        kinds=MappingProxyType(kinds),
        forms=forms.by_code,
        industries=read_industries(sections["industries"]),
        _parts=parts,
    )


def _read_covers(section: Value) -> tuple[tuple[str, Span], ...]:
    """Read the areas whose employers fall under the jurisdiction; an open start means always."""
    covers: list[tuple[str, Span]] = []
    for item in section.items():
        fields = item.fields(("region",), (*BASIS_KEYS, *VALIDITY_KEYS))
        read_basis(item, fields)
        covers.append((fields["region"].text(), read_span(item, fields)))
    return tuple(covers)


def _read_in_force(section: Value, rules: Mapping[str, Rule]) -> tuple[Rule, date]:
    fields = section.fields(("rule", "valid_from"), BASIS_KEYS)
    read_basis(section, fields)
    return read_rule(fields["rule"], rules), fields["valid_from"].day()


def _read_period(section: Value, rules: Mapping[str, Rule]) -> CalendarYears:
    fields = section.fields(("rule", "unit"), BASIS_KEYS)
    read_basis(section, fields)
    read_rule(fields["rule"], rules)
    return UNITS[fields["unit"].choice(UNITS)]()


def _read_day_cap(section: Value, rules: Mapping[str, Rule]) -> tuple[Rule, Dated[int]]:
    fields = section.fields(("rule", "values"))
    rule = read_rule(fields["rule"], rules)

    def read(item: Value) -> tuple[Span, int]:
        parts = item.fields(("hours",), (*BASIS_KEYS, *VALIDITY_KEYS))
        read_basis(item, parts)
        return read_span_within(item, parts, rule), parts["hours"].centihours(_HOURS_OF_A_DAY)

    return rule, read_dated(f"the day cap of {rule.id}", fields["values"], read)


def _read_record(section: Value, rules: Mapping[str, Rule]) -> RecordRules:
    fields = section.fields(("rule", "longest_days"))
    longest = fields["longest_days"].fields(("days",), BASIS_KEYS)
    read_basis(fields["longest_days"], longest)
    return RecordRules(read_rule(fields["rule"], rules).id, longest["days"].integer(1, _LONGEST_RECORD_DAYS))
