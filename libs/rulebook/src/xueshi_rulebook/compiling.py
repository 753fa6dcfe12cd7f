"""From the sections of a jurisdiction's data to the compiled jurisdiction."""

from collections.abc import Collection, Mapping
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import Final, cast

from xueshi_rulebook import divisions
from xueshi_rulebook.accession import read_accession
from xueshi_rulebook.assess import Assessor
from xueshi_rulebook.checks import SECTIONS as CHECKED_SECTIONS
from xueshi_rulebook.checks import Ground, read_checks
from xueshi_rulebook.concordance import read_concordances
from xueshi_rulebook.dated import Dated, Span
from xueshi_rulebook.deadlines import Counting, read_deadlines
from xueshi_rulebook.eligible import Reviewer, read_title_review
from xueshi_rulebook.explaining import Wording
from xueshi_rulebook.facts import read_facts
from xueshi_rulebook.forms import Form, read_docked, read_forms
from xueshi_rulebook.industries import industries
from xueshi_rulebook.judging import read_judging
from xueshi_rulebook.jurisdiction import Covered, Jurisdiction, Parts
from xueshi_rulebook.makeup import read_make_ups
from xueshi_rulebook.model import Basis, Kind, Rule, Text
from xueshi_rulebook.periods import UNITS, CalendarYears
from xueshi_rulebook.plans import AssessorData, DayCap, InForce, Outcome, RecordRules
from xueshi_rulebook.precedence import read_precedence
from xueshi_rulebook.progress import Judge, JudgeData
from xueshi_rulebook.proofs import read_proof
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
from xueshi_rulebook.requirements import read_requirements
from xueshi_rulebook.routing import Speech, read_stamping
from xueshi_rulebook.rules import read_all_kinds, read_kinds, read_rules, read_sources
from xueshi_rulebook.spot_checks import read_spot_checks
from xueshi_rulebook.yamlsource import Value

REQUIRED_SECTIONS: Final = (
    "jurisdiction", "sources", "rules", "kinds", "requirements", "judging", "record", "forms", "stamping",
    "proof",
)  # fmt: skip
OPTIONAL_SECTIONS: Final = (
    "day_cap", "confirmed_class_plan", "docked_systems", "make_up", "accession", "base_scope", "deadlines",
    "precedence", "facts", "measures", "title_review", "spot_checks", *CHECKED_SECTIONS,
)  # fmt: skip
"""What a notice may leave out: where it does, there is no such rule."""
SECTIONS: Final = (*REQUIRED_SECTIONS, *OPTIONAL_SECTIONS)
_HOURS_OF_A_DAY: Final = 24
_CENTI: Final = 100
_LONGEST_RECORD_DAYS: Final = 3660


def read_jurisdiction(
    sections: Mapping[str, Value], wording: Wording, counting: Counting, everywhere: Mapping[str, Kind]
) -> Jurisdiction:
    """Compile all SECTIONS of one jurisdiction; raises RulebookDataError with file, line and reason.

    ``everywhere`` are the kinds of all jurisdictions, some of whose amounts a person may bring along.
    """
    head = sections["jurisdiction"].fields(("code", "name", "covers", "in_force", "period"), ("inherits", "replaces"))
    numbered = read_sources(sections["sources"])
    rules = read_rules(sections["rules"], numbered)
    sources = read_concordances(sections["sources"], numbered, rules)
    kinds = read_kinds(sections["kinds"])
    in_force = _read_in_force(head["in_force"], rules)
    forms = read_forms(sections["forms"], sections.get("confirmed_class_plan"), rules, kinds)
    scope = read_base_scope(sections["base_scope"], rules) if "base_scope" in sections else None
    day_cap = _read_day_cap(sections.get("day_cap"), rules)
    deadlines = read_deadlines(sections["deadlines"], rules) if "deadlines" in sections else {}
    period = _read_period(head["period"], rules)
    assessor = AssessorData(
        forms=forms,
        docked=read_docked(sections.get("docked_systems"), rules, kinds),
        record=_read_record(sections["record"], rules, kinds, in_force.first, capped="day_cap" in sections),
        day_cap=day_cap,
        base_scope=scope,
        make_ups=read_make_ups(sections.get("make_up"), deadlines, kinds, {form.code for form in forms}),
        in_force=in_force,
        period=period,
    )
    industry_names = {each.number: Text(each.name_zh, each.name_en) for each in industries()}
    speech = Speech(wording, rules, kinds, industry_names)
    by_code = _by_code(forms)
    ground = Ground(rules, kinds, by_code, scope, deadlines)
    counted = read_all_kinds(sections)
    requirements = read_requirements(sections["requirements"], rules, counted, partial(_most_of_a_day, day_cap))
    judging = read_judging(sections["judging"], rules, counted, everywhere)
    stamping = read_stamping(sections["stamping"], rules, kinds, speech.industries)
    reviews = read_title_review(sections["title_review"], rules) if "title_review" in sections else ()
    covers = _read_covers(head["covers"])
    _check_in_force(head["in_force"], in_force.first, covers, forms)
    name = read_text(head["name"])
    parts = Parts(
        assessor=Assessor(assessor),
        base_scope=scope,
        period=period,
        judge=Judge(JudgeData(requirements, counted, judging, stamping.counting_act, period.basis, wording)),
        reviewer=Reviewer(reviews, requirements, judging, wording),
        deadlines=deadlines,
        stamping=stamping,
        accession=read_accession(sections["accession"], rules, kinds) if "accession" in sections else None,
        spot_checks=read_spot_checks(sections["spot_checks"], rules) if "spot_checks" in sections else None,
        speech=speech,
        counting=counting,
        checks=read_checks(sections, ground, wording),
        wording=wording,
    )
    return Jurisdiction(
        code=head["code"].text(),
        name_zh=name.zh,
        name_en=name.en,
        covers=covers,
        sources=MappingProxyType(sources),
        rules=MappingProxyType(rules),
        kinds=MappingProxyType(kinds),
        line_names=MappingProxyType(requirements.names),
        forms=by_code,
        proof=read_proof(sections["proof"], rules),
        precedence=read_precedence(sections.get("precedence"), rules),
        facts=read_facts(sections.get("facts"), rules),
        _parts=parts,
    )


def _read_covers(section: Value) -> tuple[Covered, ...]:
    """Read whose employers fall under the jurisdiction; an open start means always, no industry all of them."""
    covers: list[Covered] = []
    for item in section.items():
        fields = item.fields(("region",), ("industry", *BASIS_KEYS, *VALIDITY_KEYS))
        read_basis(item, fields)
        region = fields["region"].text()
        if not divisions.exists(region):
            fields["region"].fail(f"no division {region!r}")
        industry = fields["industry"].integer(1, len(industries())) if "industry" in fields else 0
        covers.append(Covered(region, industry, read_span(item, fields)))
    return tuple(covers)


def _read_in_force(section: Value, rules: Mapping[str, Rule]) -> InForce:
    """Read since when the rules hold; what was learned before is held for a person unless ``earlier`` refuses it."""
    fields = section.fields(("rule", "valid_from"), ("earlier", "across", *BASIS_KEYS))
    across = read_basis(fields["across"], fields["across"].fields((), BASIS_KEYS)) if "across" in fields else None
    found = InForce(
        rule_id=read_rule(fields["rule"], rules).id,
        first=fields["valid_from"].day(),
        outcome="held",
        code="BEFORE_RULES",
        bases=(read_basis(section, fields),),
        across=across,
    )
    if "earlier" not in fields:
        return found
    earlier = fields["earlier"].fields(("means", "code", "spared"), BASIS_KEYS)
    spared = earlier["spared"].fields(("rule", "fact"), BASIS_KEYS)
    bases = (read_basis(fields["earlier"], earlier), read_basis(earlier["spared"], spared))
    return found._replace(
        outcome=cast("Outcome", earlier["means"].choice(("held", "rejected"))),
        code=earlier["code"].text(),
        bases=found.bases + bases,
        spared=spared["fact"].text(),
        spared_rule_id=read_rule(spared["rule"], rules).id,
    )


def _check_in_force(section: Value, in_force_from: date, covers: tuple[Covered, ...], forms: tuple[Form, ...]) -> None:
    """Refuse a first day of the rules that comes after their own: what it precedes could never be asked."""
    first_form, first_covered = min(form.span.first for form in forms), min(each.span.first for each in covers)
    if in_force_from > max(first_form, first_covered):
        section.fail(f"the rules are in force from {in_force_from}, their learning forms from {first_form}")


def _read_period(section: Value, rules: Mapping[str, Rule]) -> CalendarYears:
    fields = section.fields(("rule", "unit"), BASIS_KEYS)
    read_rule(fields["rule"], rules)
    return UNITS[fields["unit"].choice(UNITS)](read_basis(section, fields))


def _by_code(forms: tuple[Form, ...]) -> Mapping[str, tuple[Form, ...]]:
    """Return the forms by code, each code's in order of time."""
    found: dict[str, tuple[Form, ...]] = {}
    for form in sorted(forms, key=lambda each: each.span):
        found[form.code] = (*found.get(form.code, ()), form)
    return MappingProxyType(found)


def _read_day_cap(section: Value | None, rules: Mapping[str, Rule]) -> Dated[DayCap]:
    if section is None:
        return Dated("the day cap", ())

    def read(item: Value) -> tuple[Span, DayCap]:
        parts = item.fields(("rule", "hours"), (*BASIS_KEYS, *VALIDITY_KEYS))
        rule, most = read_rule(parts["rule"], rules), parts["hours"].centihours(_HOURS_OF_A_DAY)
        return read_span_within(item, parts, rule), DayCap(rule, most, read_basis(item, parts))

    return read_dated("the day cap", section, read)


def _read_spans(section: Value, rules: Mapping[str, Rule], *, capped: bool) -> Basis:
    """Read on what the way rests in which the hours of a span are put on its days: filled up to a cap, where one is."""
    fields = section.fields(("rule", "filled"), BASIS_KEYS)
    read_rule(fields["rule"], rules)
    fields["filled"].choice(("from_first_day",) if capped else ("on_last_day",))
    return read_basis(section, fields)


def _most_of_a_day(caps: Dated[DayCap], span: Span) -> int:
    """Return the most centihours that a day of a span can give.

    A form without the cap does not raise it: no notice can ask everybody for what only its exceptions give.
    """
    within = [(each, cap.centihours) for each, cap in caps.entries() if each.overlaps(span)]
    if not within or within[0][0].first > span.first or within[-1][0].last < span.last:
        return _HOURS_OF_A_DAY * _CENTI
    return max(centihours for _, centihours in within)


def _read_record(
    section: Value, rules: Mapping[str, Rule], kinds: Collection[str], in_force_from: date, *, capped: bool
) -> dict[str, Dated[RecordRules]]:
    """Read what a record of each kind must satisfy, on each day of the jurisdiction's rules."""
    entries: dict[str, list[tuple[Span, RecordRules]]] = {kind: [] for kind in kinds}
    for item in section.items():
        parts = item.fields(("rule", "days"), ("kinds", "spans", *BASIS_KEYS, *VALIDITY_KEYS))
        rule, basis = read_rule(parts["rule"], rules), read_basis(item, parts)
        spans = _read_spans(parts["spans"], rules, capped=capped) if "spans" in parts else None
        record = RecordRules(rule.id, parts["days"].integer(1, _LONGEST_RECORD_DAYS), basis, spans)
        span = read_span_within(item, parts, rule)
        for kind in parts["kinds"].choices(kinds) if "kinds" in parts else kinds:
            if any(span.overlaps(other) for other, _ in entries[kind]):
                item.fail(f"validity from {span.first} overlaps that of a value before it for kind {kind!r}")
            entries[kind].append((span, record))
    found = {kind: Dated("the record", each) for kind, each in entries.items()}
    if not all(each.covers_from(in_force_from) for each in found.values()):
        section.fail(f"the rules of a record have a gap after {in_force_from}")
    return found
