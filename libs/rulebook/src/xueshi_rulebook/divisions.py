"""Administrative divisions (GB/T 2260 codes, as of a day) and the exceptions that a rule makes to them.

A code that the table lacks, retired or newer than it, is placed by its digits, of which the first two name
the province and the first four the city. Only its name is unknown then.
"""

import csv
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import resources
from typing import Final, Literal, NamedTuple, cast

from xueshi_rulebook.errors import UnknownDivisionError
from xueshi_rulebook.reading import BASIS_KEYS, read_basis
from xueshi_rulebook.yamlsource import Value, packaged

Level = Literal["province", "city", "county"]
LEVELS: Final[tuple[Level, ...]] = ("province", "city", "county")
_CODE_LENGTH = 6


class Division(NamedTuple):
    """One area, as the exceptions leave it.

    ``within`` holds its own code and those of all areas above. ``at`` gives the area of each level that it is or
    lies in; a level below its own is absent, unless an exception raised it from there: 350128 is its own city.
    """

    code: str
    name: str
    level: Level
    parent: str | None
    within: frozenset[str]
    at: Mapping[str, str]
    exception_rule: str | None


class _Row(NamedTuple):
    """An area before the areas above it are known; ``table_level`` is the standard's."""

    name: str
    level: Level
    parent: str | None
    table_level: Level
    exception_rule: str | None


def name(code: str) -> str:
    """Return the Chinese name; raises UnknownDivisionError for a code that the table lacks."""
    division = _table().get(code)
    if division is None:
        raise UnknownDivisionError(code)
    return division.name


def shown(code: str, language: str) -> str:
    """Return what people read: the name; in English, which has none of its own, with the code."""
    name = division(code).name
    return (name if language == "zh" else f"{name} {code}") if name else code


def exists(code: str) -> bool:
    """Tell whether the table has this code."""
    return code in _table()


def level(code: str) -> Level:
    """Return the level at which the area's authorities stand (平潭 350128 at city level, FJ-26)."""
    return division(code).level


def parent(code: str) -> str | None:
    """Return the code of the area above, None above a province."""
    return division(code).parent


def is_within(code: str, ancestor: str) -> bool:
    """Tell whether ``code`` is ``ancestor`` or lies in it (平潭 350128 lies in 350000, not in 350100)."""
    return ancestor in division(code).within


def area_at(code: str, wanted: Level) -> str | None:
    """Return the area of level ``wanted`` that ``code`` is or lies in, None if ``code`` stands above that level."""
    return division(code).at.get(wanted)


def division(code: str) -> Division:
    """Return the area of a code, placed by its digits if the table lacks it; raises UnknownDivisionError."""
    return _find(code, _table())


def _find(code: str, table: Mapping[str, Division]) -> Division:
    known = table.get(code)
    if known is not None:
        return known
    if len(code) != _CODE_LENGTH or not (code.isascii() and code.isdigit()):
        raise UnknownDivisionError(code)
    if code.endswith("0000"):
        return _place(code, _Row("", "province", None, "province", None), table)
    if code.endswith("00"):
        return _place(code, _Row("", "city", code[:2] + "0000", "city", None), table)
    return _place(code, _Row("", "county", code[:4] + "00", "county", None), table)


def _place(code: str, row: _Row, table: Mapping[str, Division]) -> Division:
    """Add to a row what follows from the areas above it, which ``table`` holds or their digits tell."""
    above = None if row.parent is None else _find(row.parent, table)
    within = frozenset({code}) if above is None else above.within | {code}
    at: dict[str, str] = {} if above is None else dict(above.at)
    at[row.level] = at[row.table_level] = code
    return Division(code, row.name, row.level, row.parent, within, at, row.exception_rule)


def read_level(value: Value) -> Level:
    """Read a level from the rulebook's data."""
    return cast("Level", value.choice(LEVELS))


def source() -> dict[str, Value]:
    """Return what is said of the table (``table``) and the ``exceptions`` to it, for the rulebook's checks."""
    return packaged("divisions.yaml").fields(("table", "exceptions"))


@cache
def as_of() -> date:
    """Return the day whose divisions the table holds; areas renamed or merged since then keep their old rows."""
    table = source()["table"]
    fields = table.fields(("as_of",), BASIS_KEYS)
    read_basis(table, fields)
    return fields["as_of"].day()


@cache
def table_rows() -> tuple[tuple[str, str, str, str], ...]:
    """Return the standard's rows: code, level, name, parent ("" for none)."""
    file = resources.files("xueshi_rulebook") / "data" / "divisions.csv"
    reader = csv.DictReader(file.read_text(encoding="utf-8").splitlines())
    return tuple((row["code"], row["level"], row["name"], row["parent"]) for row in reader)


@cache
def _table() -> dict[str, Division]:
    rows: dict[str, _Row] = {}
    for code, level_text, name_text, parent_text in table_rows():
        if parent_text == code:
            # A city without counties has a second row, which names the city as a county of itself.
            continue
        standard = cast("Level", level_text)
        rows[code] = _Row(name_text, standard, parent_text or None, standard, None)
    for item in source()["exceptions"].items():
        _apply_exception(item, rows)
    table: dict[str, Division] = {}
    for code, row in sorted(rows.items(), key=lambda entry: LEVELS.index(entry[1].level)):
        table[code] = _place(code, row, table)
    return table


def _apply_exception(item: Value, rows: dict[str, _Row]) -> None:
    fields = item.fields(("code", "level", "parent", "rule"), BASIS_KEYS)
    read_basis(item, fields)
    code, above = fields["code"].text(), fields["parent"].text()
    if code not in rows or above not in rows:
        item.fail(f"{code!r} or {above!r} is not in the table")
    raised = read_level(fields["level"])
    rows[code] = rows[code]._replace(level=raised, parent=above, exception_rule=fields["rule"].text())
