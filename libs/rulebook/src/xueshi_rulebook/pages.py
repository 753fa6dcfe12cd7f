"""The rulebook as a page for officials: each notice clause by clause, with rules, values, readings and cases.

The page is made from a version's canonical form alone, so that what a section adds to the data shows by itself.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import resources
from typing import Any, Final, NamedTuple

from jinja2 import Environment

from xueshi_rulebook.cases import Case
from xueshi_rulebook.cited import NAMES, CitedValue, Content, Grounds, cited_values, own_values
from xueshi_rulebook.concordance import CLAUSES_APART, clause_of
from xueshi_rulebook.rulebook import Rulebook
from xueshi_rulebook.yamlsource import parse

_PLACE_DIGITS: Final = 3


class PageRule(NamedTuple):
    """A rule under a clause. ``is_home`` where it is told in full; other clauses point there."""

    id: str
    data: Mapping[str, Any]
    is_home: bool
    values: tuple[CitedValue, ...]
    cases: tuple[Case, ...]


class PageClause(NamedTuple):
    """A clause of a notice in its order, with the rules that follow from it and the values that rest on it alone."""

    data: Mapping[str, Any]
    anchor: str
    rules: tuple[PageRule, ...]
    values: tuple[CitedValue, ...]


class PageNotice(NamedTuple):
    """A notice with its clauses."""

    id: str
    data: Mapping[str, Any]
    clauses: tuple[PageClause, ...]


class PagePart(NamedTuple):
    """A jurisdiction: its own notices, and ``further`` values that no clause of theirs shows.

    ``above`` is the code of the one that it inherits from, empty where there is none; ``names`` has the names of the
    codes that its data name themselves, each in one way.
    """

    code: str
    name: Mapping[str, str]
    above: str
    names: Mapping[str, Mapping[str, str]]
    notices: tuple[PageNotice, ...]
    further: tuple[CitedValue, ...]


def render_page(rulebook: Rulebook, cases: Iterable[Case]) -> str:
    """Return the page as self-contained HTML, Chinese with English beside."""
    content = json.loads(rulebook.canonical)
    package = resources.files("xueshi_rulebook")
    labels = parse((package / "labels.yaml").read_text(encoding="utf-8"), "labels.yaml").scalars()
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(steps=_steps, shared=_shared, is_telling=_is_telling)
    template = environment.from_string((package / "page.html").read_text(encoding="utf-8"))
    parts = list(_parts(content["jurisdictions"], list(cases)))
    tables = {**content["tables"], "workdays": content["workdays"]}
    return template.render(
        parts=parts,
        tables=list(cited_values(tables)),
        table_names=_names(tables),
        guidance=content["guidance"]["guidance"],
        areas={code: name for code, _, name, _ in content["divisions"]},
        version=rulebook.hash,
        labels=labels,
        naming=NAMES,
    )


def _steps(value: CitedValue) -> list[tuple[str, Content]]:
    """Return the steps of a value's path, each with the name that the item there bears."""
    return list(zip(value.path, value.titles, strict=True))


def _shared(path: tuple[str, ...], previous: tuple[str, ...]) -> int:
    """Return how many steps of a path the row before shows already; the last is always shown."""
    shared = 0
    while shared < min(len(path) - 1, len(previous)) and path[shared] == previous[shared]:
        shared += 1
    return shared


def _is_telling(step: str) -> bool:
    """Tell whether a step of a path says something: a day, a word; no place in a list, no code without words."""
    return len(step) > _PLACE_DIGITS if step.isdigit() else step[0].isdigit() or "-" not in step


def _parts(jurisdictions: Mapping[str, Mapping[str, Any]], cases: list[Case]) -> Iterator[PagePart]:
    """Yield the jurisdictions, those that inherit after those that they inherit from."""
    kinds = _names([sections["kinds"] for sections in jurisdictions.values()])
    for name in sorted(jurisdictions, key=lambda each: ("inherits" in jurisdictions[each]["jurisdiction"], each)):
        sections = jurisdictions[name]
        head = sections["jurisdiction"]
        above = head.get("inherits", "")
        inherited = jurisdictions[above]["sources"] if above else {}
        own = {source: data for source, data in sections["sources"].items() if source not in inherited}
        maker = _Maker(own, sections["rules"], own_values(jurisdictions, name), cases)
        notices = tuple(maker.notices())
        yield PagePart(name, head["name"], above, {**_names(sections), **kinds}, notices, maker.left())


def _names(part: object) -> dict[str, Mapping[str, str]]:
    """Return the name in both languages beside which each code stands; none for a code that bears several."""
    found: dict[str, Mapping[str, str]] = {}
    several = set()
    for code, name in _named(part):
        if found.setdefault(code, name) != name:
            several.add(code)
    return {code: name for code, name in found.items() if code not in several}


def _named(part: object) -> Iterator[tuple[str, Mapping[str, str]]]:
    if isinstance(part, Mapping):
        if isinstance(part.get("code"), str) and isinstance(part.get("name"), Mapping):
            yield part["code"], part["name"]
        part = list(part.values())
    if isinstance(part, list):
        for item in part:
            yield from _named(item)


class _Maker:
    """Sorts the values of one jurisdiction under the clauses and rules of its own notices."""

    def __init__(
        self, sources: Mapping[str, Any], rules: Mapping[str, Any], values: list[CitedValue], cases: list[Case]
    ) -> None:
        self._sources = sources
        self._rules = rules
        self._values = values
        self._cases = cases
        self._homes = {rule_id: _home(rule_id, rules[rule_id], sources) for rule_id in rules}
        self._placed: set[int] = set()

    def notices(self) -> Iterator[PageNotice]:
        """Yield the notices in the order in which they were issued."""
        for name, source in sorted(self._sources.items(), key=lambda item: (item[1].get("issued_on", ""), item[0])):
            clauses = tuple(self._clause(name, source, number) for number in range(len(source["clauses"])))
            yield PageNotice(name, source, clauses)

    def left(self) -> tuple[CitedValue, ...]:
        """Return the values that no clause of the notices has shown."""
        return tuple(value for place, value in enumerate(self._values) if place not in self._placed)

    def _clause(self, source: str, data: Mapping[str, Any], number: int) -> PageClause:
        clause = data["clauses"][number]
        listed = [each["clause"] for each in data["clauses"]]
        rules = tuple(self._rule(rule_id, source, data, clause["clause"]) for rule_id in clause.get("rules", ()))
        alone = self._take(lambda grounds: not grounds.rule and clause["clause"] in _places(grounds.clause, listed))
        return PageClause(clause, f"{source}-{number + 1}", rules, alone)

    def _rule(self, rule_id: str, source: str, data: Mapping[str, Any], clause: str) -> PageRule:
        """Put a value under the first of its rule's clauses that it names, or under the rule's home."""
        home = self._homes[rule_id]
        listed = [each["clause"] for each in data["clauses"] if rule_id in each.get("rules", ())]

        def belongs(grounds: Grounds) -> bool:
            return grounds.rule == rule_id and clause == next(iter(_places(grounds.clause, listed)), home[1])

        rule = self._rules[rule_id]
        values = self._take(belongs) if rule["source"] == source else ()
        is_home = home == (source, clause)
        cases = tuple(case for case in self._cases if rule_id in case.rules) if is_home else ()
        return PageRule(rule_id, rule, is_home, values, cases)

    def _take(self, belongs: Callable[[Grounds], bool]) -> tuple[CitedValue, ...]:
        taken = [place for place, value in enumerate(self._values) if belongs(value.grounds)]
        self._placed.update(taken)
        return tuple(self._values[place] for place in taken)


def _places(cited: str, listed: list[str]) -> list[str]:
    """Return the listed clauses under which a citation of one or several belongs, in its order."""
    found = (clause_of(clause, listed) for clause in cited.split(CLAUSES_APART) if clause)
    return [clause for clause in found if clause]


def _home(rule_id: str, rule: Mapping[str, Any], sources: Mapping[str, Any]) -> tuple[str, str]:
    """Return the notice and the clause under which a rule is told in full: the first of its own citation."""
    source = rule["source"]
    listed = sources[source]["clauses"] if source in sources else []
    naming = [each["clause"] for each in listed if rule_id in each.get("rules", ())]
    return source, next(iter([*_places(rule["clause"], naming), *naming]), "")
