"""YAML values that know their file and line, so that every refusal of data names its place."""

import io
import re
from collections.abc import Collection, Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import NoReturn

import yaml

from xueshi_rulebook.errors import RulebookDataError

_STRING = "tag:yaml.org,2002:str"
_INTEGER = "tag:yaml.org,2002:int"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# YAML reads 1:30 as 90, 010 as 8 and 1_0 as 10, and Decimal takes 1e3: whoever checks the data must see the number.
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"-?[0-9]{1,18}(\.[0-9]+)?")
_WORDS = ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:null")
_CENTI = 100
# The C parser reads the packaged data in a tenth of the time; where the library lacks it the result is the same.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Value:
    """One node of a YAML document. Each reader method returns a typed value or raises RulebookDataError."""

    __slots__ = ("node",)

    def __init__(self, node: yaml.Node) -> None:
        """Wrap a composed node, whose marks name its file."""
        self.node = node

    @property
    def place(self) -> tuple[str, int]:
        """The file and the line, from 1, where the value begins."""
        return self.node.start_mark.name, self.node.start_mark.line + 1

    def fail(self, reason: str) -> NoReturn:
        """Refuse this value."""
        raise RulebookDataError(*self.place, reason)

    def joined(self, other: "Value") -> "Value":
        """Return one section that two files spread: the entries of both mappings, or the items of both lists.

        A mapping beside a list, and a key that both have, are refused.
        """
        mine, theirs = self.node, other.node
        if isinstance(mine, yaml.SequenceNode) and isinstance(theirs, yaml.SequenceNode):
            return Value(_sequence(mine, [*mine.value, *theirs.value]))
        known = self.entries()
        for key, value in other.entries().items():
            if key in known:
                value.fail(f"key {key!r} is repeated")
        return Value(_mapping(mine, [*mine.value, *theirs.value]))

    def over(self, inherited: "Value") -> "Value":
        """Return what an heir's value makes of the one that it inherits.

        Mappings are laid over each other key by key; a list stands before the inherited one; anything else replaces it.
        """
        mine, theirs = self.node, inherited.node
        if isinstance(mine, yaml.SequenceNode) and isinstance(theirs, yaml.SequenceNode):
            return Value(_sequence(mine, [*mine.value, *theirs.value]))
        if not (isinstance(mine, yaml.MappingNode) and isinstance(theirs, yaml.MappingNode)):
            return self
        own, below = self.entries(), inherited.entries()
        pairs = [
            (key, own[key.value].over(below[key.value]).node if key.value in below else value)
            for key, value in mine.value
        ]
        pairs += [(key, value) for key, value in theirs.value if key.value not in own]
        return Value(_mapping(mine, pairs))

    def entries(self) -> dict[str, "Value"]:
        """Return a mapping with keys that are not known beforehand; a repeated key is refused."""
        if not isinstance(self.node, yaml.MappingNode):
            self.fail("a mapping is expected")
        found: dict[str, Value] = {}
        for key_node, value_node in self.node.value:
            key = Value(key_node)
            if not isinstance(key_node, yaml.ScalarNode):
                key.fail("a key must be plain text")
            if key_node.value in found:
                key.fail(f"key {key_node.value!r} is repeated")
            found[key_node.value] = Value(value_node)
        return found

    def fields(self, required: Collection[str], optional: Collection[str] = ()) -> dict[str, "Value"]:
        """Return a mapping of exactly the required keys and any of the optional ones."""
        found = self.entries()
        for key, value in found.items():
            if key not in required and key not in optional:
                value.fail(f"unknown key {key!r}")
        for key in required:
            if key not in found:
                self.fail(f"key {key!r} is missing")
        return found

    @property
    def is_list(self) -> bool:
        """Whether the value is a list."""
        return isinstance(self.node, yaml.SequenceNode)

    @property
    def is_mapping(self) -> bool:
        """Whether the value is a mapping."""
        return isinstance(self.node, yaml.MappingNode)

    def items(self) -> Iterator["Value"]:
        """Yield the elements of a list that must not be empty."""
        if not isinstance(self.node, yaml.SequenceNode):
            self.fail("a list is expected")
        if not self.node.value:
            self.fail("the list is empty")
        for node in self.node.value:
            yield Value(node)

    def text(self) -> str:
        """Return non-empty text; numbers and dates must be quoted to be text."""
        if not isinstance(self.node, yaml.ScalarNode) or self.node.tag != _STRING:
            self.fail("text is expected")
        if not self.node.value.strip():
            self.fail("the text is empty")
        return str(self.node.value)

    def line(self) -> str:
        """Return text of one line."""
        line = self.text()
        if line.splitlines() != [line]:
            self.fail("text of one line is expected")
        return line

    def choice(self, allowed: Collection[str]) -> str:
        """Return text that is one of ``allowed``."""
        chosen = self.text()
        if chosen not in allowed:
            self.fail(f"{chosen!r} is none of {', '.join(sorted(allowed))}")
        return chosen

    def choices(self, allowed: Collection[str]) -> tuple[str, ...]:
        """Return a list of different texts, each one of ``allowed``."""
        found: list[str] = []
        for item in self.items():
            chosen = item.choice(allowed)
            if chosen in found:
                item.fail(f"{chosen!r} is repeated")
            found.append(chosen)
        return tuple(found)

    def day(self) -> date:
        """Return a calendar day written YYYY-MM-DD."""
        if not self.is_day():
            self.fail("a date YYYY-MM-DD is expected")
        try:
            return date.fromisoformat(self.node.value)
        except ValueError:
            self.fail("a date YYYY-MM-DD is expected")

    def is_day(self) -> bool:
        """Tell whether the value is written as a day, 2025-03-01; JSON has it in quotes."""
        return isinstance(self.node, yaml.ScalarNode) and bool(_DAY.fullmatch(self.node.value))

    def integer(self, low: int, high: int) -> int:
        """Return an integer within both bounds."""
        if not isinstance(self.node, yaml.ScalarNode) or self.node.tag != _INTEGER:
            self.fail("an integer is expected")
        number = _whole(self.node)
        if not low <= number <= high:
            self.fail(f"{number} is outside {low} to {high}")
        return number

    def flag(self) -> bool:
        """Return true or false."""
        if not isinstance(self.node, yaml.ScalarNode) or self.node.value not in ("true", "false"):
            self.fail("true or false is expected")
        return bool(self.node.value == "true")

    def centihours(self, high_hours: int, *, zero: bool = False) -> int:
        """Read hours, a decimal string above 0 (or 0 where ``zero``) with at most two places, as centihours."""
        return self.hundredths(high_hours, "hours", zero=zero)

    def hundredths(self, high: int, unit: str, *, zero: bool = False) -> int:
        """Read a decimal string above 0 (or 0 where ``zero``) with at most two places, as hundredths of ``unit``."""
        written = self.text()
        if not _DECIMAL.fullmatch(written):
            self.fail(f"{written!r} is not a decimal number of {unit}")
        scaled = Decimal(written) * _CENTI
        if scaled != int(scaled):
            self.fail(f"{written!r} has more than two places")
        if not 0 <= scaled <= high * _CENTI or (scaled == 0 and not zero):
            self.fail(f"{written} {unit} is outside 0 to {high}")
        return int(scaled)

    def scalars(self) -> object:
        """Return the value as dicts, lists and JSON's scalars: quoted and other plain text stays text, as do dates."""
        return _scalars(self.node)


def _sequence(like: yaml.Node, items: list[yaml.Node]) -> yaml.SequenceNode:
    return yaml.SequenceNode(like.tag, items, like.start_mark, like.end_mark)


def _mapping(like: yaml.Node, pairs: list[tuple[yaml.Node, yaml.Node]]) -> yaml.MappingNode:
    return yaml.MappingNode(like.tag, pairs, like.start_mark, like.end_mark)


def _whole(node: yaml.Node) -> int:
    """Return an integer that is written in plain digits."""
    if not _WHOLE.fullmatch(node.value):
        Value(node).fail(f"{node.value!r} is not written in plain digits")
    return int(node.value)


def _scalars(node: yaml.Node) -> object:
    if isinstance(node, yaml.MappingNode):
        return {key.value: _scalars(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_scalars(item) for item in node.value]
    if node.tag == _INTEGER:
        return _whole(node)
    return (
        {"true": True, "false": False, "null": None}.get(node.value, node.value) if node.tag in _WORDS else node.value
    )


class _Named(io.StringIO):
    """A text that the parser's marks name by its file."""

    def __init__(self, text: str, name: str) -> None:
        super().__init__(text)
        self.name = name


def parse(text: str, file: str) -> Value:
    """Compose one YAML document; raises RulebookDataError for broken syntax or an empty file."""
    try:
        node = yaml.compose(_Named(text, file), Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RulebookDataError(file, line, f"not YAML: {error.problem}") from error
    except yaml.reader.ReaderError as error:
        raise RulebookDataError(file, _line_of_unprintable(text), "not YAML: a character that is no text") from error
    if node is None:
        raise RulebookDataError(file, 1, "the file is empty")
    return Value(node)


def _line_of_unprintable(text: str) -> int:
    found = yaml.reader.Reader.NON_PRINTABLE.search(text)
    return text.count("\n", 0, found.start()) + 1 if found else 1


def parse_file(file: Traversable, shown: str) -> Value:
    """Compose a file, which errors call ``shown``; raises RulebookDataError, also where it is missing or not UTF-8."""
    if not file.is_file():
        raise RulebookDataError(shown, 1, "the file is missing")
    written = file.read_bytes()
    try:
        text = written.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RulebookDataError(shown, written.count(b"\n", 0, error.start) + 1, "not UTF-8") from error
    return parse(text, shown)


@cache
def packaged(name: str) -> Value:
    """Return ``data/<name>`` of this package, composed once per process; raises RulebookDataError."""
    return parse_file(resources.files("xueshi_rulebook") / "data" / name, f"data/{name}")
