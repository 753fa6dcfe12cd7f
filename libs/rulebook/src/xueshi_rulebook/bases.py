"""Provincial bases (S3, BA-01…BA-10): may a unit become one, what it reports, how it is assessed, what it may lose."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, Literal, NamedTuple

from xueshi_rulebook.conditions import (
    Condition,
    Facts,
    Finding,
    When,
    check_known,
    codes_of,
    judge,
    overall,
    say_findings,
)
from xueshi_rulebook.deadlines import Deadline
from xueshi_rulebook.errors import FactTypeError, UnknownFactError
from xueshi_rulebook.explaining import Language, Sentences, Wording, say, say_grounds
from xueshi_rulebook.model import Basis, Rule, Text

Topic = Literal["application", "plan", "assessment", "operation", "sanction"]
Outcome = Literal["met", "not_met", "not_shown", "barred", "none", "rectify", "cancel", "not_in_force"]
Effect = Literal["rectify", "cancel", "allowed"]
CauseStanding = Literal["rectify", "cancel", "allowed", "rectified", "pending"]
Reckon = Callable[[str, date, date], Deadline]
"""Answers a deadline by its code, the day of its event and the day on which it is asked (``deadlines``)."""

CONDITION_TOPICS: Final[tuple[Topic, ...]] = ("application", "plan", "assessment", "operation")
TOPICS: Final[tuple[Topic, ...]] = (*CONDITION_TOPICS, "sanction")
_ONE_DAY: Final = timedelta(days=1)
WORDING_KEYS: Final = (
    "heading", *TOPICS, "outcome_met", "outcome_not_met", "outcome_not_shown", "outcome_barred", "outcome_none",
    "outcome_rectify", "outcome_cancel", "outcome_not_in_force", "preferred", "barred_ever", "barred_until",
    "cause_rectify", "cause_cancel", "cause_allowed", "cause_rectified", "cause_pending", "until",
    "bar_ever", "bar_until", "bar_none",
)  # fmt: skip


class PastEvent(NamedTuple):
    """Something that may bar an application: the code of a bar ("cancelled") and its day."""

    code: str
    on: date


class BaseQuestion(NamedTuple):
    """A question about a provincial base on a day.

    ``facts`` are what was shown, by the codes of the topic's conditions or, for a sanction, of its causes (true, or
    the day on which the cause began where time is measured). ``past`` belongs to an application; ``rectify_by``, the
    last day that was set for rectifying, and ``rectified`` to a sanction.
    """

    topic: Topic
    on: date
    facts: Facts
    past: tuple[PastEvent, ...] = ()
    rectify_by: date | None = None
    rectified: bool = False


class CauseFinding(NamedTuple):
    """What one established cause leads to; ``day`` is the last day that still averts it."""

    code: str
    standing: CauseStanding
    rule_id: str
    day: date | None = None

    @property
    def cancels(self) -> bool:
        """Whether the base is cancelled for this cause."""
        return self.standing == "cancel"


class ConditionSet(NamedTuple):
    """The conditions of one topic. ``preferred`` are facts of which one puts a unit first, with what that rests on."""

    rule: Rule
    conditions: tuple[Condition, ...]
    preferred: tuple[When, ...] = ()
    preference: Basis | None = None


class Cause(NamedTuple):
    """A reason for a sanction. ``deadline`` is the code of the one that averts ``effect``, empty where none does.

    ``recorded_as`` is the bar that a cancellation for this cause leaves behind.
    """

    code: str
    name: Text
    rule: Rule
    basis: Basis
    effect: Effect
    deadline: str
    recorded_as: str


class Bar(NamedTuple):
    """What keeps a unit from applying again until a ``deadline``, by its code; one without a code bars nothing."""

    code: str
    name: Text
    basis: Basis
    deadline: str


class BaseRules(NamedTuple):
    """The data of S3."""

    topics: Mapping[Topic, ConditionSet]
    sanction_rule: Rule
    causes: Mapping[str, Cause]
    bar_rule: Rule
    bars: Mapping[str, Bar]
    wording: Wording


@dataclass(frozen=True, slots=True)
class _Grounds:
    """What an explanation is rendered from, kept until somebody reads it."""

    rules: tuple[Rule, ...]
    bases: tuple[Basis, ...]
    wording: Wording
    conditions: tuple[Condition, ...] = ()
    causes: tuple[Cause, ...] = ()
    bar: Bar | None = None


@dataclass(frozen=True, slots=True)
class BaseAnswer:
    """The answer. ``findings`` list the conditions in the order of the notice, ``causes`` those established.

    ``bar`` is what bars the applicant, or what a cancellation on the day asked leaves behind. ``until`` is the last day
    of a bar (None for one without end) or the last day on which a sanction is still averted. ``preferred`` tells that
    an applicant stands first.
    """

    topic: Topic
    outcome: Outcome
    findings: tuple[Finding, ...]
    causes: tuple[CauseFinding, ...]
    bar: str
    until: date | None
    preferred: bool
    rule_ids: tuple[str, ...]
    _grounds: _Grounds = field(repr=False, compare=False)

    def explain(self, language: Language) -> str:
        """Return each condition or cause with its numbers and clause, the rules, and what rests on a reading."""
        grounds = self._grounds
        said = grounds.wording["base"]
        topic, outcome = (said[key].within(language) for key in (self.topic, f"outcome_{self.outcome}"))
        parts = [say(said, "heading", language, topic=topic, outcome=outcome)]
        parts += say_findings(grounds.conditions, self.findings, grounds.wording["conditions"], language)
        pairs = zip(grounds.causes, self.causes, strict=True)
        parts += [_say_cause(cause, finding, said, language) for cause, finding in pairs]
        if self.preferred:
            parts.append(said["preferred"].within(language))
        if grounds.bar is not None:
            parts.append(_say_bar(self, grounds.bar, said, language))
        return "\n".join(parts + say_grounds(grounds.wording, grounds.rules, grounds.bases, language))


def answer_base(rules: BaseRules, question: BaseQuestion, reckon: Reckon) -> BaseAnswer:
    """Answer one question; raises UnknownFactError and FactTypeError for facts that the topic does not know."""
    if question.topic == "sanction":
        return _answer_sanction(rules, question, reckon)
    topic = rules.topics[question.topic]
    check_known(question.facts, codes_of(topic.conditions) | {each.fact for each in topic.preferred})
    if not topic.rule.in_force(question.on):
        return _not_in_force(rules, question, topic.rule)
    findings = judge(topic.conditions, question.facts)
    outcome: Outcome = overall(findings)
    named = [topic.rule, *(condition.rule for condition in topic.conditions)]
    bases = [basis for condition in topic.conditions for basis in condition.bases]
    bar, until = None, None
    if question.topic == "application":
        named.append(rules.bar_rule)
        bar, until = _bar(rules, question, reckon)
    if bar is not None:
        outcome = "barred"
        bases.append(bar.basis)
    preferred = any(each.holds(question.facts) for each in topic.preferred)
    if preferred and topic.preference is not None:
        bases.append(topic.preference)
    used = tuple(dict.fromkeys(named))
    return BaseAnswer(
        question.topic,
        outcome,
        findings,
        (),
        "" if bar is None else bar.code,
        until,
        preferred,
        tuple(rule.id for rule in used),
        _Grounds(used, tuple(bases), rules.wording, conditions=topic.conditions, bar=bar),
    )


def _not_in_force(rules: BaseRules, question: BaseQuestion, rule: Rule) -> BaseAnswer:
    grounds = _Grounds((rule,), (), rules.wording)
    return BaseAnswer(
        question.topic, "not_in_force", (), (), "", None, preferred=False, rule_ids=(rule.id,), _grounds=grounds
    )


def _bar(rules: BaseRules, question: BaseQuestion, reckon: Reckon) -> tuple[Bar | None, date | None]:
    """Return what bars an application longest, and its last day (None for ever): BA-08."""
    found: list[tuple[date, Bar]] = []
    for event in question.past:
        bar = rules.bars.get(event.code)
        if bar is None:
            raise UnknownFactError(event.code)
        last = _last_barred(bar, event.on, question.on, reckon) if event.on <= question.on else None
        if last is not None:
            found.append((last, bar))
    return _longest(found)


def _last_barred(bar: Bar, event_on: date, asked_on: date, reckon: Reckon) -> date | None:
    """Return the last day of a bar, ``date.max`` for one without end, None where the day asked is free of it."""
    if not bar.deadline:
        return None
    made = reckon(bar.deadline, event_on, asked_on)
    if made.in_time is not False:
        return None
    return date.max if made.opens_on is None else made.opens_on - _ONE_DAY


def _longest(found: list[tuple[date, Bar]]) -> tuple[Bar | None, date | None]:
    if not found:
        return None, None
    last, bar = max(found, key=lambda each: each[0])
    return bar, None if last == date.max else last


def _answer_sanction(rules: BaseRules, question: BaseQuestion, reckon: Reckon) -> BaseAnswer:
    """Weigh the established causes: what is rectified in time leads to nothing, else the base is cancelled (BA-07)."""
    check_known(question.facts, rules.causes)
    if not rules.sanction_rule.in_force(question.on):
        return _not_in_force(rules, question, rules.sanction_rule)
    causes = tuple(cause for code, cause in rules.causes.items() if question.facts.get(code, False) is not False)
    findings = tuple(_weigh(cause, question, reckon) for cause in causes)
    outcome = _worst(findings)
    named = [rules.sanction_rule, *(cause.rule for cause in causes)]
    bases = [cause.basis for cause in causes]
    bar = None
    until = min((each.day for each in findings if each.day is not None), default=None)
    if outcome == "cancel":
        left = [rules.bars[cause.recorded_as] for cause, each in zip(causes, findings, strict=True) if each.cancels]
        bar, until = _bar_after(left, question, reckon)
        named.append(rules.bar_rule)
        bases.append(bar.basis)
    used = tuple(dict.fromkeys(named))
    return BaseAnswer(
        "sanction",
        outcome,
        (),
        findings,
        "" if bar is None else bar.code,
        until,
        preferred=False,
        rule_ids=tuple(rule.id for rule in used),
        _grounds=_Grounds(used, tuple(bases), rules.wording, causes=causes, bar=bar),
    )


def _weigh(cause: Cause, question: BaseQuestion, reckon: Reckon) -> CauseFinding:
    """Return what one cause leads to on the day asked; the last day of a period still averts it."""
    standing: CauseStanding = cause.effect
    last: date | None = None
    if cause.deadline:
        began = question.facts[cause.code]
        if not isinstance(began, date):
            raise FactTypeError(cause.code, "a day")
        made = reckon(cause.deadline, began, question.on)
        standing = cause.effect if made.in_time is False else "pending"
        last = made.due_on
    elif cause.effect == "rectify":
        last = question.rectify_by
        if question.rectified:
            standing, last = "rectified", None
        elif last is not None and question.on > last:
            standing = "cancel"
    return CauseFinding(cause.code, standing, cause.rule.id, last)


def _worst(findings: tuple[CauseFinding, ...]) -> Outcome:
    standings = {finding.standing for finding in findings}
    if "cancel" in standings:
        return "cancel"
    return "rectify" if "rectify" in standings else "none"


def _bar_after(left: list[Bar], question: BaseQuestion, reckon: Reckon) -> tuple[Bar, date | None]:
    """Return the longest bar that a cancellation on the day asked leaves, and its last day."""
    found = [(_last_barred(bar, question.on, question.on, reckon) or date.min, bar) for bar in left]
    last, bar = max(found, key=lambda each: each[0])
    return bar, None if last in (date.min, date.max) else last


def _say_cause(cause: Cause, finding: CauseFinding, said: Sentences, language: Language) -> str:
    line = say(said, f"cause_{finding.standing}", language, name=cause.name.within(language))
    if finding.day is not None:
        line += say(said, "until", language, day=finding.day)
    return line


def _say_bar(answer: BaseAnswer, bar: Bar, said: Sentences, language: Language) -> str:
    name = bar.name.within(language)
    prefix = "barred" if answer.topic == "application" else "bar"
    if not bar.deadline:
        return say(said, "bar_none", language, name=name)
    return say(
        said, f"{prefix}_ever" if answer.until is None else f"{prefix}_until", language, name=name, day=answer.until
    )
