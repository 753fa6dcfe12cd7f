"""YAML values that know their file and line, so that every refusal of data names its place."""

from collections.abc import Collection, Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import NoReturn

import yaml

from xueshi_rulebook.errors import RulebookDataError

_STRING = "tag:yaml.org,2002:str"
_INTEGER = "tag:yaml.org,2002:int"
_CENTI = 100
# The C parser reads the packaged data in a tenth of the time; where the library lacks it the result is the same.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Value:
    """One node of a YAML document. Each reader method returns a typed value or raises RulebookDataError."""

    __slots__ = ("_file", "_node")

    def __init__(self, node: yaml.Node, file: str) -> None:
        """Wrap a composed node of ``file``."""
        self._node = node
        self._file = file

    def fail(self, reason: str) -> NoReturn:
        """Refuse this value."""
        raise RulebookDataError(self._file, self._node.start_mark.line + 1, reason)

    def entries(self) -> dict[str, "Value"]:
        """Return a mapping with keys that are not known beforehand; a repeated key is refused."""
        if not isinstance(self._node, yaml.MappingNode):
            self.fail("a mapping is expected")
        found: dict[str, Value] = {}
        for key_node, value_node in self._node.value:
            key = Value(key_node, self._file)
            if not isinstance(key_node, yaml.ScalarNode):
                key.fail("a key must be plain text")
            if key_node.value in found:
                key.fail(f"key {key_node.value!r} is repeated")
            found[key_node.value] = Value(value_node, self._file)
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

    def items(self) -> Iterator["Value"]:
        """Yield the elements of a list that must not be empty."""
        if not isinstance(self._node, yaml.SequenceNode):
            self.fail("a list is expected")
        if not self._node.value:
            self.fail("the list is empty")
        for node in self._node.value:
            yield Value(node, self._file)

    def text(self) -> str:
        """Return non-empty text; numbers and dates must be quoted to be text."""
        if not isinstance(self._node, yaml.ScalarNode) or self._node.tag != _STRING:
            self.fail("text is expected")
        if not self._node.value.strip():
            self.fail("the text is empty")
        return str(self._node.value)

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
        if not isinstance(self._node, yaml.ScalarNode):
            self.fail("a date YYYY-MM-DD is expected")
        try:
            return date.fromisoformat(self._node.value)
        except ValueError:
            self.fail("a date YYYY-MM-DD is expected")

    def integer(self, low: int, high: int) -> int:
        """Return an integer within both bounds."""
        if not isinstance(self._node, yaml.ScalarNode) or self._node.tag != _INTEGER:
            self.fail("an integer is expected")
        number = int(self._node.value)
        if not low <= number <= high:
            self.fail(f"{number} is outside {low} to {high}")
        return number

    def centihours(self, high_hours: int) -> int:
        """Read hours, a decimal string above 0 with at most two places, as centihours."""
        written = self.text()
        try:
            scaled = Decimal(written) * _CENTI
        except InvalidOperation:
            self.fail(f"{written!r} is not a decimal number of hours")
        if not scaled.is_finite() or scaled != int(scaled):
            self.fail(f"{written!r} has more than two places")
        if not 0 < scaled <= high_hours * _CENTI:
            self.fail(f"{written} hours is outside 0 to {high_hours}")
        return int(scaled)

    def plain(self) -> object:
        """Return the value as plain dicts, lists and texts: the content without layout or comments."""
        return _plain(self._node)


def _plain(node: yaml.Node) -> object:
    if isinstance(node, yaml.MappingNode):
        return {key.value: _plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item) for item in node.value]
    return str(node.value)


def parse(text: str, file: str) -> Value:
    """Compose one YAML document; raises RulebookDataError for broken syntax or an empty file."""
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RulebookDataError(file, line, f"not YAML: {error.problem}") from error
    if node is None:
        raise RulebookDataError(file, 1, "the file is empty")
    return Value(node, file)
