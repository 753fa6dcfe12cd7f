"""Small readers shared by every section of the data: bilingual text, what a value rests on, validity."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import TypeVar, cast

from xueshi_rulebook.dated import ALWAYS, Dated, Span, first_gap
from xueshi_rulebook.model import Basis, BasisKind, Rule, Text
from xueshi_rulebook.yamlsource import Value

T = TypeVar("T")

BASIS_KEYS = ("clause", "reading", "unconfirmed")
VALIDITY_KEYS = ("valid_from", "valid_to")


def read_text(value: Value) -> Text:
    """Read ``{zh: …, en: …}``."""
    fields = value.fields(("zh", "en"))
    return Text(fields["zh"].text(), fields["en"].text())


def read_basis(owner: Value, fields: Mapping[str, Value]) -> Basis:
    """Read the one of ``clause``, ``reading`` and ``unconfirmed`` on which ``owner`` rests."""
    present = [key for key in BASIS_KEYS if key in fields]
    if len(present) != 1:
        owner.fail("a value rests on exactly one of clause, reading, unconfirmed")
    kind = cast("BasisKind", present[0])
    value = fields[kind]
    if kind == "clause":
        clause = value.text()
        return Basis(kind, Text(clause, clause))
    return Basis(kind, read_text(value))


def read_span(owner: Value, fields: Mapping[str, Value], lacks: Span = ALWAYS) -> Span:
    """Read ``valid_from`` and ``valid_to``; ``lacks`` gives each that is absent. An end before the start is refused."""
    first = fields["valid_from"].day() if "valid_from" in fields else lacks.first
    last = fields["valid_to"].day() if "valid_to" in fields else lacks.last
    if last < first:
        owner.fail(f"valid_to {last} is before valid_from {first}")
    return Span(first, last)


def read_rule(value: Value, rules: Mapping[str, Rule]) -> Rule:
    """Read the id of a rule that the jurisdiction has."""
    rule = rules.get(value.text())
    if rule is None:
        value.fail(f"no rule {value.text()!r}")
    return rule


def read_span_within(owner: Value, fields: Mapping[str, Value], rule: Rule) -> Span:
    """Read a validity that must lie within its rule's own, which it also is where none is given."""
    lacks = Span(rule.valid_from, rule.valid_to or date.max)
    span = read_span(owner, fields, lacks)
    if span.first < rule.valid_from or (rule.valid_to is not None and span.last > rule.valid_to):
        owner.fail(f"validity reaches beyond that of {rule.id}")
    return span


def read_dated(what: str, values: Value, read: Callable[[Value], tuple[Span, T]]) -> Dated[T]:
    """Read a list of dated values.

    Two that are in force on the same day are refused, and so are days between two of them without any.
    """
    entries: list[tuple[Span, T]] = []
    for item in values.items():
        span, value = read(item)
        for other, _ in entries:
            if span.overlaps(other):
                item.fail(f"validity from {span.first} overlaps the value valid from {other.first}")
        entries.append((span, value))
    gap = first_gap(span for span, _ in entries)
    if gap is not None:
        values.fail(f"{what} has a gap from {gap.first} to {gap.last}")
    return Dated(what, entries)
