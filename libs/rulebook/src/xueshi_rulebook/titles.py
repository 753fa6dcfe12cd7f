"""The series (职称系列) and levels of professional titles, as the national list has them."""

from collections.abc import Sequence
from functools import cache
from types import MappingProxyType
from typing import Final, NamedTuple

from xueshi_rulebook.errors import UnknownTitleError
from xueshi_rulebook.model import Basis
from xueshi_rulebook.reading import BASIS_KEYS, read_basis, read_text
from xueshi_rulebook.yamlsource import Value, packaged

_MAX_SERIES: Final = 99


class TitleLevel(NamedTuple):
    """One level, "associate_senior" (副高级). ``rank`` is 1 for the lowest of all levels and rises by 1."""

    code: str
    name_zh: str
    name_en: str
    rank: int


class TitleSeries(NamedTuple):
    """One series, "engineering" (工程技术人员), numbered as in the list. ``levels`` are codes, the highest first."""

    number: int
    code: str
    name_zh: str
    name_en: str
    levels: tuple[str, ...]
    basis: Basis

    def next_above(self, level: str) -> str | None:
        """Return the level for which a holder of ``level`` applies next, None above the highest.

        Raises UnknownTitleError for a level that the series does not have.
        """
        if level not in self.levels:
            raise UnknownTitleError(level)
        position = self.levels.index(level)
        return self.levels[position - 1] if position else None


class Titles(NamedTuple):
    """The whole list: levels with the highest first, series by number."""

    levels: tuple[TitleLevel, ...]
    series: tuple[TitleSeries, ...]


def title_levels() -> tuple[TitleLevel, ...]:
    """Return all levels, the highest first. Not every series has every one of them."""
    return _titles().levels


def title_series() -> tuple[TitleSeries, ...]:
    """Return all series in the order of the list."""
    return _titles().series


def title_series_of(code: str) -> TitleSeries:
    """Return a series by its code; raises UnknownTitleError."""
    found = _series_by_code().get(code)
    if found is None:
        raise UnknownTitleError(code)
    return found


def outranks(level: str, other: str) -> bool:
    """Tell whether ``level`` stands above ``other``, in whatever series; raises UnknownTitleError."""
    return _rank(level) > _rank(other)


def _rank(level: str) -> int:
    found = _levels_by_code().get(level)
    if found is None:
        raise UnknownTitleError(level)
    return found.rank


@cache
def _titles() -> Titles:
    return read_titles(packaged("titles.yaml"))


@cache
def _series_by_code() -> MappingProxyType[str, TitleSeries]:
    return MappingProxyType({each.code: each for each in title_series()})


@cache
def _levels_by_code() -> MappingProxyType[str, TitleLevel]:
    return MappingProxyType({each.code: each for each in title_levels()})


def read_titles(file: Value) -> Titles:
    """Read the levels and the series, which run from 1 without a gap; raises RulebookDataError."""
    fields = file.fields(("levels", "series"))
    levels = _read_levels(fields["levels"])
    codes = [level.code for level in levels]
    series: list[TitleSeries] = []
    for item in fields["series"].items():
        each = _read_series(item, codes)
        if each.number != len(series) + 1:
            item.fail(f"series {len(series) + 1} is expected here")
        if any(other.code == each.code or other.name_zh == each.name_zh for other in series):
            item.fail(f"series {each.code!r} is repeated")
        series.append(each)
    return Titles(levels, tuple(series))


def _read_levels(section: Value) -> tuple[TitleLevel, ...]:
    fields = section.fields(("list",), BASIS_KEYS)
    read_basis(section, fields)
    items = list(fields["list"].items())
    levels: list[TitleLevel] = []
    for item in items:
        parts = item.fields(("code", "zh", "en"))
        code = parts["code"].text()
        if any(level.code == code for level in levels):
            item.fail(f"level {code!r} is repeated")
        levels.append(TitleLevel(code, parts["zh"].text(), parts["en"].text(), len(items) - len(levels)))
    return tuple(levels)


def _read_series(item: Value, level_codes: Sequence[str]) -> TitleSeries:
    fields = item.fields(("number", "code", "name", "levels"), BASIS_KEYS)
    name = read_text(fields["name"])
    levels = fields["levels"].choices(level_codes)
    if list(levels) != sorted(levels, key=level_codes.index):
        fields["levels"].fail("the highest level comes first")
    number, code = fields["number"].integer(1, _MAX_SERIES), fields["code"].text()
    return TitleSeries(number, code, name.zh, name.en, levels, read_basis(item, fields))
