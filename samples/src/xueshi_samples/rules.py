"""What the samples hold of the rules, in their own few words: the code under test is never asked.

This is an oracle: what the samples expect must not come from the data that is being tested, or a wrong number there
would be expected here too. So the few numbers that the samples need are written down a second time, read from the
notices. A number that changes in the rulebook is changed here by hand, by whoever has read the notice.
"""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from xueshi_samples.geography import LUOJIANG, SHAOGUAN, WENZHOU, city_of
from xueshi_samples.model import Employment, Jurisdiction, LearningForm, SubjectKind, Verdict

Part = tuple[date, int]
"""A day and centihours on it."""

DAY_CAP_CENTIHOURS = 800
"""FJ-03: 8 hours for each person and calendar day in Fujian. Wenzhou and Shaoguan have no such cap."""

CLASS_DAY_CENTIHOURS = 600
"""WZ-04 (三): a day of a class is worth 6 hours in Wenzhou, whatever it claims."""

CREDITS: tuple[SubjectKind, ...] = ("medical", "medical_remote")
EDUCATION, HEALTH = 16, 17


class Line(NamedTuple):
    """A minimum that the sum over some kinds has to reach; of `limited` kinds at most so much counts."""

    kinds: tuple[SubjectKind, ...]
    least: int
    limited: tuple[SubjectKind, ...] = ()
    most: int = 0

    def is_met(self, centihours: Mapping[SubjectKind, int]) -> bool:
        """Tell whether these centihours by kind reach it."""
        limited = min(self.most, sum(centihours.get(kind, 0) for kind in self.limited))
        return sum(centihours.get(kind, 0) for kind in self.kinds) + limited >= self.least


REQUIREMENTS: Mapping[str, tuple[Line, ...] | None] = {
    "FJ-01": (Line(("public",), 3000), Line(("professional",), 6000)),
    "FJ-02": None,
    "LJ-03": (Line(("medical",), 2500, limited=("medical_remote",), most=1200),),
    "LJ-04": None,
    "WZ-01": (
        Line(("professional",), 6000),
        Line(("general_public", "industry_public"), 1800),
        Line(("professional", "general_public", "industry_public"), 9000),
    ),
    "SG-01": (Line(("public",), 3000), Line(("professional",), 4200), Line(("elective",), 1800)),
    "SG-02": (Line(("public",), 3000), Line(("professional",), 6000)),
}
"""By rule what a year asks for; None where the year is not evaluated: credits without rules, a cycle of years."""


def jurisdiction_of(region: str) -> Jurisdiction:
    """Return whose rules hold where an employer sits."""
    if region == LUOJIANG:
        return "luojiang"
    city = city_of(region)
    return "wenzhou" if city == WENZHOU else "shaoguan" if city == SHAOGUAN else "fujian"


def is_day_capped(region: str, kind: SubjectKind) -> bool:
    """Tell whether a day has a cap where an employer sits; credits are no hours and have none."""
    return kind not in CREDITS and jurisdiction_of(region) in {"fujian", "luojiang"}


def requirement_of(employment: Employment) -> str:
    """Return the rule by which somebody with this employment is judged: a key of `REQUIREMENTS`."""
    place, occupation = jurisdiction_of(employment.region), employment.occupation
    if place == "wenzhou":
        return "WZ-01"
    if place == "shaoguan":
        return "SG-02" if occupation in {"accounting", "archives"} else "SG-01"
    if place == "luojiang" and occupation == "teacher":
        return "LJ-04"
    if occupation == "health":
        is_lower = employment.institution_level in {"primary", "secondary"}
        return "LJ-03" if place == "luojiang" and is_lower else "FJ-02"
    return "FJ-01"


def verdict_of(requirement: str, centihours: Mapping[SubjectKind, int]) -> Verdict:
    """Return what a requirement makes of stamped centihours by kind."""
    lines = REQUIREMENTS[requirement]
    if lines is None:
        return "not_evaluated"
    return "compliant" if all(line.is_met(centihours) for line in lines) else "short"


def is_stamped_at_once(region: str, kind: SubjectKind, form: LearningForm) -> bool:
    """Tell whether a platform's record needs nobody (FJ-09, WZ-09, WZ-04 (四), SG-03)."""
    if form != "online" or kind in CREDITS:
        return False
    return kind == "public" or jurisdiction_of(region) != "shaoguan"


def awaits_employer(kind: SubjectKind, employment: Employment) -> bool:
    """Tell whether the employer has to recognise the hours: Shaoguan's electives, and professional ones (SG-04, SG-05).

    In education and health the industry body recognises professional hours.
    """
    if jurisdiction_of(employment.region) != "shaoguan":
        return False
    return kind == "elective" or (kind == "professional" and employment.industry not in {EDUCATION, HEALTH})


def worth(region: str, kind: SubjectKind, form: LearningForm, parts: list[Part]) -> list[Part]:
    """Return what a record's days are worth before a cap."""
    if form == "face_to_face" and kind == "professional" and jurisdiction_of(region) == "wenzhou":
        return [(day, CLASS_DAY_CENTIHOURS) for day, _ in parts]
    return parts
