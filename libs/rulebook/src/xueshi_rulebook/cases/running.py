"""Reading case files, asking the rulebook, comparing its answers with what is expected."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Final, NamedTuple

from xueshi_rulebook.cases import assess, facts, progress
from xueshi_rulebook.errors import RulebookError
from xueshi_rulebook.jurisdiction import Jurisdiction
from xueshi_rulebook.rulebook import Rulebook
from xueshi_rulebook.yamlsource import Value, parse

Answer = Mapping[str, object]


class _Ask(NamedTuple):
    """How one kind of question is read from a case, and how it is put."""

    read: Callable[[Value], Any]
    answer: Callable[[Jurisdiction, Any], Answer]


ASKS: Final[Mapping[str, _Ask]] = {
    "assess": _Ask(assess.read, assess.answer),
    "credit": _Ask(assess.read_several, assess.answer_several),
    "facts": _Ask(facts.read, facts.answer),
    "progress": _Ask(progress.read, progress.answer),
}
"""The questions that a case may put."""


class Case(NamedTuple):
    """One question and what its answer must show. ``rules`` are ids that the answer must name."""

    id: str
    title: str
    rules: tuple[str, ...]
    jurisdiction: str
    ask: str
    given: Value
    expect: Mapping[str, object]
    file: str
    line: int


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
    """Return the cases that stand beside each jurisdiction's data, in order of file and place."""
    found: list[Case] = []
    root = resources.files("xueshi_rulebook") / "jurisdictions"
    for jurisdiction in sorted(root.iterdir(), key=lambda entry: entry.name):
        folder = jurisdiction / "cases"
        for file in sorted(_yaml_files(folder), key=lambda entry: entry.name):
            shown = f"jurisdictions/{jurisdiction.name}/cases/{file.name}"
            found += read_cases(file.read_text(encoding="utf-8"), shown)
    return found


def _yaml_files(folder: Traversable) -> Iterable[Traversable]:
    return (each for each in folder.iterdir() if each.name.endswith(".yaml")) if folder.is_dir() else ()


def read_cases(text: str, file: str) -> list[Case]:
    """Read one case file; raises RulebookDataError with file, line and reason for what is no case."""
    return [_read_case(item) for item in parse(text, file).fields(("cases",))["cases"].items()]


def _read_case(item: Value) -> Case:
    fields = item.fields(("id", "title", "rules", "jurisdiction", "ask", "given", "expect"))
    file, line = item.place
    return Case(
        id=fields["id"].text(),
        title=fields["title"].text(),
        rules=tuple(each.text() for each in fields["rules"].items()),
        jurisdiction=fields["jurisdiction"].text(),
        ask=fields["ask"].choice(ASKS),
        given=fields["given"],
        expect={key: value.scalars() for key, value in fields["expect"].entries().items()},
        file=file,
        line=line,
    )


def run_case(rulebook: Rulebook, case: Case) -> Outcome:
    """Put the case's question and compare. A question that the rulebook refuses is answered by ``error``."""
    ask = ASKS[case.ask]
    question = ask.read(case.given)
    try:
        answer = ask.answer(rulebook.jurisdiction(case.jurisdiction), question)
    except RulebookError as error:
        answer = {"error": type(error).__name__, "message": str(error), "rule_ids": list(case.rules)}
    faults = list(_differences(case.expect, answer, ""))
    named = answer.get("rule_ids")
    faults += [f"rule {each} is not named" for each in case.rules if not isinstance(named, list) or each not in named]
    return Outcome(case, answer, tuple(faults))


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
