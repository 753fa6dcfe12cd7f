"""People whom other rules judge than most of Fujian's: their employers, their platforms, what they learn.

No mistake befalls their records, so that each verdict is the one that the role is there to show.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from xueshi_samples.dice import Dice
from xueshi_samples.employers import employer_at
from xueshi_samples.geography import SHAOGUAN, WENZHOU
from xueshi_samples.identifiers import SAMPLE_AREAS
from xueshi_samples.industries import EDITIONS, ELECTIVE_TOPICS, INDUSTRIES, NATIONAL_TOPICS
from xueshi_samples.learning import YEAR, Workshop, compose
from xueshi_samples.model import Employer, Employment, Jurisdiction, Person, Platform, Scope, SubjectKind
from xueshi_samples.names import person_name
from xueshi_samples.people import CLAIMED_SHARE, Learner, fresh_number
from xueshi_samples.platforms import Course
from xueshi_samples.roles import OUTSIDE_NETWORK, PLACES, ROLES, Learned, Role, somebody
from xueshi_samples.rules import CREDITS, Part, jurisdiction_of

_SHARE = 0.1
_FIRST_EMPLOYER = 201
_LONGEST_COURSE = 10
_CLASS_DAY_HOURS = 8
_LARGEST_CREDITS = 5
_OPEN_TO_ALL: tuple[SubjectKind, ...] = ("public", "general_public", "elective")
_USUAL: dict[tuple[Jurisdiction, SubjectKind], str] = {
    ("fujian", "public"): "minxue-gongxu",
    ("luojiang", "public"): "minxue-gongxu",
    ("luojiang", "medical"): "citong-yixue",
    ("luojiang", "medical_remote"): "citong-yixue",
    ("wenzhou", "general_public"): "ouyue-zaixian",
    ("wenzhou", "industry_public"): "ouyue-zaixian",
    ("wenzhou", "professional"): "ouyue-zaixian",
    ("shaoguan", "public"): "lingnan-gongxu",
    ("shaoguan", "professional"): "danxia-xuetang",
    ("shaoguan", "elective"): "danxia-xuetang",
}
_FUJIAN_PROFESSIONAL = {5: "minxue-jianzhu", 16: "minxue-jiaoshi", 17: "minxue-weijian"}


def _scopes(*kinds: SubjectKind, industries: Sequence[int | None] = (None,)) -> tuple[Scope, ...]:
    return tuple(Scope(kind, industry, None) for kind in kinds for industry in industries)


PLATFORMS = (
    Platform("citong-yixue", "刺桐医学继教网", "city", "350500", "hmac", _scopes(*CREDITS, industries=[17])),
    Platform(
        "ouyue-zaixian", "瓯越在线学堂", "city", WENZHOU, "ed25519",
        (*_scopes("general_public"), *_scopes("industry_public", "professional", industries=[5, 7, 16, 17])),
    ),
    Platform(OUTSIDE_NETWORK, "之江公需课堂", "province", "330000", "hmac", _scopes("general_public")),
    Platform("lingnan-gongxu", "岭南公需课堂", "province", "440000", "ed25519", _scopes("public")),
    Platform(
        "danxia-xuetang", "丹霞继教学堂", "city", SHAOGUAN, "hmac",
        (*_scopes("professional", industries=[3, 5, 16, 17]), *_scopes("elective")),
    ),
)  # fmt: skip


def build_their_employers(dice: Dice) -> tuple[Employer, ...]:
    """Return an employer for each of their places."""
    return tuple(
        employer_at(dice, region, industry, number) for number, (region, industry) in enumerate(PLACES, _FIRST_EMPLOYER)
    )


def how_many(people: int) -> int:
    """Return how many of the people are theirs: every role once, else a tenth."""
    return max(len(ROLES), round(_SHARE * people))


def add_people(shop: Workshop, dice: Dice, employers: Sequence[Employer], count: int) -> None:
    """Add `count` people with all that they learn: every role once, behind them many of whom nothing is special."""
    homes = {(employer.region, employer.industry): employer for employer in employers}
    taken = {learner.person.id_number for learner in shop.learners}
    for place in range(count):
        role = ROLES[place] if place < len(ROLES) else somebody(dice)
        person = _person(dice, role, homes[role.region, role.industry], taken, len(shop.learners) + 1)
        learner = Learner(person, "elsewhere")
        shop.learners.append(learner)
        _learn(shop, dice, learner, role)


def _person(dice: Dice, role: Role, home: Employer, taken: set[str], number: int) -> Person:
    area = next(area for area in SAMPLE_AREAS if area[:2] == role.region[:2])
    since = date(2019, 7, 1) + timedelta(days=dice.below(1500))
    employment = Employment(
        home.code, home.region, home.industry, since, None, main=True,
        occupation=role.occupation, institution_level=role.institution_level, cycle_from=role.cycle_from,
    )  # fmt: skip
    return Person(
        id=f"p{number:05d}",
        id_type="resident_id",
        id_number=fresh_number(dice, taken, area),
        name=person_name(dice),
        claimed=bool(role.title) or dice.chance(CLAIMED_SHARE),
        employments=(employment,),
        role=role.title,
    )


def _learn(shop: Workshop, dice: Dice, learner: Learner, role: Role) -> None:
    """Take one course after the other, so that no day has two."""
    (employment,) = learner.person.employments
    day = date(YEAR, 1, 6)
    for learned in role.learned:
        for number, hours in enumerate(_pieces(learned)):
            course = _course(role, learned, number, hours)
            parts = _parts(dice, day, hours, _CLASS_DAY_HOURS if learned.form == "face_to_face" else dice.between(4, 8))
            draft = compose(shop, learner, course, employment, parts, form=learned.form)
            draft.mark = "elsewhere"
            if course.platform == OUTSIDE_NETWORK:
                draft.hold = "OUTSIDE_NETWORK"
            shop.add(draft)
            day = parts[-1][0] + timedelta(days=dice.between(1, 9))


def _pieces(learned: Learned) -> list[int]:
    """Return the hours of each course: a class is one, the rest is cut into courses."""
    if learned.kind in CREDITS:
        longest = _LARGEST_CREDITS
    else:
        longest = learned.hours if learned.form == "face_to_face" else _LONGEST_COURSE
    whole, rest = divmod(learned.hours, longest)
    return [longest] * whole + [rest] * bool(rest)


def _parts(dice: Dice, first: date, hours: int, daily: int) -> list[Part]:
    parts: list[Part] = []
    day = first
    while hours:
        piece = min(hours, daily)
        parts.append((day, piece * 100))
        hours -= piece
        day += timedelta(days=1 if daily == _CLASS_DAY_HOURS else dice.between(1, 2))
    return parts


def _course(role: Role, learned: Learned, number: int, hours: int) -> Course:
    kind, industry = learned.kind, None if learned.kind in _OPEN_TO_ALL else role.industry
    usual = _USUAL.get((jurisdiction_of(role.region), kind)) or _FUJIAN_PROFESSIONAL[role.industry]
    major, topics = None, ELECTIVE_TOPICS if kind == "elective" else NATIONAL_TOPICS
    if industry is not None:
        major, topics = next(iter(INDUSTRIES[industry].majors.items()))
    title = f"{topics[number % len(topics)]}{EDITIONS[number // len(topics) % len(EDITIONS)]}"
    code = f"{kind[0].upper()}-{YEAR}-{role.industry:02d}{number:02d}{hours:02d}"
    return Course(
        learned.platform or usual, code, title, kind, industry, major if kind == "professional" else None, hours * 100
    )
