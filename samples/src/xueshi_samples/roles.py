"""Who is there to show how each jurisdiction judges, and what they learn in the year."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from xueshi_samples.dice import Dice
from xueshi_samples.geography import LUOJIANG, SHAOGUAN, WENZHOU
from xueshi_samples.model import InstitutionLevel, LearningForm, Occupation, SubjectKind

PLACES = (
    ("350100", 5),
    ("350200", 17),
    (LUOJIANG, 17),
    (LUOJIANG, 16),
    (LUOJIANG, 5),
    ("330302", 16),
    (WENZHOU, 17),
    ("330382", 5),
    (WENZHOU, 7),
    (SHAOGUAN, 16),
    ("440203", 17),
    ("440222", 16),
    (SHAOGUAN, 3),
    ("440203", 5),
)
"""Where they work: region and industry of an employer each."""

OUTSIDE_NETWORK = "zhijiang-gongxu"
"""A platform that is not of Wenzhou's own network, on which public hours are held there (WZ-09)."""


class Learned(NamedTuple):
    """Hours, or credits, of one kind and form; of a class 8 a day. `platform` stands where it is not the usual one."""

    kind: SubjectKind
    form: LearningForm
    hours: int
    platform: str = ""


@dataclass(frozen=True, slots=True)
class Role:
    """A person to be made up; `title` says in Chinese what they show, empty for those who only fill the place."""

    title: str
    region: str
    industry: int
    learned: tuple[Learned, ...]
    occupation: Occupation = ""
    institution_level: InstitutionLevel = ""
    cycle_from: date | None = None


def _online(**hours: int) -> tuple[Learned, ...]:
    return tuple(Learned(kind, "online", amount) for kind, amount in hours.items())  # type: ignore[arg-type]


def _elective(hours: int) -> Learned:
    return Learned("elective", "elective", hours)


def _class(hours: int) -> Learned:
    return Learned("professional", "face_to_face", hours)


def _outside(hours: int) -> Learned:
    return Learned("general_public", "online", hours, OUTSIDE_NETWORK)


def _credits(attended: int, remote: int) -> tuple[Learned, ...]:
    return (Learned("medical", "face_to_face", attended), Learned("medical_remote", "online", remote))


ROLES = (
    # Fujian: 30 + 60; health keeps its own credits, for which there are no rules here.
    Role("工程师", "350100", 5, _online(public=30, professional=60)),
    Role("医师（实行学分制）", "350200", 17, _online(public=30, professional=20), "health", "tertiary"),
    # Luojiang: credits of county hospitals, of remote ones at most 12; teachers by cycles; all others as Fujian.
    Role("二级医院医师", LUOJIANG, 17, _credits(18, 15), "health", "secondary"),
    Role("二级医院医师（学分不足）", LUOJIANG, 17, _credits(10, 15), "health", "secondary"),
    Role("小学教师", LUOJIANG, 16, _online(public=30, professional=60), "teacher", cycle_from=date(2023, 9, 1)),
    Role("工程师", LUOJIANG, 5, _online(public=30, professional=60)),
    # Wenzhou: 60 professional, 18 public of both kinds, 90 in all; a day of a class is worth 6 hours.
    Role("中学教师", "330302", 16, _online(professional=73, industry_public=17)),
    Role("护师", WENZHOU, 17, (*_online(professional=54, general_public=9, industry_public=9), _class(24))),
    Role("工程师", "330382", 5, (*_online(professional=72, industry_public=8), _outside(10))),
    Role("软件工程师", WENZHOU, 7, _online(professional=60, general_public=12, industry_public=18)),
    # Shaoguan: 30 + 42 + 18, the last recognised by the employer, professional ones too but in education and health;
    # accounting and archives 30 + 60.
    Role("工程师", SHAOGUAN, 3, (*_online(public=30, professional=42), _elective(18))),
    Role("会计（医院）", "440203", 17, _online(public=30, professional=60), "accounting"),
    Role("会计（学校）", SHAOGUAN, 16, (*_online(public=30, professional=59), _elective(5)), "accounting"),
    Role("档案管理员（学校）", "440222", 16, _online(public=30, professional=60), "archives"),
    Role("中学教师", SHAOGUAN, 16, (*_online(public=30, professional=42), _elective(18)), "teacher"),
)  # fmt: skip
"""The first of each jurisdiction is the one that `make run` shows."""


def somebody(dice: Dice) -> Role:
    """Return one of the many of Wenzhou or Shaoguan, of whom nothing is special."""
    region, industry = dice.pick([place for place in PLACES if not place[0].startswith("35")])
    if region.startswith("33"):
        hours = _online(
            professional=dice.between(55, 80), general_public=dice.between(4, 16), industry_public=dice.between(4, 16)
        )
    else:
        hours = (
            *_online(public=dice.between(20, 36), professional=dice.between(30, 50)),
            _elective(dice.between(6, 20)),
        )
    return Role("", region, industry, hours)
