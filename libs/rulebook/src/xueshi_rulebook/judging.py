"""How a period is judged that has no minimum, or within which minimum, employment or place of work change."""

from collections.abc import Mapping
from datetime import date
from typing import Final, NamedTuple

from xueshi_rulebook.model import Basis, Kind, Rule
from xueshi_rulebook.periods import Period
from xueshi_rulebook.reading import BASIS_KEYS, read_basis, read_rule
from xueshi_rulebook.yamlsource import Value

_DAYS: Final = ("first_day", "last_day")
_MINIMUMS: Final = ("whole",)


class Judging(NamedTuple):
    """The readings that settle such periods. ``without`` is the rule of those that no minimum is in force for.

    ``equivalents`` gives, by a kind that only others have, ours that it counts as; ``foreign`` are all those kinds.
    """

    without: Rule
    without_basis: Basis
    by_last_day: bool
    day_basis: Basis
    part_basis: Basis
    equivalents: Mapping[str, str]
    foreign: Mapping[str, Kind]
    moved_basis: Basis

    def day(self, period: Period) -> date:
        """Return the day whose minimum judges a period."""
        return period.last if self.by_last_day else period.first


def read_judging(
    section: Value, rules: Mapping[str, Rule], kinds: Mapping[str, Kind], everywhere: Mapping[str, Kind]
) -> Judging:
    """Read ``judging``; ``everywhere`` are the kinds of all jurisdictions."""
    fields = section.fields(("without_minimum", "changed_within", "employed_within", "moved_within"))
    without = fields["without_minimum"].fields(("rule",), BASIS_KEYS)
    changed = fields["changed_within"].fields(("judged_on",), BASIS_KEYS)
    employed = fields["employed_within"].fields(("minimum",), BASIS_KEYS)
    employed["minimum"].choice(_MINIMUMS)
    moved = fields["moved_within"].fields(("equivalents",), BASIS_KEYS)
    foreign = {code: kind for code, kind in everywhere.items() if code not in kinds}
    return Judging(
        without=read_rule(without["rule"], rules),
        without_basis=read_basis(fields["without_minimum"], without),
        by_last_day=changed["judged_on"].choice(_DAYS) == "last_day",
        day_basis=read_basis(fields["changed_within"], changed),
        part_basis=read_basis(fields["employed_within"], employed),
        equivalents=_read_equivalents(moved["equivalents"], kinds, foreign),
        foreign=foreign,
        moved_basis=read_basis(fields["moved_within"], moved),
    )


def _read_equivalents(section: Value, kinds: Mapping[str, Kind], foreign: Mapping[str, Kind]) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in section.items():
        fields = item.fields(("kinds", "counts_as"))
        ours = fields["counts_as"].choice(kinds)
        for theirs in fields["kinds"].choices(foreign):
            if theirs in found:
                item.fail(f"kind {theirs!r} is repeated")
            if foreign[theirs].unit != kinds[ours].unit:
                item.fail(f"{theirs!r} is counted in {foreign[theirs].unit}, {ours!r} in {kinds[ours].unit}")
            found[theirs] = ours
    return found
