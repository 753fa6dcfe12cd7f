"""Employers with plainly made-up names and organisation codes, in real divisions."""

from collections.abc import Sequence

from xueshi_samples.authorities import UNABLE
from xueshi_samples.dice import Dice
from xueshi_samples.geography import CITIES, COUNTIES, PINGTAN, PROVINCE, name_of
from xueshi_samples.identifiers import credit_code
from xueshi_samples.industries import INDUSTRIES
from xueshi_samples.model import Employer

REGISTERED = 150
UNREGISTERED = 8
_ORDINALS = "甲乙丙丁戊己庚辛壬癸"
_ANCHORS = (
    UNABLE,
    (PINGTAN, 16),
    (PROVINCE, 17),
    ("350504", 16),
    ("350582", 3),
    UNABLE,
    ("350900", 7),
    (PROVINCE, 5),
    (PINGTAN, 1),
)
"""Places that every sample has, so that each way of routing is met also in a small one."""


def build_employers(dice: Dice) -> tuple[Employer, ...]:
    """Return the registered employers and, behind them, those that the registry does not know."""
    wheel = [number for number, industry in INDUSTRIES.items() for _ in range(industry.weight)]
    built = []
    for place in range(REGISTERED + UNREGISTERED):
        region, number = _ANCHORS[place] if place < len(_ANCHORS) else (_region(dice), dice.pick(wheel))
        built.append(employer_at(dice, region, number, place + 1))
    return tuple(built)


def registered(employers: Sequence[Employer]) -> list[Employer]:
    """Return those that the registry knows."""
    return [employer for employer in employers if employer.registered]


def _region(dice: Dice) -> str:
    if dice.chance(0.1):
        return PROVINCE
    return dice.pick(tuple(CITIES if dice.chance(0.45) else COUNTIES))


def employer_at(dice: Dice, region: str, industry_number: int, number: int) -> Employer:
    """Return the employer of a number, which its code and name tell; the last of Fujian's are not registered."""
    industry = INDUSTRIES[industry_number]
    place = number - 1
    ordinal = _ORDINALS[place // 10 % 10] + _ORDINALS[place % 10]
    return Employer(
        code=credit_code(industry.code_kind, region, number),
        name=f"{name_of(region)}示例{ordinal}{dice.pick(industry.employer_kinds)}",
        region=region,
        industry=industry_number,
        registered=not REGISTERED < number <= REGISTERED + UNREGISTERED,
    )
