"""The versions of the rulebook that records and transcripts name, asked again."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import NamedTuple

from xueshi_rulebook import Jurisdiction, Rulebook, read_canonical


class Rules(NamedTuple):
    """One jurisdiction of one version; what is asked of it for each day is kept."""

    jurisdiction: Jurisdiction
    cap_of: Callable[[date], int | None]
    period_of: Callable[[date], str]


def rules_of(rulebook: Rulebook) -> dict[str, Rules]:
    """Return the rules of every jurisdiction by its code."""
    return {
        code: Rules(each, cache(each.day_cap_centihours), cache(each.period_of))
        for code, each in rulebook.jurisdictions.items()
    }


class Versions:
    """The kept versions by their hash, each compiled when it is first asked for."""

    def __init__(self, canonical: Mapping[str, str]) -> None:
        """Take the canonical form of each version by its hash."""
        self._canonical = canonical
        self._compiled: dict[str, tuple[Rulebook, dict[str, Rules]]] = {}

    def rulebook(self, version: str) -> Rulebook | None:
        """Return a version, None where it is not kept; raises RulebookDataError where this code cannot read it."""
        compiled = self._compile(version)
        return None if compiled is None else compiled[0]

    def rules(self, version: str, jurisdiction: str) -> Rules | None:
        """Return a jurisdiction's rules in a version, None where either is not known; raises RulebookDataError."""
        compiled = self._compile(version)
        return None if compiled is None else compiled[1].get(jurisdiction)

    def _compile(self, version: str) -> tuple[Rulebook, dict[str, Rules]] | None:
        found = self._compiled.get(version)
        if found is None and version in self._canonical:
            rulebook = read_canonical(self._canonical[version])
            found = self._compiled[version] = (rulebook, rules_of(rulebook))
        return found
