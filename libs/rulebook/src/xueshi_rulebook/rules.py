"""Reading a jurisdiction's sources and rules."""

from collections.abc import Mapping
from datetime import date
from typing import cast, get_args

from xueshi_rulebook.model import Kind, Rule, RuleKind, Source, Text, Unit
from xueshi_rulebook.reading import BASIS_KEYS, read_basis, read_span, read_text
from xueshi_rulebook.yamlsource import Value


def read_sources(section: Value) -> dict[str, Source]:
    """Read the notices by their short names, still without their clauses, which name rules (concordance.py)."""
    sources: dict[str, Source] = {}
    for short, item in section.entries().items():
        fields = item.fields(("number", "title", "clauses"), ("issued_on",))
        title = read_text(fields["title"])
        issued_on = fields["issued_on"].day() if "issued_on" in fields else None
        number = fields["number"].line()
        if " " in number:
            fields["number"].fail("a notice's number has no blank: in a citation one ends it")
        sources[short] = Source(short, number, title.zh, title.en, issued_on, ())
    return sources


def read_rules(section: Value, sources: Mapping[str, Source]) -> dict[str, Rule]:
    """Read the rules by id; each names a source of the jurisdiction and the day from which it holds."""
    return {rule_id: _read_rule(rule_id, item, sources) for rule_id, item in section.entries().items()}


def _read_rule(rule_id: str, item: Value, sources: Mapping[str, Source]) -> Rule:
    fields = item.fields(
        ("source", "clause", "kind", "title", "valid_from"), ("valid_to", "reading", "quote", "effect")
    )
    source = sources[fields["source"].choice(sources)]
    span = read_span(item, fields)
    title = read_text(fields["title"])
    reading, effect = (read_text(fields[key]) if key in fields else Text("", "") for key in ("reading", "effect"))
    return Rule(
        id=rule_id,
        source=source.number,
        clause=fields["clause"].line(),
        title_zh=title.zh,
        title_en=title.en,
        kind=cast("RuleKind", fields["kind"].choice(get_args(RuleKind))),
        valid_from=span.first,
        valid_to=None if span.last == date.max else span.last,
        is_reading="reading" in fields,
        reading_zh=reading.zh,
        reading_en=reading.en,
        source_id=source.id,
        quote=fields["quote"].text() if "quote" in fields else "",
        effect_zh=effect.zh,
        effect_en=effect.en,
    )


def read_all_kinds(sections: Mapping[str, Value]) -> dict[str, Kind]:
    """Read ``kinds`` and ``measures``: all that a requirement may count."""
    kinds = read_kinds(sections["kinds"])
    for code, measure in (read_kinds(sections["measures"]) if "measures" in sections else {}).items():
        if code in kinds:
            sections["measures"].fail(f"kind {code!r} is repeated")
        kinds[code] = measure
    return kinds


def read_kinds(section: Value) -> dict[str, Kind]:
    """Read the subject kinds (科目), or what else is counted: names and the units that they are counted in."""
    kinds: dict[str, Kind] = {}
    for item in section.items():
        fields = item.fields(("code", "name", "unit"), BASIS_KEYS)
        read_basis(item, fields)
        code = fields["code"].text()
        if code in kinds:
            item.fail(f"kind {code!r} is repeated")
        kinds[code] = Kind(read_text(fields["name"]), cast("Unit", fields["unit"].choice(get_args(Unit))))
    return kinds
