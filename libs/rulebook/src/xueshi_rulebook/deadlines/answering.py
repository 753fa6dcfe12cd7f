"""The question ``deadline``: from and until when an act may be done, and what acting on a day means."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from xueshi_rulebook.deadlines.model import (
    FILERS,
    Consequence,
    DeadlineQuestion,
    DeadlineRule,
    Filers,
    Outcome,
    Relief,
)
from xueshi_rulebook.deadlines.reckoning import Counting, Days, has_lapsed, is_bound, reckon, settle
from xueshi_rulebook.deadlines.saying import Grounds, bases_of, explain
from xueshi_rulebook.errors import DeadlineQuestionError, UnknownDeadlineError
from xueshi_rulebook.explaining import Language, Wording
from xueshi_rulebook.model import Basis


@dataclass(frozen=True, slots=True)
class Deadline:
    """The first and the last day, both included, and what came of the act.

    ``opens_on`` and ``due_on`` are None where nothing limits that side. ``outcome`` is "pending" before the act and
    "not_bound" where the rule was not yet, or no longer, in force (``is_bound``, ``has_lapsed``); ``code`` is a
    guidance code, or empty.
    ``in_time`` is None unless the day of an act was judged.
    """

    opens_on: date | None
    due_on: date | None
    in_time: bool | None
    outcome: Outcome
    code: str
    rule_ids: tuple[str, ...]
    _grounds: Grounds = field(repr=False, compare=False)

    @property
    def bases(self) -> tuple[Basis, ...]:
        """What the parts that were used rest on, for an answer that rests on this one."""
        return bases_of(self._grounds)

    def explain(self, language: Language) -> str:
        """Return the days, how they are counted, what the act means, and what all this rests on, one line each."""
        return explain(self._grounds, language)


def answer_deadline(
    deadlines: Mapping[str, DeadlineRule], question: DeadlineQuestion, counting: Counting, wording: Wording
) -> Deadline:
    """Answer a question.

    Raises UnknownDeadlineError; DeadlineQuestionError for an event, filer or special reason that the deadline does
    not have; and UnknownCalendarYearError where it needs the working days of a year that the table lacks.
    """
    deadline = deadlines.get(question.code)
    if deadline is None:
        raise UnknownDeadlineError(question.code)
    _check(deadline, question)
    relief = _find_relief(deadline, question)
    granted = relief if question.with_evidence else None
    days = reckon(deadline, question.event_on, counting)
    applied: Consequence | Filers | None = None
    in_time: bool | None = None
    outcome: Outcome = "not_bound"
    if is_bound(deadline, days, counting) and not has_lapsed(deadline, days, question.acted_on):
        days = settle(deadline, days, granted, counting)
        applied, in_time = _judge(deadline, question, days, granted)
        outcome = _outcome(applied, in_time)
    rules = dict.fromkeys([deadline.rule, *(each.rule for each in (relief, applied) if each is not None)])
    grounds = Grounds(deadline, question, days, relief, applied, outcome, tuple(rules), counting, wording)
    code, rule_ids = "" if applied is None else applied.code, tuple(rule.id for rule in rules)
    return Deadline(days.opens_on, days.due_on, in_time, outcome, code, rule_ids, grounds)


def _check(deadline: DeadlineRule, question: DeadlineQuestion) -> None:
    if (question.event_on is None) != (deadline.event is None):
        needed = "counts from no event" if deadline.event is None else f"counts from the day of {deadline.event!r}"
        raise DeadlineQuestionError(deadline.code, needed)
    if question.filed_by is not None and question.filed_by not in FILERS:
        raise DeadlineQuestionError(deadline.code, f"knows no filer {question.filed_by!r}")


def _find_relief(deadline: DeadlineRule, question: DeadlineQuestion) -> Relief | None:
    reason = question.special_reason
    if reason is None:
        return None
    for relief in deadline.reliefs:
        if reason in relief.reasons:
            return relief
    raise DeadlineQuestionError(deadline.code, f"has no special reason {reason!r}")


def _outcome(applied: Consequence | Filers | None, in_time: bool | None) -> Outcome:
    if isinstance(applied, Filers):
        return "refused"
    if applied is not None:
        return applied.means
    return "accepted" if in_time else "pending"


def _judge(
    deadline: DeadlineRule, question: DeadlineQuestion, days: Days, granted: Relief | None
) -> tuple[Consequence | Filers | None, bool | None]:
    """Return what applies, and whether the act was in time."""
    filers, acted_on = deadline.filers, question.acted_on
    if filers is not None and question.filed_by is not None and question.filed_by not in filers.allowed:
        return filers, None
    if deadline.barred is not None and deadline.barred.period is None and granted is None:
        return deadline.early, None if acted_on is None else False
    if acted_on is None:
        return None, None
    if days.opens_on is not None and acted_on < days.opens_on:
        return deadline.early, False
    if days.due_on is not None and acted_on > days.due_on:
        return deadline.late, False
    return None, True
