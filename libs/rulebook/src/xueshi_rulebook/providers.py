"""Whom a training provider may teach: bases serve their own area (FJ-17)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from xueshi_rulebook import divisions
from xueshi_rulebook.divisions import LEVELS, Level, read_level
from xueshi_rulebook.errors import UnknownDivisionError
from xueshi_rulebook.model import Basis, Rule
from xueshi_rulebook.reading import BASIS_KEYS, read_basis, read_rule
from xueshi_rulebook.yamlsource import Value


class Provider(NamedTuple):
    """Who gave the training.

    A ``platform`` or ``base`` with a ``base_level`` acts as a base of the area ``base_region`` (a six-digit code).
    An ``organiser`` is an authority or another body, to which the area of a base does not apply.
    """

    kind: Literal["platform", "base", "organiser"]
    base_level: Level | None
    base_region: str | None

    @property
    def acts_as_base(self) -> bool:
        """Tell whether the area that a base serves has to be tested."""
        return self.kind == "base" or (self.kind == "platform" and bool(self.base_level))


class BaseScope:
    """The area that each level of base serves."""

    __slots__ = ("_area_level", "bases", "rule_id")

    def __init__(self, rule_id: str, area_level: Mapping[Level, Level], bases: Mapping[Level, Basis]) -> None:
        """Take the rule and, by level of base, the level of the area served and what that rests on."""
        self.rule_id = rule_id
        self.bases = bases
        self._area_level = dict(area_level)

    def includes(self, provider: Provider, employer_region: str) -> bool:
        """Tell whether the provider may teach people of employers in this region.

        Always so where it does not act as a base; never where its level or region is missing or malformed.
        """
        if not provider.acts_as_base:
            return True
        level = self._area_level.get(provider.base_level) if provider.base_level else None
        if level is None or not provider.base_region:
            return False
        try:
            area = divisions.area_at(provider.base_region, level)
            return area is not None and divisions.is_within(employer_region, area)
        except UnknownDivisionError:
            return False


def read_base_scope(section: Value, rules: Mapping[str, Rule]) -> BaseScope:
    """Read whom the bases of each level serve; every level must be given."""
    fields = section.fields(("rule", "serves"))
    serves: dict[Level, Level] = {}
    bases: dict[Level, Basis] = {}
    for item in fields["serves"].items():
        parts = item.fields(("base", "area"), BASIS_KEYS)
        base = read_level(parts["base"])
        if base in serves:
            item.fail(f"base level {base!r} is repeated")
        serves[base], bases[base] = read_level(parts["area"]), read_basis(item, parts)
    if len(serves) != len(LEVELS):
        section.fail("the levels province, city and county are all needed")
    return BaseScope(read_rule(fields["rule"], rules).id, serves, MappingProxyType(bases))
