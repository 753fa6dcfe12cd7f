"""Applications and filings: is one complete, what is missing or wrong, to whom it goes (FJ-07, FJ-15, LJ-06…)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from xueshi_rulebook.conditions import (
    WRONG,
    Condition,
    Facts,
    Finding,
    Reader,
    When,
    check_known,
    codes_of,
    judge,
    overall,
    read_when,
    say_findings,
)
from xueshi_rulebook.errors import UnknownApplicationError
from xueshi_rulebook.explaining import Language, Wording, say, say_grounds
from xueshi_rulebook.model import Basis, Rule, Text
from xueshi_rulebook.reading import BASIS_KEYS, read_basis, read_rule, read_text
from xueshi_rulebook.yamlsource import Value

Outcome = Literal["complete", "incomplete", "awaiting", "refused", "not_needed", "not_in_force"]

PARTS: Final = ("fields", "pledges", "documents", "approvals")
"""What an application consists of, in the order of a form."""
_OUTCOMES: Final[Mapping[str, Outcome]] = {"met": "complete", "not_shown": "incomplete", "not_met": "refused"}
_OUTSIDE: Final = ("not_needed", "not_in_force")
WORDING_KEYS: Final = (
    "heading", "outcome_complete", "outcome_incomplete", "outcome_awaiting", "outcome_refused", "outcome_not_needed",
    "outcome_not_in_force", "step", "consequence", "consequence_awaiting",
)  # fmt: skip


class ApplicationQuestion(NamedTuple):
    """Which application, by its code, and what it holds: entries of fields, and true for each paper that is there.

    ``on`` chooses the rules: the day of filing, or of the learning where the application is about learning.
    """

    code: str
    on: date
    facts: Facts


class Step(NamedTuple):
    """To whom a complete application goes, in order; ``when`` None means always."""

    code: str
    name: Text
    when: When | None
    basis: Basis


class Consequence(NamedTuple):
    """What follows while the application is not complete."""

    code: str
    name: Text
    basis: Basis


class Start(NamedTuple):
    """The day of the earliest learning that an application is for, where that lies before its rule's first day."""

    day: date
    basis: Basis


class Application(NamedTuple):
    """One application of the notices. ``needed`` says where it is needed at all, empty for everywhere.

    ``notes`` are what the product settles otherwise than the printed form, or the form leaves open: shown only.
    """

    code: str
    name: Text
    rule: Rule
    parts: Mapping[str, tuple[Condition, ...]]
    steps: tuple[Step, ...]
    needed: tuple[When, ...]
    needed_basis: Basis | None
    consequence: Consequence
    notes: tuple[Basis, ...]
    start: Start | None = None

    def in_force(self, on: date) -> bool:
        """Tell whether it is asked for on a day."""
        return self.rule.in_force(on) or self.is_early(on)

    def is_early(self, on: date) -> bool:
        """Tell whether a day of learning lies before the rule's first day and is taken all the same."""
        return self.start is not None and self.start.day <= on < self.rule.valid_from

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """All that the application must hold, in the order of PARTS."""
        return tuple(condition for part in PARTS for condition in self.parts.get(part, ()))


class Applications(NamedTuple):
    """The applications of a jurisdiction by code."""

    by_code: Mapping[str, Application]
    wording: Wording


@dataclass(frozen=True, slots=True)
class ApplicationAnswer:
    """The answer: awaiting where nothing is missing but what authorities have to do.

    ``missing`` and ``wrong`` are codes of what the application lacks and of what it gets wrong.

    ``steps`` are the codes of those to whom it goes, in order. ``consequence`` is the code of what follows while it
    is not complete, else empty.
    """

    code: str
    outcome: Outcome
    missing: tuple[str, ...]
    wrong: tuple[str, ...]
    findings: tuple[Finding, ...]
    steps: tuple[str, ...]
    consequence: str
    rule_ids: tuple[str, ...]
    _application: Application = field(repr=False, compare=False)
    _wording: Wording = field(repr=False, compare=False)
    _is_early: bool = field(repr=False, compare=False)

    def explain(self, language: Language) -> str:
        """Return each entry and paper with its clause, to whom it goes, what follows, the rules and readings."""
        application, said = self._application, self._wording["application"]
        outcome = said[f"outcome_{self.outcome}"].within(language)
        parts = [say(said, "heading", language, name=application.name.within(language), outcome=outcome)]
        conditions = application.conditions if self.findings else ()
        parts += say_findings(conditions, self.findings, self._wording["conditions"], language)
        if self.consequence:
            key = "consequence_awaiting" if self.outcome == "awaiting" else "consequence"
            parts.append(say(said, key, language, name=application.consequence.name.within(language)))
        steps = [step for step in application.steps if step.code in self.steps]
        parts += [say(said, "step", language, name=step.name.within(language)) for step in steps]
        rules = [application.rule, *(condition.rule for condition in conditions)]
        return "\n".join(parts + say_grounds(self._wording, rules, self._bases(), language))

    def _bases(self) -> list[Basis]:
        application = self._application
        if self.outcome == "not_needed":
            return [] if application.needed_basis is None else [application.needed_basis]
        bases = [basis for condition in application.conditions for basis in condition.bases]
        bases += [step.basis for step in application.steps if step.code in self.steps]
        bases += application.notes
        if application.start is not None and self._is_early:
            bases.append(application.start.basis)
        return [*bases, application.consequence.basis] if self.consequence else bases


def check_application(applications: Applications, question: ApplicationQuestion) -> ApplicationAnswer:
    """Compare what an application holds with what its notice asks for.

    Raises UnknownApplicationError for an application that the notices do not know, UnknownFactError and FactTypeError
    for entries that it does not ask for.
    """
    application = applications.by_code.get(question.code)
    if application is None:
        raise UnknownApplicationError(question.code)
    needed_codes = {each.fact for each in application.needed}
    step_codes = {step.when.fact for step in application.steps if step.when is not None}
    conditions = application.conditions
    check_known(question.facts, codes_of(conditions) | needed_codes | step_codes)
    findings: tuple[Finding, ...] = ()
    if not application.in_force(question.on):
        outcome: Outcome = "not_in_force"
    elif not all(each.holds(question.facts) for each in application.needed):
        outcome = "not_needed"
    else:
        findings = judge(conditions, question.facts)
        outcome = _weigh(conditions, findings)
    asked = outcome not in _OUTSIDE
    steps = [step.code for step in application.steps if step.when is None or step.when.holds(question.facts)]
    rules = dict.fromkeys((application.rule.id, *(finding.rule_id for finding in findings)))
    return ApplicationAnswer(
        code=question.code,
        outcome=outcome,
        missing=tuple(finding.code for finding in findings if finding.standing == "not_shown"),
        wrong=tuple(finding.code for finding in findings if finding.standing in WRONG),
        findings=findings,
        steps=tuple(steps) if asked else (),
        consequence=application.consequence.code if asked and outcome != "complete" else "",
        rule_ids=tuple(rules),
        _application=application,
        _wording=applications.wording,
        _is_early=application.is_early(question.on),
    )


def _weigh(conditions: Sequence[Condition], findings: Sequence[Finding]) -> Outcome:
    outcome = _OUTCOMES[overall(findings)]
    lacking = [each for each, finding in zip(conditions, findings, strict=True) if finding.standing == "not_shown"]
    return "awaiting" if outcome == "incomplete" and all(each.is_act for each in lacking) else outcome


def read_applications(section: Value, rules: Mapping[str, Rule], reader: Reader, wording: Wording) -> Applications:
    """Read the section ``applications``, a mapping by code."""
    by_code = {code: _read_application(code, item, rules, reader) for code, item in section.entries().items()}
    return Applications(MappingProxyType(by_code), wording)


def _read_application(code: str, item: Value, rules: Mapping[str, Rule], reader: Reader) -> Application:
    fields = item.fields(("rule", "name", "if_incomplete"), (*PARTS, "steps", "needed", "notes", "start"))
    rule = read_rule(fields["rule"], rules)
    parts: dict[str, tuple[Condition, ...]] = {
        part: reader.read(fields[part], rule) for part in PARTS if part in fields
    }
    codes = [condition.code for conditions in parts.values() for condition in conditions]
    if not codes or len(set(codes)) != len(codes):
        item.fail("an application holds at least one thing, and each once")
    needed, needed_basis = _read_needed(fields["needed"]) if "needed" in fields else ((), None)
    return Application(
        code=code,
        name=read_text(fields["name"]),
        rule=rule,
        parts=MappingProxyType(parts),
        steps=tuple(read_step(each) for each in fields["steps"].items()) if "steps" in fields else (),
        needed=needed,
        needed_basis=needed_basis,
        consequence=_read_consequence(fields["if_incomplete"]),
        notes=tuple(_read_note(each) for each in fields["notes"].items()) if "notes" in fields else (),
        start=_read_start(fields["start"], rule) if "start" in fields else None,
    )


def _read_start(section: Value, rule: Rule) -> Start:
    fields = section.fields(("date",), BASIS_KEYS)
    day = fields["date"].day()
    if day >= rule.valid_from:
        section.fail(f"a start lies before {rule.valid_from}, the first day of {rule.id}")
    return Start(day, read_basis(section, fields))


def _read_needed(section: Value) -> tuple[tuple[When, ...], Basis]:
    fields = section.fields(("all",), BASIS_KEYS)
    return tuple(read_when(each) for each in fields["all"].items()), read_basis(section, fields)


def read_step(item: Value) -> Step:
    """Read one of those to whom something goes, ``{code, name}`` with ``when`` where not always."""
    fields = item.fields(("code", "name"), ("when", *BASIS_KEYS))
    when = read_when(fields["when"]) if "when" in fields else None
    return Step(fields["code"].text(), read_text(fields["name"]), when, read_basis(item, fields))


def _read_consequence(section: Value) -> Consequence:
    fields = section.fields(("code", "name"), BASIS_KEYS)
    return Consequence(fields["code"].text(), read_text(fields["name"]), read_basis(section, fields))


def _read_note(item: Value) -> Basis:
    return read_basis(item, item.fields((), BASIS_KEYS))
