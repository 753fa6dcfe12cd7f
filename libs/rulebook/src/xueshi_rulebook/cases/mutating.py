"""Are the cases sharp? Each number and each date of the data is changed, one at a time, and some case must see it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Final, NamedTuple

import yaml

from xueshi_rulebook.cases.running import Case, run_case
from xueshi_rulebook.cited import item_labels, naming_key
from xueshi_rulebook.errors import RulebookDataError
from xueshi_rulebook.loading import Content, compile_rulebook, recompile
from xueshi_rulebook.yamlsource import Value

EXEMPT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "number": "the notice's own numbering, which is printed",
        "issued_on": "the date on a notice, which is printed",
        "region": "the code of an area, a name",
        "parent": "the code of an area, a name",
        "code": "a name",
    }
)
"""The keys whose figures measure nothing, and why: no answer is computed from them."""

_NUMBER: Final = re.compile(r"\d+(\.\d+)?")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_STEP: Final = Decimal(1)
_HALF_STEP: Final = Decimal("0.5")


class Figure(NamedTuple):
    """A number or a date of the data. ``reaches`` are the jurisdictions in whose sections it stands."""

    path: tuple[str, ...]
    node: yaml.ScalarNode
    reaches: tuple[str, ...]

    @property
    def place(self) -> str:
        """Its file and line, "jurisdictions/fujian/credit.yaml:12"."""
        file, line = Value(self.node).place
        return f"{file}:{line}"

    @property
    def home(self) -> str:
        """The jurisdiction in whose files it stands; heirs only inherit it."""
        return Value(self.node).place[0].split("/")[1]


class Survivor(NamedTuple):
    """A change that no case sees."""

    figure: Figure
    old: str
    new: str


def figures(content: Content) -> list[Figure]:
    """Return each number and date in the jurisdictions' sections once, but for those under EXEMPT keys."""
    found: dict[int, Figure] = {}
    for name, sections in content.jurisdictions.items():
        for section, value in sections.items():
            for path, node in _leaves(value, (section,)):
                known = found.get(id(node))
                found[id(node)] = Figure(path, node, (*known.reaches, name) if known else (name,))
    return list(found.values())


def _leaves(value: Value, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], yaml.ScalarNode]]:
    node = value.node
    if isinstance(node, yaml.MappingNode):
        for key, item in value.entries().items():
            if key not in EXEMPT:
                yield from _leaves(item, (*path, key))
    elif isinstance(node, yaml.SequenceNode):
        items = [Value(each).scalars() for each in node.value]
        for label, each in zip(item_labels(items, naming_key(items)), node.value, strict=True):
            yield from _leaves(Value(each), (*path, label))
    elif isinstance(node, yaml.ScalarNode) and _changed(node.value):
        yield path, node


def _changed(written: str) -> tuple[str, ...]:
    """Return a figure one step down and one up, written as it is; nothing for what is no figure."""
    if _DATE.fullmatch(written):
        day = date.fromisoformat(written)
        return str(day - timedelta(days=1)), str(day + timedelta(days=1))
    if _NUMBER.fullmatch(written):
        step = _HALF_STEP if "." in written else _STEP
        return str(Decimal(written) - step), str(Decimal(written) + step)
    return ()


def survivors(content: Content, cases: Iterable[Case], figures: Iterable[Figure]) -> Iterator[Survivor]:
    """Yield each change of a figure that neither the loader refuses nor a case answers otherwise.

    ``content`` is changed in place and set right again. Only the jurisdictions that a figure reaches are compiled
    anew, and only their cases are asked.
    """
    rulebook = compile_rulebook(content)
    known = list(cases)

    def is_seen(figure: Figure) -> bool:
        try:
            changed = recompile(rulebook, content, figure.reaches)
        except RulebookDataError:
            return True
        for place, case in enumerate(known):
            if case.jurisdiction in figure.reaches and not run_case(changed, case).passed:
                # What saw one change of a section mostly sees the next one too.
                known.insert(0, known.pop(place))
                return True
        return False

    for figure in figures:
        old = figure.node.value
        for new in _changed(old):
            figure.node.value = new
            try:
                seen = is_seen(figure)
            finally:
                figure.node.value = old
            if not seen:
                yield Survivor(figure, old, new)
