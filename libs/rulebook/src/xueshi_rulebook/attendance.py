"""Which half days of a class are credited: those with a sign-in and a sign-out (LJ-08)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal, NamedTuple

from xueshi_rulebook.errors import FactTypeError
from xueshi_rulebook.explaining import Language, Wording, say, say_grounds
from xueshi_rulebook.hours import format_hours
from xueshi_rulebook.model import Basis, Rule
from xueshi_rulebook.reading import BASIS_KEYS, read_basis, read_rule
from xueshi_rulebook.yamlsource import Value

Half = Literal["morning", "afternoon", "evening"]
HALVES: Final[tuple[Half, ...]] = ("morning", "afternoon", "evening")
_MOST_TIMES: Final = 10
WORDING_KEYS: Final = (
    "heading", "credited", "lacking_in", "lacking_out", "lacking_both", "not_in_force", *HALVES,
)  # fmt: skip


class HalfDay(NamedTuple):
    """One half day of one person: the class's hours for it (centihours) and how often was signed in and out."""

    on: date
    half: Half
    centihours: int
    sign_ins: int
    sign_outs: int


class AttendanceRules(NamedTuple):
    """The least number of sign-ins and sign-outs of a half day."""

    rule: Rule
    sign_ins: int
    sign_outs: int
    bases: tuple[Basis, ...]
    wording: Wording


class HalfDayFinding(NamedTuple):
    """One half day, credited whole or not at all.

    ``code`` is empty where both are there, else ``NO_SIGN_IN``, ``NO_SIGN_OUT``, ``NO_SIGNATURES`` or ``NOT_IN_FORCE``.
    """

    half_day: HalfDay
    credited: int
    code: str


@dataclass(frozen=True, slots=True)
class Attendance:
    """Credited centihours of a class, with each half day in order of time."""

    credited: int
    half_days: tuple[HalfDayFinding, ...]
    rule_ids: tuple[str, ...]
    _rules: AttendanceRules = field(repr=False, compare=False)

    def explain(self, language: Language) -> str:
        """Return each half day with its hours or with what it lacks, the rule and what rests on a reading."""
        said = self._rules.wording["attendance"]
        parts = [say(said, "heading", language, hours=format_hours(self.credited))]
        for finding in self.half_days:
            half_day = finding.half_day
            parts.append(
                say(
                    said,
                    _SENTENCES[finding.code],
                    language,
                    day=half_day.on,
                    half=said[half_day.half].within(language),
                    hours=format_hours(half_day.centihours),
                )
            )
        return "\n".join(parts + say_grounds(self._rules.wording, [self._rules.rule], self._rules.bases, language))


_SENTENCES: Final = {
    "": "credited",
    "NO_SIGN_IN": "lacking_in",
    "NO_SIGN_OUT": "lacking_out",
    "NO_SIGNATURES": "lacking_both",
    "NOT_IN_FORCE": "not_in_force",
}


def credit_attendance(rules: AttendanceRules, half_days: Sequence[HalfDay]) -> Attendance:
    """Credit each half day whole or not at all; the hours of a half day are the class's.

    A half day on which the rule is not in force is credited as the class says. Raises FactTypeError for hours or
    counts below 0, and for a half day that is listed twice.
    """
    seen: set[tuple[date, Half]] = set()
    findings: list[HalfDayFinding] = []
    for half_day in sorted(half_days, key=lambda each: (each.on, HALVES.index(each.half))):
        if (half_day.on, half_day.half) in seen:
            raise FactTypeError("half_days", "listed once each")
        if min(half_day.centihours, half_day.sign_ins, half_day.sign_outs) < 0:
            raise FactTypeError("half_days", "hours and counts of at least 0")
        seen.add((half_day.on, half_day.half))
        code = _lacking(rules, half_day)
        findings.append(HalfDayFinding(half_day, 0 if code.startswith("NO_") else half_day.centihours, code))
    return Attendance(sum(each.credited for each in findings), tuple(findings), (rules.rule.id,), rules)


def _lacking(rules: AttendanceRules, half_day: HalfDay) -> str:
    if not rules.rule.in_force(half_day.on):
        return "NOT_IN_FORCE"
    signed_in = half_day.sign_ins >= rules.sign_ins
    signed_out = half_day.sign_outs >= rules.sign_outs
    if signed_in and signed_out:
        return ""
    if signed_in:
        return "NO_SIGN_OUT"
    return "NO_SIGN_IN" if signed_out else "NO_SIGNATURES"


def read_attendance(section: Value, rules: Mapping[str, Rule], wording: Wording) -> AttendanceRules:
    """Read the section ``attendance``."""
    fields = section.fields(("rule", "sign_ins", "sign_outs", "without"))
    bases: list[Basis] = []
    times: list[int] = []
    for key in ("sign_ins", "sign_outs"):
        parts = fields[key].fields(("times",), BASIS_KEYS)
        bases.append(read_basis(fields[key], parts))
        times.append(parts["times"].integer(1, _MOST_TIMES))
    without = fields["without"].fields(("credited",), BASIS_KEYS)
    without["credited"].choice(("none",))
    bases.append(read_basis(fields["without"], without))
    return AttendanceRules(read_rule(fields["rule"], rules), times[0], times[1], tuple(bases), wording)
