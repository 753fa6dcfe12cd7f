"""HRSS bureaus, industry bodies and their officers."""

from collections.abc import Iterable, Mapping

from xueshi_samples.dice import Dice
from xueshi_samples.geography import CITIES, PINGTAN, PROVINCE, WENZHOU, level_of, name_of
from xueshi_samples.industries import INDUSTRIES
from xueshi_samples.model import Authority, Employment, Grant, Level, Officer, SubjectKind
from xueshi_samples.names import officer_name
from xueshi_samples.rules import awaits_employer, jurisdiction_of

_COUNTY_BODIES = (5, 16, 17)
_LACKING = {
    (PROVINCE, 7),
    ("350200", 13),
    ("350300", 7),
    ("350400", 3),
    ("350700", 7),
    ("350800", 13),
    ("350900", 6),
    ("350900", 7),
    (PINGTAN, 1),
    (PINGTAN, 3),
    ("350504", 5),
    ("350582", 17),
    ("350702", 5),
    ("350981", 16),
}
"""Regions whose list of industry bodies has a gap, so that HRSS stamps instead (FJ-08)."""

UNABLE = ("350600", 5)
"""The industry body that is for now unable to stamp (FJ-08)."""


class Authorities:
    """Finds who stamps, by region and industry."""

    def __init__(self, authorities: Iterable[Authority]) -> None:
        self.all = tuple(authorities)
        self._found: Mapping[tuple[str, int | None], Authority] = {(a.region, a.industry): a for a in self.all}

    def stamping(self, kind: SubjectKind, employment: Employment) -> Authority | None:
        """Return who stamps, None where the employer has to recognise the hours (SG-04, SG-05).

        HRSS for public hours, else the industry body, in Fujian where there is one that is able (FJ-08): of the very
        region, in Wenzhou of the city (WZ-02).
        """
        if awaits_employer(kind, employment):
            return None
        region = employment.region
        if kind in {"public", "general_public"}:
            return self._found[region, None]
        if jurisdiction_of(region) == "wenzhou":
            region = WENZHOU
        body = self._found.get((region, employment.industry))
        return self._found[region, None] if body is None or body.unable else body


def build_authorities(dice: Dice, regions: Iterable[str]) -> Authorities:
    """Return Fujian's and all its cities' authorities and those of every region that has an employer."""
    everywhere = sorted({PROVINCE, *CITIES, *regions})
    built = []
    for region in everywhere:
        built.append(_authority(dice, region, None))
        numbers = _COUNTY_BODIES if level_of(region) == "county" else tuple(INDUSTRIES)
        built += [_authority(dice, region, number) for number in numbers if (region, number) not in _LACKING]
    return Authorities(built)


def _authority(dice: Dice, region: str, industry: int | None) -> Authority:
    level = level_of(region)
    identifier = f"hrss-{region}" if industry is None else f"industry-{region}-{industry:02d}"
    return Authority(
        id=identifier,
        kind="hrss" if industry is None else "industry",
        level=level,
        region=region,
        industry=industry,
        name=name_of(region) + _office(region, level, industry),
        unable=(region, industry) == UNABLE,
        officers=_officers(dice, identifier, level, region, industry),
    )


def _office(region: str, level: Level, industry: int | None) -> str:
    if industry is None:
        if region == PINGTAN:
            return "党群工作部"
        return "人力资源和社会保障" + ("厅" if level == "province" else "局")
    found = INDUSTRIES[industry]
    return found.provincial_body if level == "province" else found.local_body


def _officers(dice: Dice, authority: str, level: Level, region: str, industry: int | None) -> tuple[Officer, ...]:
    stamping = Grant("officer", level, region, industry)
    leading = Grant("administrator", level, region, industry)
    lead = Officer(f"{authority}-lead", officer_name(dice), (stamping, leading))
    desk = Officer(f"{authority}-desk", officer_name(dice), (stamping,))
    return (lead,) if level == "county" else (lead, desk)
