"""What rules mention as information, by date: subject guides, topics, a seal's name. Nothing is computed from it."""

from collections.abc import Mapping
from typing import NamedTuple

from xueshi_rulebook.dated import Span
from xueshi_rulebook.model import Basis, Rule, Text
from xueshi_rulebook.reading import BASIS_KEYS, VALIDITY_KEYS, read_basis, read_rule, read_span_within, read_text
from xueshi_rulebook.yamlsource import Value


class Fact(NamedTuple):
    """One piece of information that a rule mentions, and the days for which it holds."""

    code: str
    rule_id: str
    text: Text
    validity: Span
    basis: Basis


def read_facts(section: Value | None, rules: Mapping[str, Rule]) -> tuple[Fact, ...]:
    """Read the section ``facts``; each holds within its rule's days, or on all of them where it names none."""
    facts: dict[str, Fact] = {}
    for item in section.items() if section is not None else ():
        fields = item.fields(("code", "rule", "text"), (*BASIS_KEYS, *VALIDITY_KEYS))
        code, rule = fields["code"].text(), read_rule(fields["rule"], rules)
        if code in facts:
            item.fail(f"fact {code!r} is repeated")
        validity = read_span_within(item, fields, rule)
        facts[code] = Fact(code, rule.id, read_text(fields["text"]), validity, read_basis(item, fields))
    return tuple(facts.values())
