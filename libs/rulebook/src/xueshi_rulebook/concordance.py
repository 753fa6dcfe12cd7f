"""Clause by clause through each notice: which rules follow from it, so that an official can tick every clause."""

from collections.abc import Mapping

from xueshi_rulebook.model import Clause, Rule, Source
from xueshi_rulebook.reading import read_rule, read_text
from xueshi_rulebook.yamlsource import Value


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
        fields = item.fields(("clause", "heading"), ("rules", "nothing"))
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
        )
    return tuple(clauses.values())
