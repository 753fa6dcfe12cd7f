"""What a credit period needs, has and lacks: a year (FJ-01, WZ-01, SG-01), a cycle (LJ-04), a tenure (LJ-03)."""

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from xueshi_rulebook.assignments import Act
from xueshi_rulebook.dated import ALWAYS, Span
from xueshi_rulebook.errors import UnknownKindError, UnknownPeriodError
from xueshi_rulebook.explaining import Language, Sentences, Wording, say, say_grounds
from xueshi_rulebook.hours import format_hours
from xueshi_rulebook.judging import Judging
from xueshi_rulebook.model import Basis, Kind, Rule, Unit
from xueshi_rulebook.periods import Period, cycle, read_period
from xueshi_rulebook.person import ANYBODY, Choice, Person, choose
from xueshi_rulebook.requirements import Profile, Requirement, Requirements

WORDING_KEYS: Final = (
    "year", "span", "heading", "compliant", "short", "not_evaluated",
    "line_met", "line_short", "line_below", "other_met", "other_short", "bare", "waiting", "unconfirmed",
    "sum", "capped", "derived_from_years", "derived_from_credits", "moved", "left_out",
    "hours", "credits", "items", "days",
)  # fmt: skip

Verdict = Literal["compliant", "short", "not_evaluated"]
Amounts = Mapping[str, int]
"""Amounts by subject kind, in hundredths of each kind's unit."""

_KEPT_PLANS: Final = 4096
_new = tuple.__new__
"""Makes a named tuple from its values at a third of the cost: this runs for every change of anybody's hours."""


class ProgressLine(NamedTuple):
    """One requirement, in hundredths of ``unit``. ``kind`` is a subject kind or the code of a combined requirement.

    ``counted`` are the stamped amounts that fill it, ``registered`` those registered, stamped or not. Where another
    measure meets the line, nothing is lacking although less is counted.
    """

    kind: str
    required: int
    counted: int
    lacking: int
    registered: int
    unit: Unit


class JudgeData(NamedTuple):
    """What a jurisdiction's judge is compiled from; ``act`` is what makes hours count there."""

    requirements: Requirements
    kinds: Mapping[str, Kind]
    judging: Judging
    act: Act
    year_basis: Basis
    wording: Wording


class Plan(NamedTuple):
    """What judges one period of one sort of people, ready to use.

    ``chosen`` is None where no minimum is in force. ``simple`` has code, minimum, kinds and unit of each line;
    ``special`` the lines that a cap or an alternative makes more than a sum, by their place.
    """

    period: Period
    chosen: Choice[Profile] | None
    rules: tuple[Rule, ...]
    rule_ids: tuple[str, ...]
    simple: tuple[tuple[str, int, tuple[str, ...], Unit], ...]
    special: Mapping[int, Requirement]


class Grounds(NamedTuple):
    """What an explanation is rendered from, kept until somebody reads it. ``given`` are the amounts as asked."""

    data: JudgeData
    plan: Plan
    stamped: Amounts
    given: Amounts
    person: Person

    def __repr__(self) -> str:
        """Say no more than what was given: the rest is the whole rulebook."""
        return f"Grounds({self.given!r}, {self.person!r})"


class Progress(NamedTuple):
    """The verdict of one credit period and its lines, in the order of the notice.

    A period that is not evaluated has a line of what there is for each kind, without a minimum.
    """

    period: str
    verdict: Verdict
    lines: tuple[ProgressLine, ...]
    rule_ids: tuple[str, ...]
    grounds: Grounds

    @property
    def profile(self) -> str:
        """The code of the minimums that judged, empty where none was in force."""
        chosen = self.grounds.plan.chosen
        return "" if chosen is None else chosen.value.code

    @property
    def in_force(self) -> Span:
        """The days on which these minimums hold; all days where none was in force."""
        chosen = self.grounds.plan.chosen
        return ALWAYS if chosen is None else chosen.span

    def explain(self, language: Language) -> str:
        """Return the arithmetic, the clause and what rests on a reading, one line each."""
        return _Explanation(self, language).text()


class Judge:
    """Judges the periods of one jurisdiction. Equal questions get equal answers."""

    __slots__ = ("_data", "_kinds", "_plan")

    def __init__(self, data: JudgeData) -> None:
        """Compile what does not depend on a question."""
        self._data = data
        self._kinds = data.kinds.keys()
        self._plan = lru_cache(_KEPT_PLANS)(self._make_plan)

    def __call__(self, period: str, stamped: Amounts, registered: Amounts, person: Person = ANYBODY) -> Progress:
        """Compare what is stamped with each line; raises UnknownPeriodError and UnknownKindError."""
        plan = self._plan(period, *person[:3])
        given = stamped
        if not (stamped.keys() <= self._kinds and registered.keys() <= self._kinds):
            stamped, registered = self._moved(stamped), self._moved(registered)
        verdict: Verdict = "compliant"
        if plan.simple:
            lines = []
            for code, required, kinds, unit in plan.simple:
                counted = seen = 0
                for kind in kinds:
                    if kind in stamped:
                        counted += stamped[kind]
                    if kind in registered:
                        seen += registered[kind]
                lacking = required - counted
                if lacking > 0:
                    verdict = "short"
                else:
                    lacking = 0
                lines.append(_new(ProgressLine, (code, required, counted, lacking, seen, unit)))
            if plan.special:
                verdict = _count_specially(plan, lines, stamped, registered)
        else:
            verdict, lines = "not_evaluated", self._bare_lines(stamped, registered)
        grounds = _new(Grounds, (self._data, plan, dict(stamped), dict(given), person))
        return _new(Progress, (period, verdict, tuple(lines), plan.rule_ids, grounds))

    def notes_on(self, profile: str, rule_ids: Collection[str]) -> tuple[Basis, ...]:
        """Return what a verdict rests on beside clauses: readings, and sources to be confirmed.

        ``profile`` and ``rule_ids`` are those of its progress. Nothing is known of minimums that this version lacks.
        """
        if not profile:
            judging = self._data.judging
            return (judging.without_basis,) if judging.without.id in rule_ids else ()
        choices = (*self._data.requirements.years, *self._data.requirements.spans)
        bases = (basis for each in choices if each.value.code == profile for basis in each.value.bases)
        return tuple(dict.fromkeys(basis for basis in bases if basis.kind != "clause"))

    def _make_plan(self, code: str, industry: int, occupation: str, institution_level: str) -> Plan:
        """Find what judges a period; kept, since few periods and sorts of people are asked about again and again."""
        period, person = read_period(code), Person(industry, occupation, institution_level)
        requirements = self._data.requirements
        choices = requirements.years if period.is_year else requirements.spans
        if not period.is_year and not any(each.who.includes(person) for each in choices):
            raise UnknownPeriodError(code)
        on = self._data.judging.day(period)
        chosen = choose(choices, person, on)
        if chosen is None:
            rule = self._data.judging.without
            return Plan(period, None, (rule,), (rule.id,), (), {})
        profile = chosen.value
        if profile.period.unit == "cycle" and period != cycle(period.first, profile.period.years):
            raise UnknownPeriodError(code)
        rules = (profile.rule, *(rule for rule in profile.besides if rule.in_force(on)))
        lines = [line for line in profile.lines if line.required]
        return Plan(
            period,
            chosen,
            rules,
            tuple(rule.id for rule in rules),
            tuple((line.code, line.required, line.counts, line.unit) for line in lines),
            {place: line for place, line in enumerate(lines) if line.cap or line.alternative},
        )

    def _moved(self, amounts: Amounts) -> Amounts:
        """Return the amounts by the kinds of this jurisdiction, those without an equivalent left out."""
        judging, found = self._data.judging, dict[str, int]()
        for kind, amount in amounts.items():
            ours = judging.equivalents.get(kind) if kind in judging.foreign else kind
            if ours is None:
                continue
            if ours not in self._kinds:
                raise UnknownKindError(kind)
            found[ours] = found.get(ours, 0) + amount
        return found

    def _bare_lines(self, stamped: Amounts, registered: Amounts) -> list[ProgressLine]:
        return [
            ProgressLine(code, 0, stamped.get(code, 0), 0, registered.get(code, 0), kind.unit)
            for code, kind in self._data.kinds.items()
            if code in stamped or code in registered
        ]


def _count_specially(plan: Plan, lines: list[ProgressLine], stamped: Amounts, registered: Amounts) -> Verdict:
    """Count again the lines that are more than a sum, and return the verdict over all."""
    for place, requirement in plan.special.items():
        counted = _count(requirement, stamped)
        lacking = max(0, requirement.required - counted)
        if requirement.alternative is not None and _met_otherwise(requirement, stamped):
            lacking = 0
        seen = _count(requirement, registered)
        lines[place] = lines[place]._replace(counted=counted, lacking=lacking, registered=seen)
    return "short" if any(line.lacking for line in lines) else "compliant"


def _count(requirement: Requirement, amounts: Amounts) -> int:
    """Return what fills a line: the sum over its kinds, of which some may be capped together (LJ-03)."""
    capped = () if requirement.cap is None else requirement.cap.kinds
    total = sum(amounts.get(kind, 0) for kind in requirement.counts if kind not in capped)
    if requirement.cap is not None:
        total += min(sum(amounts.get(kind, 0) for kind in capped), requirement.cap.most)
    return total


def _met_otherwise(requirement: Requirement, amounts: Amounts) -> bool:
    """Tell whether a line's other measure meets it (SG-01)."""
    other = requirement.alternative
    return other is not None and sum(amounts.get(kind, 0) for kind in other.counts) >= other.required


def say_period(period: Period, said: Sentences, language: Language) -> str:
    """Return a period in words, by the templates of "progress"."""
    key = "year" if period.is_year else "span"
    return say(said, key, language, code=period.code, first=period.first, last=period.last)


class _Explanation:
    """Renders one progress in one language."""

    def __init__(self, made: Progress, language: Language) -> None:
        self._made, self._language = made, language
        self._data, self._plan, self._stamped, self._given, self._person = made.grounds
        self._said = self._data.wording["progress"]
        self._profile = None if self._plan.chosen is None else self._plan.chosen.value
        self._act = self._data.wording["route"][f"act_{self._data.act}"].within(language)

    def text(self) -> str:
        """Return all lines."""
        profile = self._profile
        period = say_period(self._plan.period, self._said, self._language)
        parts = [self._say("heading", period=period, verdict=self._word(self._made.verdict))]
        if self._plan.chosen is not None:
            parts.append(self._plan.chosen.who.say(self._data.wording["person"], self._language))
        by_code = {} if profile is None else {line.code: line for line in profile.lines}
        parts += [
            self._line(by_code[line.kind], line) if line.kind in by_code else self._bare(line)
            for line in self._made.lines
        ]
        parts += self._moves()
        rules = self._plan.rules
        if profile is not None and profile.is_unconfirmed:
            # The rule's clause and reading are those of its notice, in which these amounts do not stand.
            parts.append(self._word("unconfirmed"))
            rules = ()
        parts += say_grounds(self._data.wording, rules, self._bases(), self._language)
        return "\n".join(part for part in parts if part)

    def _say(self, key: str, **words: object) -> str:
        return say(self._said, key, self._language, **words)

    def _word(self, key: str) -> str:
        return self._said[key].within(self._language)

    def _line(self, requirement: Requirement, line: ProgressLine) -> str:
        key = "line_short" if line.lacking else "line_met" if line.counted >= line.required else "line_below"
        sentence = self._say(
            key,
            kind=requirement.name.within(self._language) + self._sum(requirement, line),
            required=format_hours(line.required),
            derived=self._derived(requirement),
            counted=format_hours(line.counted),
            lacking=format_hours(line.lacking),
            unit=self._word(line.unit),
            act=self._act,
        )
        other = requirement.alternative
        if other is not None:
            sentence += self._say(
                "other_met" if _met_otherwise(requirement, self._stamped) else "other_short",
                required=format_hours(other.required),
                counted=format_hours(sum(self._stamped.get(kind, 0) for kind in other.counts)),
                unit=self._word(other.unit),
            )
        return sentence + self._waiting(line)

    def _sum(self, requirement: Requirement, line: ProgressLine) -> str:
        """Return the arithmetic of a line that counts several kinds."""
        if len(requirement.counts) == 1:
            return ""
        capped = () if requirement.cap is None else requirement.cap.kinds
        terms = self._terms([kind for kind in requirement.counts if kind not in capped])
        if requirement.cap is not None:
            most = format_hours(requirement.cap.most)
            terms += [self._say("capped", terms=" + ".join(self._terms(capped)), most=most)]
        return self._say("sum", terms=" + ".join(terms), counted=format_hours(line.counted))

    def _terms(self, kinds: Iterable[str]) -> list[str]:
        return [format_hours(self._stamped.get(kind, 0)) for kind in kinds]

    def _derived(self, requirement: Requirement) -> str:
        """Return how a minimum follows from what the notice writes."""
        profile, written = self._profile, requirement.written
        if written is None or profile is None:
            return ""
        words = {"written": format_hours(written), "required": format_hours(requirement.required)}
        if profile.credit is None:
            return self._say("derived_from_years", years=profile.period.years, **words)
        return self._say("derived_from_credits", hours=format_hours(profile.credit.hours), **words)

    def _bare(self, line: ProgressLine) -> str:
        name = self._data.kinds[line.kind].name.within(self._language)
        words = {"counted": format_hours(line.counted), "unit": self._word(line.unit), "act": self._act}
        sentence = self._say("bare", kind=name, **words)
        return sentence + self._waiting(line)

    def _waiting(self, line: ProgressLine) -> str:
        waiting = line.registered - line.counted
        if waiting <= 0:
            return ""
        return self._say("waiting", waiting=format_hours(waiting), unit=self._word(line.unit), act=self._act)

    def _moves(self) -> list[str]:
        """Return what became of the amounts of kinds that only other jurisdictions have."""
        parts = []
        judging = self._data.judging
        for kind in self._given.keys() & judging.foreign.keys():
            theirs, ours = judging.foreign[kind], judging.equivalents.get(kind)
            words = {
                "kind": theirs.name.within(self._language),
                "amount": format_hours(self._given[kind]),
                "unit": self._word(theirs.unit),
            }
            if ours is None:
                parts.append(self._say("left_out", **words))
            else:
                parts.append(self._say("moved", ours=self._data.kinds[ours].name.within(self._language), **words))
        return sorted(parts)

    def _bases(self) -> list[Basis]:
        """Return what the answer rests on beside its rules."""
        plan, judging, bases = self._plan, self._data.judging, list[Basis]()
        if plan.period.is_year:
            bases.append(self._data.year_basis)
        if plan.chosen is None:
            bases.append(judging.without_basis)
        else:
            bases += plan.chosen.value.bases
            if plan.chosen.span.first > plan.period.first or plan.chosen.span.last < plan.period.last:
                bases.append(judging.day_basis)
        if self._person.is_partly_employed(plan.period.first, plan.period.last):
            bases.append(judging.part_basis)
        if self._given.keys() & judging.foreign.keys():
            bases.append(judging.moved_basis)
        return bases
