"""Training platforms of Fujian, what is confirmed for them, and the courses they give."""

from dataclasses import dataclass
from typing import Literal

from xueshi_samples.dice import Dice
from xueshi_samples.geography import PROVINCE, city_of, in_area, level_of
from xueshi_samples.industries import EDITIONS, INDUSTRIES, PUBLIC_TOPICS
from xueshi_samples.model import Platform, Scope, SubjectKind

_PUBLIC_CENTIHOURS = (300, 400, 450, 500, 600, 800, 1000)
_PROFESSIONAL_CENTIHOURS = (400, 450, 500, 600, 675, 800, 900, 1000, 1200, 1600)
_COURSES_PER_PUBLIC_TOPIC = 3


@dataclass(frozen=True, slots=True)
class Course:
    """A course of one platform with the hours that it is worth."""

    platform: str
    id: str
    title: str
    kind: SubjectKind
    industry: int | None
    major: str | None
    centihours: int


@dataclass(frozen=True, slots=True)
class _Plan:
    """One platform as accession has it: `industries` with all their confirmed majors, `public` beside them."""

    id: str
    name: str
    region: str
    key_type: Literal["hmac", "ed25519"]
    industries: tuple[int, ...]
    public: bool = False


_PLANS = (
    _Plan("minxue-gongxu", "闽学公需课堂", PROVINCE, "hmac", (), public=True),
    _Plan("minxue-jianzhu", "闽建云课堂", PROVINCE, "hmac", (5,)),
    _Plan("minxue-weijian", "闽卫继教在线", PROVINCE, "ed25519", (17,)),
    _Plan("minxue-jiaoshi", "闽师研修网", PROVINCE, "hmac", (16,)),
    _Plan("minxue-zonghe", "闽匠综合学堂", PROVINCE, "ed25519", (1, 3, 6, 7, 13, 14), public=True),
    _Plan("rongcheng-zaixian", "榕城在线学习中心", "350100", "hmac", (5, 7, 16), public=True),
    _Plan("ludao-xuetang", "鹭岛学堂", "350200", "hmac", (3, 7, 17), public=True),
    _Plan("citong-jijiao", "刺桐继教平台", "350500", "ed25519", (3, 5, 16), public=True),
    _Plan("jinjiang-peixun", "晋江培训云", "350582", "hmac", (3, 5)),
)


class Catalogue:
    """The platforms and their courses, some of them of subjects and majors not yet confirmed (FJ-15)."""

    def __init__(self, dice: Dice) -> None:
        self.platforms = tuple(_platform(plan) for plan in _PLANS)
        self._bases = {platform.id: platform.base_region for platform in self.platforms}
        self._confirmed = [course for plan in _PLANS for course in _confirmed_courses(dice, plan)]
        self._unconfirmed = [course for plan in _PLANS for course in _new_courses(dice, plan)]
        self._found: dict[tuple[str, SubjectKind, int], list[Course]] = {}

    def confirmed(self, region: str, kind: SubjectKind, industry: int) -> list[Course]:
        """Return the confirmed courses of a kind for an employer's industry, of bases that may serve its region."""
        key = (region, kind, industry)
        if key not in self._found:
            wanted = industry if kind == "professional" else None
            fitting = [course for course in self._confirmed if (course.kind, course.industry) == (kind, wanted)]
            self._found[key] = [course for course in fitting if self._reaches(course, region)]
        return self._found[key]

    def unconfirmed(self, region: str, industry: int) -> list[Course]:
        """Return the courses for an employer's industry that are not confirmed, of bases that may serve its region."""
        fitting = [course for course in self._unconfirmed if course.industry in {None, industry}]
        return [course for course in fitting if self._reaches(course, region)]

    def beyond(self, region: str, industry: int) -> list[Course]:
        """Return the confirmed courses for an employer's industry of bases in other cities than its own (FJ-17)."""
        fitting = [course for course in self._confirmed if course.industry in {None, industry}]
        elsewhere = [course for course in fitting if not self._reaches(course, region)]
        return [course for course in elsewhere if city_of(self._bases[course.platform]) != city_of(region)]

    def _reaches(self, course: Course, region: str) -> bool:
        return in_area(self._bases[course.platform], region)


def _platform(plan: _Plan) -> Platform:
    scopes = [Scope("public", None, None)] if plan.public else []
    for number in plan.industries:
        scopes += [Scope("professional", number, major) for major in INDUSTRIES[number].majors]
    return Platform(plan.id, plan.name, level_of(plan.region), plan.region, plan.key_type, tuple(scopes))


def _confirmed_courses(dice: Dice, plan: _Plan) -> list[Course]:
    courses = _public_courses(dice, plan) if plan.public else []
    for number in plan.industries:
        for major, topics in INDUSTRIES[number].majors.items():
            for topic in topics:
                for edition in EDITIONS:
                    title = f"{topic}{edition}"
                    hours = dice.pick(_PROFESSIONAL_CENTIHOURS)
                    code = f"Z-2025-{len(courses) + 1:03d}"
                    courses.append(Course(plan.id, code, title, "professional", number, major, hours))
    return courses


def _public_courses(dice: Dice, plan: _Plan) -> list[Course]:
    titles = [f"{topic}{edition}" for topic in PUBLIC_TOPICS for edition in EDITIONS[:_COURSES_PER_PUBLIC_TOPIC]]
    return [
        Course(plan.id, f"G-2025-{place:03d}", title, "public", None, None, dice.pick(_PUBLIC_CENTIHOURS))
        for place, title in enumerate(titles, start=1)
    ]


def _new_courses(dice: Dice, plan: _Plan) -> list[Course]:
    courses: list[Course] = []
    for number in plan.industries:
        major = INDUSTRIES[number].new_major
        for edition in EDITIONS[:2]:
            code, hours = f"N-2025-{len(courses) + 1:03d}", dice.pick(_PROFESSIONAL_CENTIHOURS)
            courses.append(Course(plan.id, code, f"{major}{edition}", "professional", number, major, hours))
    if not plan.public:
        courses += [
            Course(plan.id, f"N-2025-{place:03d}", title, "public", None, None, dice.pick(_PUBLIC_CENTIHOURS))
            for place, title in enumerate(PUBLIC_TOPICS[:3], start=len(courses) + 1)
        ]
    return courses
