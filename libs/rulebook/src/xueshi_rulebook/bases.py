"""Provincial bases (S3, BA-01…BA-10): may a unit become one, what it reports, how it is assessed, what it may lose."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from xueshi_rulebook.applications import Step
from xueshi_rulebook.base_data import CONDITION_TOPICS, Bar, BaseRules, Cause, Topic
from xueshi_rulebook.conditions import (
    Condition,
    Facts,
    Finding,
    check_known,
    codes_of,
    judge,
    overall,
    say_clause,
    say_findings,
)
from xueshi_rulebook.deadlines import Deadline
from xueshi_rulebook.errors import FactTypeError, UnknownFactError
from xueshi_rulebook.explaining import Language, Sentences, Wording, say, say_grounds
from xueshi_rulebook.model import Basis, Rule

Outcome = Literal["met", "not_met", "not_shown", "barred", "none", "rectify", "cancel", "not_in_force"]
CauseStanding = Literal["rectify", "cancel", "allowed", "rectified", "pending"]
Reckon = Callable[[str, date, date], Deadline]
"""Answers a deadline by its code, the day of its event and the day on which it is asked (``deadlines``)."""

TOPICS: Final[tuple[Topic, ...]] = (*CONDITION_TOPICS, "sanction")
_ONE_DAY: Final = timedelta(days=1)
WORDING_KEYS: Final = (
    "heading", *TOPICS, "outcome_met", "outcome_not_met", "outcome_not_shown", "outcome_barred", "outcome_none",
    "outcome_rectify", "outcome_cancel", "outcome_not_in_force", "preferred", "barred_ever", "barred_until",
    "cause_rectify", "cause_cancel", "cause_allowed", "cause_rectified", "cause_pending", "until",
    "bar_ever", "bar_until", "bar_none", "step",
)  # fmt: skip


class PastEvent(NamedTuple):
    """Something that may bar an application: the code of a bar ("cancelled") and its day."""

    code: str
    on: date


class BaseQuestion(NamedTuple):
    """A question about a provincial base on a day.

    ``facts`` are what was shown, by the codes of the topic's conditions or, for a sanction, of its causes (true, or
    the day on which the cause began where time is measured). ``past`` belongs to an application. To a sanction belong
    ``rectify_by``, the last day that was set for rectifying, and ``rectified``, by cause the day on which it was put
    right.
    """

    topic: Topic
    on: date
    facts: Facts
    past: tuple[PastEvent, ...] = ()
    rectify_by: date | None = None
    rectified: Mapping[str, date] = MappingProxyType({})


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


@dataclass(frozen=True, slots=True)
class _Grounds:
    """What an explanation is rendered from, kept until somebody reads it."""

    rules: tuple[Rule, ...]
    bases: tuple[Basis, ...]
    wording: Wording
    conditions: tuple[Condition, ...] = ()
    causes: tuple[Cause, ...] = ()
    bar: Bar | None = None
    steps: tuple[Step, ...] = ()


class _Barring(NamedTuple):
    """What bars longest, None where nothing does, its last day, and all that was looked at to find it."""

    bar: Bar | None
    until: date | None
    bases: tuple[Basis, ...]


class _Weighed(NamedTuple):
    """One cause with what it leads to and what that rests on."""

    cause: Cause
    finding: CauseFinding
    bases: tuple[Basis, ...]


@dataclass(frozen=True, slots=True)
class BaseAnswer:
    """The answer. ``findings`` list the conditions in the order of the notice, ``causes`` those established.

    ``bar`` is what bars the applicant, or what a cancellation on the day asked leaves behind. ``until`` is the last day
    of a bar (None for one without end) or the last day on which a sanction is still averted. ``preferred`` tells that
    an applicant stands first; ``steps`` are the codes of those to whom an application goes, in order.
    """

    topic: Topic
    outcome: Outcome
    findings: tuple[Finding, ...]
    causes: tuple[CauseFinding, ...]
    bar: str
    until: date | None
    preferred: bool
    steps: tuple[str, ...]
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
        parts += [_say_cause(cause, finding, grounds.wording, language) for cause, finding in pairs]
        if self.preferred:
            parts.append(said["preferred"].within(language))
        if grounds.bar is not None:
            parts.append(_say_bar(self, grounds.bar, said, language))
        parts += [say(said, "step", language, name=step.name.within(language)) for step in grounds.steps]
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
    barring = _Barring(None, None, ())
    if question.topic == "application":
        named.append(rules.bar_rule)
        barring = _bar(rules, question, reckon)
        bases += barring.bases
    if barring.bar is not None:
        outcome = "barred"
    preferred = any(each.holds(question.facts) for each in topic.preferred)
    if preferred and topic.preference is not None:
        bases.append(topic.preference)
    steps = topic.steps if barring.bar is None else ()
    bases += [step.basis for step in steps]
    used = tuple(dict.fromkeys(named))
    return BaseAnswer(
        question.topic,
        outcome,
        findings,
        (),
        "" if barring.bar is None else barring.bar.code,
        barring.until,
        preferred,
        tuple(step.code for step in steps),
        tuple(rule.id for rule in used),
        _Grounds(used, tuple(bases), rules.wording, conditions=topic.conditions, bar=barring.bar, steps=steps),
    )


def _not_in_force(rules: BaseRules, question: BaseQuestion, rule: Rule) -> BaseAnswer:
    grounds = _Grounds((rule,), (), rules.wording)
    return BaseAnswer(
        question.topic,
        "not_in_force",
        (),
        (),
        "",
        None,
        preferred=False,
        steps=(),
        rule_ids=(rule.id,),
        _grounds=grounds,
    )


def _bar(rules: BaseRules, question: BaseQuestion, reckon: Reckon) -> _Barring:
    """Return what bars an application longest, and its last day (None for ever): BA-08."""
    found: list[tuple[date, Bar]] = []
    bases: list[Basis] = []
    for event in question.past:
        bar = rules.bars.get(event.code)
        if bar is None:
            raise UnknownFactError(event.code)
        if event.on > question.on:
            continue
        last, rests_on = _last_barred(bar, event.on, question.on, reckon)
        bases += rests_on
        if last is not None:
            found.append((last, bar))
    return _Barring(*_longest(found), tuple(bases))


def _last_barred(bar: Bar, event_on: date, asked_on: date, reckon: Reckon) -> tuple[date | None, tuple[Basis, ...]]:
    """Return the last day of a bar, ``date.max`` for one without end, None where the day asked is free of it."""
    if not bar.deadline:
        return None, (bar.basis,)
    made = reckon(bar.deadline, event_on, asked_on)
    bases = (bar.basis, *made.bases)
    if made.in_time is not False:
        return None, bases
    return date.max if made.opens_on is None else made.opens_on - _ONE_DAY, bases


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
    check_known(question.rectified, rules.causes)
    causes = tuple(cause for code, cause in rules.causes.items() if question.facts.get(code, False) is not False)
    weighed = [_weigh(cause, question, reckon) for cause in causes]
    findings = tuple(each.finding for each in weighed)
    outcome = _worst(findings)
    named = [rules.sanction_rule, *(cause.rule for cause in causes)]
    bases = [basis for each in weighed for basis in each.bases]
    bar = None
    until = min((each.day for each in findings if each.day is not None), default=None)
    if outcome == "cancel":
        left = [rules.bars[each.cause.recorded_as] for each in weighed if each.finding.cancels]
        bar, until, rests_on = _bar_after(left, question, reckon)
        named.append(rules.bar_rule)
        bases += rests_on
    used = tuple(dict.fromkeys(named))
    return BaseAnswer(
        "sanction",
        outcome,
        (),
        findings,
        "" if bar is None else bar.code,
        until,
        preferred=False,
        steps=(),
        rule_ids=tuple(rule.id for rule in used),
        _grounds=_Grounds(used, tuple(bases), rules.wording, causes=causes, bar=bar),
    )


def _weigh(cause: Cause, question: BaseQuestion, reckon: Reckon) -> _Weighed:
    """Return what one cause leads to on the day asked; putting it right on the last day still averts it."""
    began = _began(cause, question)
    if began is None:
        standing: CauseStanding = cause.effect
        if cause.effect == "rectify" and _put_right(cause, question) is not None:
            standing = "rectified"
        return _Weighed(cause, CauseFinding(cause.code, standing, cause.rule.id), (cause.basis,))
    put_right = _put_right(cause, question)
    made = reckon(cause.deadline, began, question.on if put_right is None else put_right)
    last = made.due_on
    if made.in_time is False:
        standing = "cancel"
    elif put_right is not None:
        standing, last = "rectified", None
    else:
        standing = "rectify" if cause.effect == "rectify" else "pending"
    return _Weighed(cause, CauseFinding(cause.code, standing, cause.rule.id, last), (cause.basis, *made.bases))


def _began(cause: Cause, question: BaseQuestion) -> date | None:
    """Return the day from which the cause's deadline counts, None where none does (yet)."""
    if not cause.deadline or cause.effect == "rectify":
        return question.rectify_by if cause.deadline else None
    began = question.facts[cause.code]
    if not isinstance(began, date):
        raise FactTypeError(cause.code, "a day")
    return began


def _put_right(cause: Cause, question: BaseQuestion) -> date | None:
    """Return the day on which the cause was put right, None where it was not by the day asked."""
    day = question.rectified.get(cause.code)
    return day if day is not None and day <= question.on else None


def _worst(findings: tuple[CauseFinding, ...]) -> Outcome:
    standings = {finding.standing for finding in findings}
    if "cancel" in standings:
        return "cancel"
    return "rectify" if "rectify" in standings else "none"


def _bar_after(left: list[Bar], question: BaseQuestion, reckon: Reckon) -> tuple[Bar, date | None, list[Basis]]:
    """Return the longest bar that a cancellation on the day asked leaves, its last day, and what that rests on."""
    found: list[tuple[date, Bar]] = []
    bases: list[Basis] = []
    for bar in left:
        last, rests_on = _last_barred(bar, question.on, question.on, reckon)
        found.append((last or date.min, bar))
        bases += rests_on
    last, bar = max(found, key=lambda each: each[0])
    return bar, None if last in (date.min, date.max) else last, bases


def _say_cause(cause: Cause, finding: CauseFinding, wording: Wording, language: Language) -> str:
    said = wording["base"]
    line = say(said, f"cause_{finding.standing}", language, name=cause.name.within(language))
    if finding.day is not None:
        line += say(said, "until", language, day=finding.day)
    return line + say_clause(cause.basis, wording["conditions"], language)


def _say_bar(answer: BaseAnswer, bar: Bar, said: Sentences, language: Language) -> str:
    name = bar.name.within(language)
    prefix = "barred" if answer.topic == "application" else "bar"
    if not bar.deadline:
        return say(said, "bar_none", language, name=name)
    return say(
        said, f"{prefix}_ever" if answer.until is None else f"{prefix}_until", language, name=name, day=answer.until
    )
