"""What yields to what, as each notice orders it. It is shown; the values that follow from it are data of their own."""

from collections.abc import Mapping
from typing import NamedTuple

from xueshi_rulebook.model import Basis, Rule, Text
from xueshi_rulebook.reading import BASIS_KEYS, read_basis, read_rule, read_text
from xueshi_rulebook.yamlsource import Value


class Precedence(NamedTuple):
    """One order of precedence: ``what`` says what comes before what, ``scope`` for which matters."""

    what: Text
    scope: Text
    rule_id: str
    basis: Basis


def read_precedence(section: Value | None, rules: Mapping[str, Rule]) -> tuple[Precedence, ...]:
    """Read the section ``precedence``, the strongest first; none where a jurisdiction lacks it."""
    return tuple(_read(item, rules) for item in section.items()) if section is not None else ()


def _read(item: Value, rules: Mapping[str, Rule]) -> Precedence:
    fields = item.fields(("what", "scope", "rule"), BASIS_KEYS)
    return Precedence(
        read_text(fields["what"]),
        read_text(fields["scope"]),
        read_rule(fields["rule"], rules).id,
        read_basis(item, fields),
    )
