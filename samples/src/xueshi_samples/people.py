"""People with made-up names, sample ID numbers and dated employments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from xueshi_samples.dice import Dice
from xueshi_samples.employers import registered
from xueshi_samples.geography import city_of
from xueshi_samples.identifiers import SAMPLE_AREA, resident_id
from xueshi_samples.model import Employer, Employment, Person
from xueshi_samples.names import other_name, person_name

_FIRST_BIRTH = date(1966, 1, 1)
_BIRTH_DAYS = 32 * 365
CLAIMED_SHARE = 0.85
_MOVED_SHARE = 0.02
_DOUBLE_SHARE = 0.02
_TWO_NAMES_SHARE = 0.05
_UNKNOWN_EMPLOYER_SHARE = 0.06

Story = Literal["plain", "moved", "double", "two_names", "unknown_employer", "elsewhere"]


@dataclass(frozen=True, slots=True)
class Learner:
    """A person with what is special about them; `second_name` is the other name that records bear (story two_names)."""

    person: Person
    story: Story
    second_name: str | None = None

    def employments_on(self, day: date) -> list[Employment]:
        """Return the employments that cover a day, the main one first."""
        return [employment for employment in self.person.employments if employment.covers(day)]


def build_learners(dice: Dice, employers: Sequence[Employer], count: int) -> list[Learner]:
    """Return `count` learners; the first of them cover each story and as many employers as there are."""
    known = registered(employers)
    unknown = [employer for employer in employers if not employer.registered]
    taken: set[str] = set()
    learners = []
    for place in range(count):
        story = _story(dice, place)
        home = known[place] if place < len(known) else dice.pick(known)
        if story == "unknown_employer":
            home = dice.pick(unknown)
        claimed = story in {"moved", "double"} or (story == "plain" and dice.chance(CLAIMED_SHARE + 0.02))
        name = person_name(dice)
        person = Person(
            id=f"p{place + 1:05d}",
            id_type="resident_id",
            id_number=fresh_number(dice, taken),
            name=name,
            claimed=claimed,
            employments=_employments(dice, story, home, known),
        )
        learners.append(Learner(person, story, other_name(dice, name) if story == "two_names" else None))
    return learners


def _story(dice: Dice, place: int) -> Story:
    fixed: dict[int, Story] = {8: "moved", 9: "double", 10: "two_names", 11: "unknown_employer"}
    if place in fixed:
        return fixed[place]
    unclaimed = 1 - CLAIMED_SHARE
    if dice.chance(_MOVED_SHARE):
        return "moved"
    if dice.chance(_DOUBLE_SHARE):
        return "double"
    if dice.chance(_TWO_NAMES_SHARE * unclaimed):
        return "two_names"
    return "unknown_employer" if dice.chance(_UNKNOWN_EMPLOYER_SHARE * unclaimed) else "plain"


def fresh_number(dice: Dice, taken: set[str], area: str = SAMPLE_AREA) -> str:
    """Return an ID number of a sample area that nobody has yet, and take it."""
    while True:
        number = resident_id(_FIRST_BIRTH + timedelta(days=dice.below(_BIRTH_DAYS)), dice.between(1, 999), area)
        if number not in taken:
            taken.add(number)
            return number


def _employments(dice: Dice, story: Story, home: Employer, known: Sequence[Employer]) -> tuple[Employment, ...]:
    since = date(2020, 7, 1) + timedelta(days=dice.below(1500))
    if story == "moved":
        left_on = date(2025, 3, 31) + timedelta(days=dice.below(180))
        new = _colleague_employer(dice, home, known)
        first = _employment(home, since, left_on, main=True)
        return (first, _employment(new, left_on + timedelta(days=1), None, main=True))
    if story == "double":
        side = _colleague_employer(dice, home, known)
        return (_employment(home, since, None, main=True), _employment(side, date(2024, 9, 1), None, main=False))
    return (_employment(home, since, None, main=True),)


def _employment(employer: Employer, from_on: date, to_on: date | None, *, main: bool) -> Employment:
    return Employment(employer.code, employer.region, employer.industry, from_on, to_on, main)


def _colleague_employer(dice: Dice, home: Employer, known: Sequence[Employer]) -> Employer:
    """Return another employer, in another city if one can be had: there the move changes who stamps."""
    elsewhere = [employer for employer in known if city_of(employer.region) != city_of(home.region)]
    return dice.pick(elsewhere)
