"""What a person's hours mean for an application for a title (FJ-21, LJ-04, LJ-13, WZ-06, SG-07)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal, NamedTuple, cast

from xueshi_rulebook.explaining import Language, Wording, say, say_grounds
from xueshi_rulebook.judging import Judging
from xueshi_rulebook.model import Basis, Rule, Text
from xueshi_rulebook.periods import Period, cycle_ended_before, cycle_ending_in, read_period
from xueshi_rulebook.person import ANYBODY, Choice, Person, choose, read_applies_to, refuse_gap, refuse_tie
from xueshi_rulebook.progress import say_period
from xueshi_rulebook.reading import (
    BASIS_KEYS,
    VALIDITY_KEYS,
    read_basis,
    read_rule,
    read_span_within,
    read_text,
)
from xueshi_rulebook.requirements import Requirements
from xueshi_rulebook.yamlsource import Value

Outcome = Literal[
    "met", "unmet", "cancelled", "barred", "person_decides", "not_evaluated", "unknown", "not_asked", "not_in_force"
]
Weight = Literal["evidence", "condition"]

_FINDINGS: Final = ("short", "falsified")
_OTHERWISE: Final = "short_otherwise"
_FINDING_OUTCOMES: Final = ("unmet", "cancelled", "barred", "person_decides")
_WEIGHTS: Final = ("evidence", "condition")
_UNITS: Final = ("calendar_year", "cycle")
_MOST_YEARS_BEFORE: Final = 20
WORDING_KEYS: Final = (
    "heading", "met", "unmet", "cancelled", "barred", "person_decides", "not_evaluated", "unknown", "not_asked",
    "not_in_force", "evidence", "condition", "period", "falsified", "no_cycle", "document",
)  # fmt: skip


class EligibleQuestion(NamedTuple):
    """An application. ``verdicts`` gives what ``progress`` found, by period; a period that is left out is unknown.

    ``falsified`` says that a person found hours to be falsified. ``periods`` are those that the applicant is asked for;
    where it is None the rules name them.
    """

    applied_on: date
    verdicts: Mapping[str, str]
    falsified: bool = False
    person: Person = ANYBODY
    periods: tuple[str, ...] | None = None


class PeriodVerdict(NamedTuple):
    """One period that is asked for, and what is known of it: a verdict of ``progress``, or "unknown"."""

    period: str
    verdict: str


class Document(NamedTuple):
    """What the applicant hands in."""

    code: str
    name: Text
    basis: Basis


class Finding(NamedTuple):
    """What follows from hours that are short or falsified.

    ``years_after`` are the years after a short period's last one in which it follows, empty for always; in others
    "short_otherwise" does.
    """

    rule: Rule
    outcome: Outcome
    basis: Basis
    years_after: tuple[int, ...] = ()


class Asks(NamedTuple):
    """Which periods an application needs: those of so many years before its own, 0 for its own.

    ``last_ended`` asks for the last cycle that ended before the day of the application instead.
    """

    unit: str
    years_before: tuple[int, ...]
    last_ended: bool
    basis: Basis


class Review(NamedTuple):
    """What the hours of some people mean when they apply. ``weight`` says whether a must or evidence among other."""

    code: str
    rule: Rule
    besides: tuple[Rule, ...]
    asks: Asks
    weight: Weight
    weight_basis: Basis
    findings: Mapping[str, Finding]
    documents: tuple[Document, ...]
    notice: Text | None


class Reviewer(NamedTuple):
    """Answers for one jurisdiction; on days on which no rule says anything of applications, by that without minimum."""

    reviews: tuple[Choice[Review], ...]
    requirements: Requirements
    judging: Judging
    wording: Wording

    def __call__(self, question: EligibleQuestion) -> "Eligible":
        """Return what the hours mean for an application; raises UnknownPeriodError for a period that is none."""
        chosen = choose(self.reviews, question.person, question.applied_on)
        if chosen is None:
            without = self.judging.without
            grounds = _Grounds(self, None, None, (without,), "", question.person)
            return Eligible("not_in_force", None, (), (), (without.id,), grounds)
        review = chosen.value
        periods = self._periods(review.asks, question)
        found = tuple(PeriodVerdict(each.code, question.verdicts.get(each.code, "unknown")) for each in periods or ())
        outcome, finding = _decide(review, question, None if periods is None else found)
        besides = (rule for rule in review.besides if rule.in_force(question.applied_on))
        rules = tuple(dict.fromkeys([review.rule, *besides, *([finding.rule] if finding else [])]))
        note = "falsified" if question.falsified else "no_cycle" if periods is None else ""
        return Eligible(
            outcome=outcome,
            weight=review.weight,
            periods=found,
            documents=tuple(each.code for each in review.documents),
            rule_ids=tuple(rule.id for rule in rules),
            _grounds=_Grounds(self, review, finding, rules, note, question.person),
        )

    def unconfirmed(self, period: str, person: Person) -> list[Basis]:
        """Return the unconfirmed sources of the minimum that judges a period."""
        read = read_period(period)
        choices = self.requirements.years if read.is_year else self.requirements.spans
        chosen = choose(choices, person, self.judging.day(read))
        return [] if chosen is None else [basis for basis in chosen.value.bases if basis.kind == "unconfirmed"]

    def _periods(self, asks: Asks, question: EligibleQuestion) -> tuple[Period, ...] | None:
        """Return the periods asked for, None where they depend on a cycle whose start is not known."""
        if question.periods is not None:
            return tuple(map(read_period, question.periods))
        years = [question.applied_on.year - before for before in asks.years_before]
        if asks.unit == "calendar_year":
            return tuple(read_period(f"{year:04}") for year in years)
        person = question.person
        cycles = [each.value.period for each in self.requirements.spans if each.who.includes(person)]
        lengths = {each.years for each in cycles if each.unit == "cycle"}
        if person.cycle_from is None or len(lengths) != 1:
            return None
        [length] = lengths
        if asks.last_ended:
            ended = cycle_ended_before(person.cycle_from, length, question.applied_on)
            return () if ended is None else (ended,)
        ending = (cycle_ending_in(person.cycle_from, length, year) for year in years)
        return tuple(each for each in ending if each is not None)


def _decide(
    review: Review, question: EligibleQuestion, periods: tuple[PeriodVerdict, ...] | None
) -> tuple[Outcome, Finding | None]:
    """Return the outcome: what is falsified before what is short, that before what is not known."""
    if question.falsified:
        finding = review.findings["falsified"]
        return finding.outcome, finding
    if periods is None:
        return "unknown", None
    verdicts = {each.verdict for each in periods}
    if "short" in verdicts:
        finding = _find_short(review, question.applied_on, periods)
        return finding.outcome, finding
    if not verdicts <= {"compliant", "not_evaluated"}:
        return "unknown", None
    if "not_evaluated" in verdicts:
        return "not_evaluated", None
    return ("met" if verdicts else "not_asked"), None


def _find_short(review: Review, applied_on: date, periods: tuple[PeriodVerdict, ...]) -> Finding:
    """Return what follows from the short periods in the year of the application."""
    finding = review.findings["short"]
    ended_in = [read_period(each.period).last.year for each in periods if each.verdict == "short"]
    if not finding.years_after or any(applied_on.year - year in finding.years_after for year in ended_in):
        return finding
    return review.findings[_OTHERWISE]


class _Grounds(NamedTuple):
    """What an explanation is rendered from, kept until somebody reads it."""

    reviewer: Reviewer
    review: Review | None
    finding: Finding | None
    rules: tuple[Rule, ...]
    note: str
    person: Person


@dataclass(frozen=True, slots=True)
class Eligible:
    """What the hours mean for the application.

    ``outcome``: met or unmet by the periods asked for; cancelled, no right to apply (WZ-06); barred, no appointment
    or promotion in the year of the application (LJ-04); person_decides; not_evaluated or unknown where a period is;
    not_asked where no period is asked for; not_in_force before the rules. ``weight`` says whether the hours are
    evidence among other (FJ-21) or a condition, None before the rules. ``documents`` are codes of what is handed in.
    """

    outcome: Outcome
    weight: Weight | None
    periods: tuple[PeriodVerdict, ...]
    documents: tuple[str, ...]
    rule_ids: tuple[str, ...]
    _grounds: _Grounds = field(repr=False, compare=False)

    def explain(self, language: Language) -> str:
        """Return outcome, periods, papers, the clauses and what rests on a reading, one line each."""
        reviewer, review, finding, rules, note, person = self._grounds
        said, verdicts = reviewer.wording["eligible"], reviewer.wording["progress"]
        parts = [say(said, "heading", language, outcome=said[self.outcome].within(language))]
        if note:
            parts.append(said[note].within(language))
        bases: list[Basis] = []
        if review is not None:
            parts.append(said[review.weight].within(language))
            for period, verdict in self.periods:
                word = verdicts.get(verdict, said["unknown"]).within(language)
                named = say_period(read_period(period), verdicts, language)
                parts.append(say(said, "period", language, period=named, verdict=word))
            parts += [say(said, "document", language, name=each.name.within(language)) for each in review.documents]
            if review.notice is not None:
                parts.append(review.notice.within(language))
            bases = [review.asks.basis, review.weight_basis, *(each.basis for each in review.documents)]
            bases += [basis for each in self.periods for basis in reviewer.unconfirmed(each.period, person)]
        if finding is not None:
            bases.append(finding.basis)
        return "\n".join(parts + say_grounds(reviewer.wording, rules, bases, language))


def read_title_review(section: Value, rules: Mapping[str, Rule]) -> tuple[Choice[Review], ...]:
    """Read ``title_review``. Two that are for the same people on the same day, equally specific, are refused."""
    found: list[Choice[Review]] = []
    for item in section.items():
        new = _read_review(item, rules)
        if new.value.code in {each.value.code for each in found}:
            item.fail(f"review {new.value.code!r} is repeated")
        refuse_tie(item, new, found)
        found.append(new)
    refuse_gap(section, found)
    return tuple(found)


def _read_review(item: Value, rules: Mapping[str, Rule]) -> Choice[Review]:
    fields = item.fields(
        ("code", "rule", "asks", "weight", "findings"),
        ("besides", "applies_to", "documents", "notice", *VALIDITY_KEYS),
    )
    rule = read_rule(fields["rule"], rules)
    weight = fields["weight"].fields(("is",), BASIS_KEYS)
    review = Review(
        code=fields["code"].text(),
        rule=rule,
        besides=tuple(read_rule(each, rules) for each in fields["besides"].items()) if "besides" in fields else (),
        asks=_read_asks(fields["asks"]),
        weight=cast("Weight", weight["is"].choice(_WEIGHTS)),
        weight_basis=read_basis(fields["weight"], weight),
        findings=_read_findings(fields["findings"], rules),
        documents=tuple(map(_read_document, fields["documents"].items())) if "documents" in fields else (),
        notice=read_text(fields["notice"]) if "notice" in fields else None,
    )
    return Choice(read_applies_to(fields), read_span_within(item, fields, rule), review)


def _read_asks(section: Value) -> Asks:
    fields = section.fields(("unit",), ("years_before", "last_ended", *BASIS_KEYS))
    unit = fields["unit"].choice(_UNITS)
    if ("years_before" in fields) == ("last_ended" in fields):
        section.fail("either years_before or last_ended says which periods are asked for")
    if "last_ended" in fields and not (fields["last_ended"].flag() and unit == "cycle"):
        section.fail("last_ended is true, of a cycle, or absent")
    years = _read_years(fields["years_before"]) if "years_before" in fields else ()
    return Asks(unit, years, "last_ended" in fields, read_basis(section, fields))


def _read_years(value: Value) -> tuple[int, ...]:
    years = tuple(each.integer(0, _MOST_YEARS_BEFORE) for each in value.items())
    if len(set(years)) != len(years):
        value.fail("a year is repeated")
    return years


def _read_findings(section: Value, rules: Mapping[str, Rule]) -> dict[str, Finding]:
    found: dict[str, Finding] = {}
    for code, item in section.fields(_FINDINGS, (_OTHERWISE,)).items():
        fields = item.fields(("rule", "outcome"), (*(("years_after",) if code == "short" else ()), *BASIS_KEYS))
        outcome = cast("Outcome", fields["outcome"].choice(_FINDING_OUTCOMES))
        years = _read_years(fields["years_after"]) if "years_after" in fields else ()
        found[code] = Finding(read_rule(fields["rule"], rules), outcome, read_basis(item, fields), years)
    if bool(found["short"].years_after) != (_OTHERWISE in found):
        section.fail("short_otherwise comes with years_after of short")
    return found


def _read_document(item: Value) -> Document:
    fields = item.fields(("code", "name"), BASIS_KEYS)
    return Document(fields["code"].text(), read_text(fields["name"]), read_basis(item, fields))
