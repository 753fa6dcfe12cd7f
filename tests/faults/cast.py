"""Who learns, and what: people of the sample world and made-up ones beside them, and random records of theirs."""

import hmac
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from tests.faults.story import Person, Version
from xueshi_samples import World
from xueshi_samples.identifiers import credit_code, resident_id
from xueshi_samples.model import Platform
from xueshi_samples.rules import jurisdiction_of

YEAR = 2025
PROVINCE = "350000"
FORMS = ("online", "online", "online", "face_to_face")
OTHER_NAME = "另一名"
LATE_EMPLOYERS = 6
STRANGERS = 120
DISPUTED = 4
_BORN = date(1999, 1, 1)
_FIRST_LATE = 90_000
_BUSY_DAYS = 30
_QUIET_DAYS = 300


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that a platform is confirmed for."""

    platform: str
    kind: str
    industry: int | None
    major: str | None


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody in the load. `late` people's employers are entered while it runs; `disputed` ones get two names.

    `alone` counts the days of people whose records have days of their own, over all who write.
    """

    people: Sequence[Person]
    late: Sequence[Person]
    disputed: Sequence[Person]
    subjects: Sequence[Subject]
    alone: dict[UUID, int] = field(default_factory=dict)

    def everybody(self) -> dict[UUID, Person]:
        """Return all people by key."""
        return {each.key: each for each in [*self.people, *self.late, *self.disputed]}


def person_key(index_key: bytes, number: str) -> UUID:
    """Return how the site knows a resident: the first 16 bytes of the keyed hash of type and number."""
    return UUID(bytes=hmac.digest(index_key, b"resident_id\0" + number.encode(), sha256)[:16])


def employer_code(number: int) -> str:
    """Return the code of an employer that the sample world does not have."""
    return credit_code("91", "350504", _FIRST_LATE + number)


def gather_cast(world: World, index_key: bytes) -> Cast:
    """Return the people and subjects of a load on this world, all under Fujian's rules, which its comparison knows."""
    here = {each.code for each in world.employers if each.registered and jurisdiction_of(each.region) == "fujian"}
    known = [
        Person(
            person_key(index_key, each.id_number),
            each.id_number,
            each.name,
            each.employments[0].employer,
            claimed=True,
            busy=True,
        )
        for each in world.people
        if each.claimed and len(each.employments) == 1 and each.employments[0].covers(date(YEAR, 1, 1))
        if each.employments[0].employer in here and not each.employments[0].occupation
    ]
    employers = sorted(here)

    def stranger(number: int, employer: str, *, busy: bool) -> Person:
        document = resident_id(_BORN + timedelta(days=number // 900), 1 + number % 900)
        return Person(person_key(index_key, document), document, "陈晓", employer, claimed=False, busy=busy)

    strangers = [
        stranger(number, employers[number % len(employers)], busy=number % 2 == 0) for number in range(STRANGERS)
    ]
    late = [stranger(1000 + number, employer_code(number % LATE_EMPLOYERS), busy=False) for number in range(12)]
    disputed = [stranger(2000 + number, employers[0], busy=False) for number in range(DISPUTED)]
    return Cast(known + strangers, late, disputed, _subjects(world.platforms))


def _subjects(platforms: Sequence[Platform]) -> list[Subject]:
    return [
        Subject(platform.id, scope.subject_kind, scope.industry, scope.major)
        for platform in platforms
        if platform.base_region == PROVINCE
        for scope in platform.scopes
    ]


class Author:
    """Writes records. Each record has days of its own where `alone` is asked for: nothing competes with it then."""

    def __init__(self, cast: Cast, chance: random.Random) -> None:
        self.cast = cast
        self._chance = chance

    def subject(self, platform: str | None = None) -> Subject:
        """Choose a subject, public ones as often as others; of a platform where one is given."""
        fitting = [each for each in self.cast.subjects if platform in {None, each.platform}]
        public = [each for each in fitting if each.kind == "public"]
        return self._chance.choice(public if public and self._chance.random() < 0.4 else fitting)

    def write(
        self,
        subject: Subject,
        record_id: str,
        number: int,
        person: Person,
        name: str | None = None,
        *,
        alone: bool = False,
    ) -> tuple[Version, Mapping[str, Any]]:
        """Return a version of a record with random content, and the same as JSON."""
        days, as_range = (self._own_day(person), False) if alone else self._days(person)
        form = self._chance.choice(FORMS)
        version = Version(
            subject.platform, record_id, number, person.key, name or person.name, subject.kind, form, days
        )
        return version, _as_json(version, subject, person, as_range=as_range)

    def _days(self, person: Person) -> tuple[tuple[tuple[date, int], ...], bool]:
        first = date(YEAR, 1, 10) + timedelta(days=self._chance.randrange(_BUSY_DAYS if person.busy else _QUIET_DAYS))
        count = self._chance.randrange(1, 4)
        if self._chance.random() < 0.15:
            last = self._chance.randrange(100, 801, 50)
            hours = [800] * (count - 1) + [last]
            return tuple((first + timedelta(days=n), each) for n, each in enumerate(hours)), True
        return tuple((first + timedelta(days=2 * n), self._chance.randrange(50, 851, 50)) for n in range(count)), False

    def _own_day(self, person: Person) -> tuple[tuple[date, int], ...]:
        number = self.cast.alone[person.key] = self.cast.alone.get(person.key, -1) + 1
        return ((date(YEAR, 1, 10) + timedelta(days=number % _QUIET_DAYS), 200),)


def decimal(centihours: int) -> str:
    """Write hundredths as a decimal string."""
    return f"{centihours / 100:.2f}"


def _as_json(version: Version, subject: Subject, person: Person, *, as_range: bool) -> Mapping[str, Any]:
    last_on = version.days[-1][0]
    record: dict[str, Any] = {
        "record_id": version.record_id,
        "learner": {"id_type": "resident_id", "id_number": person.number, "name": version.name},
        "employer": person.employer,
        "subject_kind": subject.kind,
        "learning_form": version.form,
        "course": {"id": "C-FAULTS", "title": "故障演练课程"},
        "learned": [{"on": day.isoformat(), "hours": decimal(hours)} for day, hours in version.days],
        "hours": decimal(sum(hours for _, hours in version.days)),
        "assessment": {"passed": True, "score": "88"},
        "completed_at": f"{last_on.isoformat()}T21:40:00+08:00",
    }
    if subject.industry is not None:
        record |= {"industry": subject.industry, "major": subject.major}
    if as_range:
        record["learned"] = {"from": version.days[0][0].isoformat(), "to": last_on.isoformat()}
    return record
