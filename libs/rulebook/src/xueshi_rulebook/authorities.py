"""Who stands where: authorities by area and industry, and who takes the place of one that is missing or unable."""

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from xueshi_rulebook import divisions
from xueshi_rulebook.divisions import Level
from xueshi_rulebook.model import Basis

Actor = Literal["hrss", "industry", "employer"]
Fallback = Literal["none", "no_industry_body", "unable"]

ACTORS: Final = ("hrss", "industry", "employer")
AUTHORITY_KINDS: Final = ("hrss", "industry")
REASONS: Final = ("no_industry_body", "unable")


class Authority(NamedTuple):
    """An authority of one area. ``industries`` are numbers of S0 附件5, empty for HRSS.

    ``unable`` is the flag that an administrator sets on an industry body that cannot stamp for now (FJ-08); it
    means nothing on HRSS, behind which nobody stands.
    """

    id: str
    kind: Literal["hrss", "industry"]
    region: str
    level: Level
    industries: frozenset[int]
    unable: bool


class Replacement(NamedTuple):
    """When HRSS of the same area takes an industry body's place, and what that rests on."""

    when: frozenset[str]
    basis: Basis


class Bodies:
    """Authorities by area. Of several that could act the one with the smallest id does, so that routes are stable."""

    __slots__ = ("_hrss", "_industry", "_unable")

    def __init__(self, authorities: Sequence[Authority]) -> None:
        """Index the authorities; raises UnknownDivisionError for a malformed region."""
        self._hrss: dict[str, str] = {}
        self._industry: dict[tuple[str, int], str] = {}
        self._unable: dict[tuple[str, int], str] = {}
        for authority in sorted(authorities):
            # An authority entered at a level that is not its area's answers for no employer there.
            if divisions.level(authority.region) != authority.level:
                continue
            if authority.kind == "hrss":
                self._hrss.setdefault(authority.region, authority.id)
                continue
            table = self._unable if authority.unable else self._industry
            for industry in authority.industries:
                table.setdefault((authority.region, industry), authority.id)

    def find(
        self, actor: Actor, replacement: Replacement | None, region: str, industry: int | None
    ) -> tuple[str | None, Fallback]:
        """Return who acts in this very area, and the fallback taken; nobody where the employer itself acts."""
        if actor == "hrss":
            return self._hrss.get(region), "none"
        if actor == "employer":
            return None, "none"
        key = (region, industry if industry is not None else 0)
        able = self._industry.get(key)
        if able is not None:
            return able, "none"
        unable = self._unable.get(key)
        reason: Fallback = "no_industry_body" if unable is None else "unable"
        if replacement is not None and reason in replacement.when:
            return self._hrss.get(region), reason
        return unable, "none"
