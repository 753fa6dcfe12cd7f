"""A year of learning: what each person takes, when, and from whom, before any mistake is made."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone

from xueshi_samples.authorities import Authorities
from xueshi_samples.diary import Diary
from xueshi_samples.dice import Dice
from xueshi_samples.draft import Draft
from xueshi_samples.model import Employment, LearningForm, SubjectKind
from xueshi_samples.names import respelt
from xueshi_samples.people import Learner
from xueshi_samples.platforms import Catalogue, Course
from xueshi_samples.rules import DAY_CAP_CENTIHOURS, Part

CHINA = timezone(timedelta(hours=8))
YEAR = 2025
LAST_DAY = date(YEAR, 12, 31)
"""The day whose main employment says who judges the year."""

LAST_LEARNING_ON = date(YEAR, 12, 20)
_FIRST_START_ON = date(YEAR, 1, 4)
_START_DAYS = (LAST_LEARNING_ON - _FIRST_START_ON).days - 10
_DILIGENT_SHARE = 0.66
_TRIES = 12


@dataclass(slots=True)
class Workshop:
    """What the making of a world shares: the people, the courses, the days taken, the records so far."""

    dice: Dice
    learners: list[Learner]
    catalogue: Catalogue
    authorities: Authorities
    known_employers: list[str]
    diary: Diary = field(default_factory=Diary)
    drafts: list[Draft] = field(default_factory=list)
    taken: dict[str, set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))

    def add(self, draft: Draft) -> Draft:
        """Take a record into the world."""
        self.diary.enter(draft)
        self.drafts.append(draft)
        self.taken[draft.learner.person.id].add((draft.course.platform, draft.course.id))
        return draft


def plan_year(shop: Workshop) -> None:
    """Let everyone learn: about two in three aim at the year's 30 + 60 hours, the others stop short."""
    for learner in shop.learners:
        targets = _targets(shop.dice, learner)
        for kind, target in targets.items():
            earned = 0
            while earned < target:
                draft = learn(shop, learner, kind, "online")
                if draft is None:
                    break
                earned += draft.centihours
        if learner.story in {"plain", "moved", "double"}:
            _attend_classes(shop, learner)


def learn(shop: Workshop, learner: Learner, kind: SubjectKind, form: LearningForm) -> Draft | None:
    """Let a person take one more course of a kind; None where no course or no free days are found."""
    for _ in range(_TRIES):
        start = random_day(shop.dice)
        employment = employment_on(shop.dice, learner, start)
        courses = shop.catalogue.confirmed(employment.region, kind, employment.industry)
        taken = shop.taken[learner.person.id]
        fresh = [course for course in courses if (course.platform, course.id) not in taken]
        if not fresh:
            return None
        course = shop.dice.pick(fresh)
        draft = take(shop, learner, course, employment, start, form=form)
        if draft is not None:
            return draft
    return None


def take(
    shop: Workshop,
    learner: Learner,
    course: Course,
    employment: Employment,
    start: date,
    *,
    form: LearningForm = "online",
) -> Draft | None:
    """Enter one course into a person's diary from about a day on; None where the days do not fit."""
    as_range = shop.dice.chance(0.6 if form == "face_to_face" else 0.08)
    lay = _lay_range if as_range else _lay_days
    parts = lay(shop, learner.person.id, course.centihours, start)
    if not parts or parts[-1][0] > LAST_LEARNING_ON or not _settled(learner, employment, parts[-1][0]):
        return None
    return shop.add(compose(shop, learner, course, employment, parts, form=form, as_range=as_range))


def compose(
    shop: Workshop,
    learner: Learner,
    course: Course,
    employment: Employment,
    parts: list[Part],
    *,
    form: LearningForm = "online",
    as_range: bool = False,
) -> Draft:
    """Return a record without fault, as its platform would write it."""
    dice, person = shop.dice, learner.person
    ended = datetime.combine(parts[-1][0], time(dice.between(12, 22), dice.below(60), dice.below(60)), CHINA)
    number = person.id_number.lower() if dice.chance(0.1) else person.id_number
    name = respelt(dice, person.name) if dice.chance(0.03) else person.name
    return Draft(
        learner=learner,
        course=course,
        form=form,
        employment=employment,
        employer_named=_employer_named(shop, learner, employment),
        parts=parts,
        as_range=as_range,
        range_to=parts[-1][0],
        completed_at=ended,
        score=dice.between(60, 100),
        name_sent=name,
        number_sent=number,
        hold="EMPLOYER_UNKNOWN" if learner.story == "unknown_employer" else None,
    )


def random_day(dice: Dice) -> date:
    """Return a day of the year, later ones likelier."""
    return _FIRST_START_ON + timedelta(days=int(dice.rising() * _START_DAYS))


def employment_on(dice: Dice, learner: Learner, day: date) -> Employment:
    """Return the employment that a person learns for on a day: of two, now and then the lesser one."""
    there = learner.employments_on(day)
    return there[1] if len(there) > 1 and dice.chance(0.3) else there[0]


def _targets(dice: Dice, learner: Learner) -> dict[SubjectKind, int]:
    if learner.story in {"two_names", "unknown_employer"}:
        return {"public": dice.between(300, 900), "professional": dice.between(300, 1200)}
    public = dice.between(3000, 3500)
    professional = dice.between(6000, 7000)
    if dice.chance(_DILIGENT_SHARE):
        return {"public": public, "professional": professional}
    short = dice.below(3)
    if short != 0:
        public = dice.between(200, 1900)
    if short != 1:
        professional = dice.between(300, 4300)
    return {"public": public, "professional": professional}


def _attend_classes(shop: Workshop, learner: Learner) -> None:
    for share in (0.5, 0.25):
        if shop.dice.chance(share):
            learn(shop, learner, "professional" if shop.dice.chance(0.75) else "public", "face_to_face")


def _lay_days(shop: Workshop, person: str, centihours: int, start: date) -> list[Part]:
    """Spread hours over evenings, on days with nothing else or, now and then, with room left under the cap."""
    parts: list[Part] = []
    day = start
    while centihours:
        piece = min(centihours, 50 * shop.dice.between(2, 10))
        beside = shop.dice.chance(0.1) and shop.diary.room(person, day) >= piece
        if beside or shop.diary.free(person, day):
            parts.append((day, piece))
            centihours -= piece
        day += timedelta(days=shop.dice.between(1, 3))
    return parts


def _lay_range(shop: Workshop, person: str, centihours: int, start: date) -> list[Part]:
    """Fill days in a row up to the cap each, as a range is read; empty where one of them is taken."""
    parts: list[Part] = []
    while centihours:
        day = start + timedelta(days=len(parts))
        if not shop.diary.free(person, day):
            return []
        parts.append((day, min(centihours, DAY_CAP_CENTIHOURS)))
        centihours -= parts[-1][1]
    return parts


def _settled(learner: Learner, employment: Employment, last_on: date) -> bool:
    """Tell whether the route is beyond doubt: the employment covers the last day, which is not the day of a move."""
    return employment.covers(last_on) and employment.to_on != last_on and employment in learner.employments_on(last_on)


def _employer_named(shop: Workshop, learner: Learner, employment: Employment) -> str:
    """Return the employer that the platform knows.

    A registered person's single employment decides whatever is named, so a platform may name an old one. Of two
    employments the named one decides; where neither is named, the main one does.
    """
    stale = shop.dice.chance(0.03)
    person = learner.person
    if not person.claimed or not stale or (learner.story == "double" and not employment.main):
        return employment.employer
    if learner.story == "moved":
        return person.employments[0].employer
    own = {known.employer for known in person.employments}
    named = shop.dice.pick(shop.known_employers)
    return employment.employer if named in own else named
