"""What a person's credit year needs, has and lacks (FJ-01), with its arithmetic in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from xueshi_rulebook.dated import Dated, Span
from xueshi_rulebook.explaining import Language, Wording, say, say_grounds
from xueshi_rulebook.hours import format_hours
from xueshi_rulebook.model import Basis, Rule, Text
from xueshi_rulebook.reading import (
    BASIS_KEYS,
    VALIDITY_KEYS,
    read_basis,
    read_dated,
    read_rule,
    read_span_within,
    read_text,
)
from xueshi_rulebook.yamlsource import Value

_LONGEST_HOURS: Final = 366 * 24
WORDING_KEYS: Final = (
    "heading", "compliant", "short", "line_met", "line_short", "sum", "waiting",
)  # fmt: skip


class ProgressLine(NamedTuple):
    """One requirement, in centihours. ``kind`` is a subject kind or the code of a combined requirement ("total").

    ``counted`` are the stamped hours that fill it, ``registered`` those registered, stamped or not.
    """

    kind: str
    required: int
    counted: int
    lacking: int
    registered: int


class Requirement(NamedTuple):
    """A minimum of centihours over one or several kinds."""

    code: str
    name: Text
    counts: tuple[str, ...]
    centihours: int
    basis: Basis


class Requirements(NamedTuple):
    """The rule of the minimums and its dated lines."""

    rule: Rule
    lines: Dated[tuple[Requirement, ...]]


@dataclass(frozen=True, slots=True)
class _Grounds:
    """What an explanation is rendered from, kept until somebody reads it."""

    requirements: tuple[Requirement, ...]
    rule: Rule
    stamped: Mapping[str, int]
    wording: Wording


@dataclass(frozen=True, slots=True)
class Progress:
    """The verdict of one credit period and its lines, in the order of the notice."""

    period: str
    verdict: Literal["compliant", "short"]
    lines: tuple[ProgressLine, ...]
    rule_ids: tuple[str, ...]
    _grounds: _Grounds = field(repr=False, compare=False)

    def explain(self, language: Language) -> str:
        """Return the arithmetic, the clause and what rests on a reading, one line each."""
        grounds = self._grounds
        said = grounds.wording["progress"]
        verdict = said[self.verdict].within(language)
        parts = [say(said, "heading", language, period=self.period, verdict=verdict)]
        pairs = zip(grounds.requirements, self.lines, strict=True)
        parts += [_say_line(requirement, line, grounds, language) for requirement, line in pairs]
        bases = [requirement.basis for requirement in grounds.requirements]
        return "\n".join(parts + say_grounds(grounds.wording, [grounds.rule], bases, language))


def compute_progress(
    period: str,
    rule: Rule,
    lines: tuple[Requirement, ...],
    totals: tuple[Mapping[str, int], Mapping[str, int]],
    wording: Wording,
) -> Progress:
    """Compare the stamped hours with each line; ``totals`` are the stamped and the registered centihours by kind."""
    stamped, registered = totals
    results = tuple(_line(requirement, stamped, registered) for requirement in lines)
    verdict: Literal["compliant", "short"] = "short" if any(line.lacking for line in results) else "compliant"
    grounds = _Grounds(lines, rule, dict(stamped), wording)
    return Progress(period, verdict, results, (rule.id,), grounds)


def _line(requirement: Requirement, stamped: Mapping[str, int], registered: Mapping[str, int]) -> ProgressLine:
    counted = sum(stamped.get(kind, 0) for kind in requirement.counts)
    seen = sum(registered.get(kind, 0) for kind in requirement.counts)
    lacking = max(0, requirement.centihours - counted)
    return ProgressLine(requirement.code, requirement.centihours, counted, lacking, seen)


def _say_line(requirement: Requirement, line: ProgressLine, grounds: _Grounds, language: Language) -> str:
    said = grounds.wording["progress"]
    counted = format_hours(line.counted)
    summed = ""
    if len(requirement.counts) > 1:
        terms = " + ".join(format_hours(grounds.stamped.get(kind, 0)) for kind in requirement.counts)
        summed = say(said, "sum", language, terms=terms, counted=counted)
    sentence = say(
        said,
        "line_short" if line.lacking else "line_met",
        language,
        kind=requirement.name.within(language) + summed,
        required=format_hours(line.required),
        counted=counted,
        lacking=format_hours(line.lacking),
    )
    waiting = line.registered - line.counted
    return sentence + say(said, "waiting", language, waiting=format_hours(waiting)) if waiting > 0 else sentence


def read_requirements(section: Value, rules: Mapping[str, Rule], kind_names: Mapping[str, Text]) -> Requirements:
    """Read the dated minimums of a credit year."""
    top = section.fields(("rule", "values"))
    rule = read_rule(top["rule"], rules)

    def read(item: Value) -> tuple[Span, tuple[Requirement, ...]]:
        fields = item.fields(("lines",), VALIDITY_KEYS)
        span = read_span_within(item, fields, rule)
        return span, tuple(_read_lines(fields["lines"], kind_names))

    return Requirements(rule, read_dated(f"the minimum of {rule.id}", top["values"], read))


def _read_lines(section: Value, kind_names: Mapping[str, Text]) -> Sequence[Requirement]:
    lines: list[Requirement] = []
    for item in section.items():
        fields = item.fields(("code", "counts", "hours"), ("name", *BASIS_KEYS))
        code = fields["code"].text()
        if code in {line.code for line in lines}:
            item.fail(f"line {code!r} is repeated")
        if ("name" in fields) == (code in kind_names):
            item.fail("a line has a name of its own exactly where its code is no subject kind")
        name = read_text(fields["name"]) if "name" in fields else kind_names[code]
        counts = fields["counts"].choices(kind_names)
        hours = fields["hours"].centihours(_LONGEST_HOURS)
        lines.append(Requirement(code, name, counts, hours, read_basis(item, fields)))
    _check_sums(section, lines)
    return lines


def _check_sums(section: Value, lines: Sequence[Requirement]) -> None:
    """Refuse a combined minimum below the sum of those for its parts: it could never bind."""
    single = {line.counts[0]: line.centihours for line in lines if len(line.counts) == 1}
    for line in lines:
        if len(line.counts) > 1 and line.centihours < sum(single.get(kind, 0) for kind in line.counts):
            section.fail(f"line {line.code!r} is below the sum of its parts")
