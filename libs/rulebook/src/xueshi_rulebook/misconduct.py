"""What a notice calls misconduct and what may follow: recorded and shown; a person decides (LJ-09, LJ-17, FJ-24)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from xueshi_rulebook.model import Basis, Rule, Text
from xueshi_rulebook.reading import BASIS_KEYS, read_basis, read_rule, read_text
from xueshi_rulebook.yamlsource import Value


class Entry(NamedTuple):
    """One kind of misconduct, or one of its consequences."""

    code: str
    name: Text
    basis: Basis


class Misconduct(NamedTuple):
    """One list of a notice: what may be recorded, and the consequences among which a person chooses."""

    code: str
    rule: Rule
    facts: tuple[Entry, ...]
    consequences: tuple[Entry, ...]
    decided: Basis


def read_misconduct(section: Value, rules: Mapping[str, Rule]) -> Mapping[str, Misconduct]:
    """Read the section ``misconduct``, a mapping by code."""
    return MappingProxyType({code: _read(code, item, rules) for code, item in section.entries().items()})


def _read(code: str, item: Value, rules: Mapping[str, Rule]) -> Misconduct:
    fields = item.fields(("rule", "facts", "consequences", "decided"))
    decided = fields["decided"].fields(("by",), BASIS_KEYS)
    decided["by"].choice(("person",))
    return Misconduct(
        code,
        read_rule(fields["rule"], rules),
        _read_entries(fields["facts"]),
        _read_entries(fields["consequences"]),
        read_basis(fields["decided"], decided),
    )


def _read_entries(section: Value) -> tuple[Entry, ...]:
    entries: list[Entry] = []
    for item in section.items():
        fields = item.fields(("code", "name"), BASIS_KEYS)
        code = fields["code"].text()
        if code in {entry.code for entry in entries}:
            item.fail(f"{code!r} is repeated")
        entries.append(Entry(code, read_text(fields["name"]), read_basis(item, fields)))
    return tuple(entries)
