"""Clause by clause through each notice: which rules follow from it, so that an official can tick every clause."""

from collections.abc import Iterable, Mapping
from typing import Final

from xueshi_rulebook.model import Clause, Rule, Source
from xueshi_rulebook.reading import read_rule, read_text
from xueshi_rulebook.yamlsource import Value

CLAUSES_APART: Final = "；"
_CATALOGUES: Final = ("sources", "rules")


def clause_of(cited: str, listed: Iterable[str]) -> str | None:
    """Return the listed clause under which a citation belongs; None where it names none of the notice's.

    A citation may be finer than the list, 第五条第二款 under 第五条, or wider: 第七条 begins at 第七条第一款.
    """
    within = [clause for clause in listed if cited.startswith(clause)]
    return max(within, key=len) if within else next((clause for clause in listed if clause.startswith(cited)), None)


def check_citations(sections: Mapping[str, Value], sources: Mapping[str, Source], rules: Mapping[str, Rule]) -> None:
    """Refuse a clause that the concordances do not know: nobody would find it in the notice.

    What rests on a rule cites that rule's notice, or another by its short name, "S0 附件5"; other values may cite any.
    """
    listed = {short: [clause.clause for clause in source.clauses] for short, source in sources.items()}
    for rule_id, item in sections["rules"].entries().items():
        _check_cited(item.entries()["clause"], rules[rule_id].source_id, listed)
    for name, section in sections.items():
        if name not in _CATALOGUES:
            _check_citations(section, "", listed, rules)


def _check_citations(value: Value, source: str, listed: Mapping[str, list[str]], rules: Mapping[str, Rule]) -> None:
    if value.is_list:
        for item in value.items():
            _check_citations(item, source, listed, rules)
    elif value.is_mapping:
        entries = value.entries()
        named = entries["rules"].items() if "rules" in entries else [entries["rule"]] if "rule" in entries else []
        source = next((rules[each.text()].source_id for each in named if each.text() in rules), source)
        if "clause" in entries:
            _check_cited(entries["clause"], source, listed)
        for item in entries.values():
            _check_citations(item, source, listed, rules)


def _check_cited(value: Value, source: str, listed: Mapping[str, list[str]]) -> None:
    for cited in value.text().split(CLAUSES_APART):
        short, _, rest = cited.partition(" ")
        notices = [short] if short in listed else [source] if source else list(listed)
        clause = rest if short in listed else cited
        if not any(clause_of(clause, listed[notice]) for notice in notices):
            value.fail(f"{' or '.join(notices)} lists no clause {clause!r}")


def read_concordances(section: Value, sources: Mapping[str, Source], rules: Mapping[str, Rule]) -> dict[str, Source]:
    """Return the sources with their clauses, in the notice's order.

    Refused are a rule that the jurisdiction does not have, a clause that is listed twice, and a rule that no clause
    of its own source names.
    """
    found: dict[str, Source] = {}
    for short, item in section.entries().items():
        listing = item.entries()["clauses"]
        clauses = _read_clauses(listing, rules)
        named = {rule_id for clause in clauses for rule_id in clause.rule_ids}
        for rule in rules.values():
            if rule.source_id == short and rule.id not in named:
                listing.fail(f"no clause of {short} names rule {rule.id}")
        found[short] = sources[short]._replace(clauses=clauses)
    return found


def _read_clauses(listing: Value, rules: Mapping[str, Rule]) -> tuple[Clause, ...]:
    clauses: dict[str, Clause] = {}
    for item in listing.items():
        fields = item.fields(("clause", "heading"), ("quote", "rules", "nothing"))
        if ("rules" in fields) == ("nothing" in fields):
            item.fail("a clause has either rules or nothing, which says why there are none")
        clause = fields["clause"].text()
        if clause in clauses:
            item.fail(f"clause {clause!r} is repeated")
        clauses[clause] = Clause(
            clause,
            read_text(fields["heading"]),
            tuple(read_rule(each, rules).id for each in fields["rules"].items()) if "rules" in fields else (),
            read_text(fields["nothing"]) if "nothing" in fields else None,
            fields["quote"].text() if "quote" in fields else "",
        )
    return tuple(clauses.values())
