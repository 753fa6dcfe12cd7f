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
        "region": "the code of an area, a name; whose rules an employer's has, test_rulebook_catalogue asks",
    }
)
"""The keys whose figures measure nothing, and why: no answer is computed from them."""

_NUMBER: Final = re.compile(r"\d+(\.\d+)?")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_STEP: Final = Decimal(1)
_HALF_STEP: Final = Decimal("0.5")
_ONE_DAY: Final = timedelta(days=1)


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
        return str(day - _ONE_DAY), str(day + _ONE_DAY)
    if _NUMBER.fullmatch(written):
        step = _HALF_STEP if "." in written else _STEP
        return str(Decimal(written) - step), str(Decimal(written) + step)
    return ()


def survivors(content: Content, cases: Iterable[Case], figures: Iterable[Figure]) -> Iterator[Survivor]:
    """Yield each change of a figure that neither the loader refuses nor a case answers otherwise.

    A date that the loader lets change neither way alone is changed with those around it: a boundary moves as a whole.
    ``content`` is changed in place and set right again. Only the jurisdictions that a change reaches are compiled
    anew, and only their cases are asked.
    """
    tried = list(figures)
    trial = _Trial(content, cases)
    for figure in tried:
        old = figure.node.value
        found = {new: trial.is_seen({figure: new}) for new in _changed(old)}
        is_tied = all(seen is None for seen in found.values())
        for new, seen in found.items():
            if (trial.is_move_seen(figure, new, tried) if is_tied else seen) is False:
                yield Survivor(figure, old, new)


class _Trial:
    """Tries changes on one rulebook and its cases."""

    def __init__(self, content: Content, cases: Iterable[Case]) -> None:
        self._content, self._cases = content, list(cases)
        self._rulebook = compile_rulebook(content)

    def is_seen(self, changes: Mapping[Figure, str]) -> bool | None:
        """Tell whether some case answers otherwise after the changes; None where the loader refuses them."""
        old = {figure: figure.node.value for figure in changes}
        reaches = {name for figure in changes for name in figure.reaches}
        try:
            for figure, new in changes.items():
                figure.node.value = new
            changed = recompile(self._rulebook, self._content, reaches)
        except RulebookDataError:
            return None
        finally:
            for figure, written in old.items():
                figure.node.value = written
        for place, case in enumerate(self._cases):
            if case.jurisdiction in reaches and not run_case(changed, case).passed:
                # What saw one change of a section mostly sees the next one too.
                self._cases.insert(0, self._cases.pop(place))
                return True
        return False

    def is_move_seen(self, figure: Figure, new: str, others: Iterable[Figure]) -> bool | None:
        """Tell the same of a date that moves to ``new`` with its neighbours, those of its section or else all."""
        if not _DATE.fullmatch(new):
            return None
        day = date.fromisoformat(figure.node.value)
        step = date.fromisoformat(new) - day
        near = {
            each: on
            for each in others
            if (on := _day_of(each)) and abs(on - day) <= _ONE_DAY and set(each.reaches) & set(figure.reaches)
        }
        for within in ({figure.path[0]}, {each.path[0] for each in near}):
            moved = {each: str(on + step) for each, on in near.items() if each.path[0] in within}
            seen = self.is_seen(moved)
            if seen is not None:
                return seen
        return None


def _day_of(figure: Figure) -> date | None:
    return date.fromisoformat(figure.node.value) if _DATE.fullmatch(figure.node.value) else None
