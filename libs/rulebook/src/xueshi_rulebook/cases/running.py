"""Reading case files, asking the rulebook, comparing its answers with what is expected."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Final, NamedTuple

from xueshi_rulebook.cases import (
    application,
    assess,
    attendance,
    base,
    confirmer,
    deadline,
    eligible,
    facts,
    funds,
    in_force,
    progress,
    route,
    scope,
    spot_check,
)
from xueshi_rulebook.errors import RulebookDataError, RulebookError
from xueshi_rulebook.explaining import Language
from xueshi_rulebook.jurisdiction import Jurisdiction
from xueshi_rulebook.rulebook import Rulebook
from xueshi_rulebook.yamlsource import Value, parse

Answer = Mapping[str, object]


class _Ask(NamedTuple):
    """How one kind of question is read from a case, put and explained.

    ``check`` refuses codes of which the answer would not say that the jurisdiction lacks them.
    """

    read: Callable[[Value], Any]
    answer: Callable[[Jurisdiction, Any], Answer]
    explain: Callable[[Jurisdiction, Any, Language], str]
    check: Callable[[Jurisdiction, Value], None] | None = None


ASKS: Final[Mapping[str, _Ask]] = {
    "assess": _Ask(assess.read, assess.answer, assess.explain, assess.check),
    "credit": _Ask(assess.read_several, assess.answer_several, assess.explain_several, assess.check_several),
    "eligible": _Ask(eligible.read, eligible.answer, eligible.explain),
    "facts": _Ask(facts.read, facts.answer, facts.explain),
    "in_force": _Ask(in_force.read, in_force.answer, in_force.explain),
    "progress": _Ask(progress.read, progress.answer, progress.explain),
    "deadline": _Ask(deadline.read, deadline.answer, deadline.explain),
    "confirmer": _Ask(confirmer.read, confirmer.answer, confirmer.explain),
    "route": _Ask(route.read, route.answer, route.explain),
    "spot_check": _Ask(spot_check.read, spot_check.answer, spot_check.explain),
    "application": _Ask(application.read, application.answer, application.explain),
    "attendance": _Ask(attendance.read, attendance.answer, attendance.explain),
    "base": _Ask(base.read, base.answer, base.explain),
    "funds": _Ask(funds.read, funds.answer, funds.explain),
    "scope": _Ask(scope.read, scope.answer, scope.explain),
}
"""The questions that a case may put."""


class Case(NamedTuple):
    """One question and what its answer must show. ``rules`` are ids that the answer must name.

    ``given`` is the question as it is written, ``question`` as its ask reads it.
    """

    id: str
    title: str
    rules: tuple[str, ...]
    jurisdiction: str
    ask: str
    given: Value
    question: Any
    expect: Mapping[str, object]
    file: str
    line: int

    @property
    def is_refused(self) -> bool:
        """Whether the rulebook is expected to refuse the question."""
        return "error" in self.expect


class Outcome(NamedTuple):
    """What came of a case. ``faults`` says what differs, empty where the case passed."""

    case: Case
    answer: Answer
    faults: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether the answer was the one expected."""
        return not self.faults


def packaged_cases() -> list[Case]:
    """Return the cases that stand beside each jurisdiction's packaged data, in order of file and place."""
    return folder_cases(resources.files("xueshi_rulebook"))


def folder_cases(folder: Traversable) -> list[Case]:
    """Return the cases of a rulebook's folder; raises RulebookDataError for a broken one and for an id used twice."""
    found: list[Case] = []
    root = folder / "jurisdictions"
    for jurisdiction in sorted(root.iterdir(), key=lambda entry: entry.name):
        for file in sorted(_yaml_files(jurisdiction / "cases"), key=lambda entry: entry.name):
            shown = f"jurisdictions/{jurisdiction.name}/cases/{file.name}"
            found += read_cases(file.read_text(encoding="utf-8"), shown)
    return unique(found)


def _yaml_files(folder: Traversable) -> Iterable[Traversable]:
    return (each for each in folder.iterdir() if each.name.endswith(".yaml")) if folder.is_dir() else ()


def read_cases(text: str, file: str) -> list[Case]:
    """Read one case file; raises RulebookDataError with file, line and reason for what is no case."""
    return unique(_read_case(item) for item in parse(text, file).fields(("cases",))["cases"].items())


def unique(cases: Iterable[Case]) -> list[Case]:
    """Return the cases in order; raises RulebookDataError for an id used twice."""
    found: dict[str, Case] = {}
    for case in cases:
        if case.id in found:
            first = found[case.id]
            raise RulebookDataError(case.file, case.line, f"case {case.id!r} stands at {first.file}:{first.line} too")
        found[case.id] = case
    return list(found.values())


def _read_case(item: Value) -> Case:
    fields = item.fields(("id", "title", "rules", "jurisdiction", "ask", "given", "expect"))
    file, line = item.place
    expect = {key: value.scalars() for key, value in fields["expect"].entries().items()}
    if not expect:
        fields["expect"].fail("a case expects something")
    ask = fields["ask"].choice(ASKS)
    return Case(
        id=fields["id"].text(),
        title=fields["title"].text(),
        rules=tuple(each.text() for each in fields["rules"].items()),
        jurisdiction=fields["jurisdiction"].text(),
        ask=ask,
        given=fields["given"],
        question=ASKS[ask].read(fields["given"]),
        expect=expect,
        file=file,
        line=line,
    )


def check_cases(rulebook: Rulebook, cases: Iterable[Case]) -> None:
    """Refuse a case that names a jurisdiction, a rule or a code which the rulebook lacks; raises RulebookDataError."""
    for case in cases:
        if case.jurisdiction not in rulebook.jurisdictions:
            raise RulebookDataError(case.file, case.line, f"no jurisdiction {case.jurisdiction!r}")
        for rule_id in case.rules:
            if rule_id not in rulebook.rule_ids():
                raise RulebookDataError(case.file, case.line, f"no rule {rule_id!r}")
        check = ASKS[case.ask].check
        if check is not None:
            check(rulebook.jurisdiction(case.jurisdiction), case.given)


def run_case(rulebook: Rulebook, case: Case) -> Outcome:
    """Put the case's question and compare.

    A question that the rulebook refuses is answered by ``error``, which names no rules: those of its case are not
    looked for, and do not count as covered.
    """
    try:
        answer = ASKS[case.ask].answer(rulebook.jurisdiction(case.jurisdiction), case.question)
    except RulebookError as error:
        refused = {"error": type(error).__name__, "message": str(error)}
        expected = {key: value for key, value in case.expect.items() if key != "rule_ids" or not case.is_refused}
        return Outcome(case, refused, tuple(_differences(expected, refused, "")))
    faults = list(_differences(case.expect, answer, ""))
    named = answer.get("rule_ids")
    faults += [f"rule {each} is not named" for each in case.rules if not isinstance(named, list) or each not in named]
    return Outcome(case, answer, tuple(faults))


def explain_case(rulebook: Rulebook, case: Case, language: Language) -> str:
    """Return the answer's explanation, or why its question is refused."""
    explain, jurisdiction = ASKS[case.ask].explain, rulebook.jurisdiction(case.jurisdiction)
    try:
        return explain(jurisdiction, case.question, language)
    except RulebookError as error:
        return jurisdiction.explain_refusal(error, language)


def _differences(expected: object, found: object, where: str) -> Iterator[str]:
    """Yield what differs: mappings by the keys expected, lists place by place, the rest by equality."""
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        for key, value in expected.items():
            if key in found:
                yield from _differences(value, found[key], f"{where}{key}.")
            else:
                yield f"{where}{key}: missing"
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for place, (one, other) in enumerate(zip(expected, found, strict=True), 1):
            yield from _differences(one, other, f"{where}{place}.")
    elif expected != found:
        yield f"{where.rstrip('.')}: {expected!r} expected, {found!r} found"
