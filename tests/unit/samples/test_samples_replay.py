"""The intended outcomes against a plain reading of the contract and the notices, in several orders of arrival.

The replay knows the world's facts and the deliveries' content, never what the generator meant by them.
"""

import json
import random
import unicodedata
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from xueshi_samples import World, generate
from xueshi_samples.identifiers import credit_check, resident_check
from xueshi_samples.model import Delivery, Employment, Person

Record = dict[str, Any]
Key = tuple[str, str]


class Replay:
    """A registry in a few lines: records by platform and id in order of arrival, people by ID number."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.live: dict[Key, Record] = {}
        self.versions: dict[Key, int] = {}
        self.voided: set[Key] = set()
        self.names: dict[str, set[str]] = defaultdict(set)
        self.keys: dict[str, list[Key]] = defaultdict(list)
        self.people = {person.id_number: person for person in world.people}
        self.employers = {employer.code: employer for employer in world.employers if employer.registered}
        self.platforms = {platform.id: platform for platform in world.platforms}
        self.authorities = {(authority.region, authority.industry): authority for authority in world.authorities}
        self.ever_compliant: set[str] = set()

    def deliver(self, delivery: Delivery) -> None:
        """Take one delivery; each answer must be the intended one."""
        for record, answer in zip(delivery.records, delivery.expected, strict=True):
            said = self._take((delivery.platform, record["record_id"]), delivery.event_type, record)
            assert said == (answer.status, answer.code), record
        touched = {_number(record) for record in delivery.records if "learner" in record}
        self.ever_compliant |= {
            number for number in touched if number in self.people and self.verdict(number) == "compliant"
        }

    def _take(self, key: Key, event_type: str, record: Record) -> tuple[str, str | None]:
        standing = key in self.live and key not in self.voided
        if event_type == "hour_records.voided":
            if not standing:
                return "rejected", "UNKNOWN_RECORD"
            self.voided.add(key)
            return "accepted", None
        code = _fault(record)
        if code is None and event_type == "hour_records.corrected" and not standing:
            code = "UNKNOWN_RECORD"
        if code is None and event_type == "hour_records.completed" and key in self.live:
            if _content(self.live[key]) == _content(record):
                return "duplicate", None
            code = "CONFLICT"
        if code:
            return "rejected", code
        if key not in self.live:
            self.keys[_number(record)].append(key)
        self.live[key] = record
        self.versions[key] = self.versions.get(key, 0) + 1
        self.names[_number(record)].add(_plain(record["learner"]["name"]))
        return "accepted", None

    def fate(self, key: Key) -> tuple[str, str | None, str | None]:
        """Return a record's state with the code of its hold and the authority that it waits for."""
        record = self.live[key]
        if key in self.voided:
            return "voided", None, None
        code, employment = self._judge(key, record)
        if code or employment is None:
            return "held", code, None
        kind, is_online, region = record["subject_kind"], record["learning_form"] == "online", employment.region
        if region[:4] == "4402":
            if kind == "public" and is_online:
                return "stamped", None, None
            if kind == "professional" and employment.industry in {16, 17}:
                return "queued", None, self.authorities[region, employment.industry].id
            return "queued", "AWAITS_EMPLOYER", None
        if is_online and not kind.startswith("medical"):
            return "stamped", None, None
        if region[:4] == "3303":
            return "queued", None, self.authorities["330300", employment.industry].id
        return "queued", None, self._stamping(record, employment)

    def _judge(self, key: Key, record: Record) -> tuple[str | None, Employment | None]:
        person = self.people[_number(record)]
        if person.claimed and _plain(person.name) != _plain(record["learner"]["name"]):
            return "NAME_MISMATCH", None
        if not person.claimed and len(self.names[person.id_number]) > 1:
            return "NAME_UNCONFIRMED", None
        employment = self._employment(person, record)
        if employment is None:
            return "EMPLOYER_UNKNOWN", None
        platform = self.platforms[key[0]]
        kind, industry, major = record["subject_kind"], record.get("industry"), record.get("major")
        if not any(
            known.subject_kind == kind and known.industry in {None, industry} and known.major in {None, major}
            for known in platform.scopes
        ):
            return "SCOPE_UNCONFIRMED", None
        if employment.region[:2] == "35" and not _serves(platform.base_region, employment.region):
            return "OUT_OF_SCOPE", None
        network = {"3303": "3303", "4402": "44"}.get(employment.region[:4], "")
        if kind.endswith("public") and not platform.base_region.startswith(network):
            return "OUTSIDE_NETWORK", None
        return None, employment

    def _employment(self, person: Person, record: Record) -> Employment | None:
        if not person.claimed:
            known = self.employers.get(record["employer"])
            if known is None:
                return None
            return Employment(known.code, known.region, known.industry, date(2025, 1, 1), None, main=True)
        last_on = _parts(record)[-1][0]
        there = [employment for employment in person.employments if employment.covers(last_on)]
        named = [employment for employment in there if employment.employer == record["employer"]]
        return (named or [employment for employment in there if employment.main])[0]

    def _stamping(self, record: Record, employment: Employment) -> str:
        assert record.get("industry") in {None, employment.industry}
        body = self.authorities.get((employment.region, record.get("industry")))
        return (body if body and not body.unable else self.authorities[employment.region, None]).id

    def totals(self, number: str) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
        """Return the centihours by kind: credited, stamped, and stamped if officers approved all that is theirs.

        In Fujian each record takes what is left of a day's 8 hours; in Wenzhou a class gives 6 a day.
        """
        place = self.people[number].employments[0].region
        left: dict[date, int] = defaultdict(lambda: 800 if place[:2] == "35" else 10**6)
        credited, stamped, approved = Counter[str](), Counter[str](), Counter[str]()
        for key in self.keys[number]:
            state, code, _ = self.fate(key)
            record = self.live[key]
            kind = record["subject_kind"]
            is_class = place[:2] == "33" and kind == "professional" and record["learning_form"] == "face_to_face"
            for day, claimed in _parts(record) if state in {"stamped", "queued"} else ():
                given = min(600 if is_class else claimed, left[day])
                left[day] -= given
                credited[kind] += given
                stamped[kind] += given if state == "stamped" else 0
                approved[kind] += 0 if code else given
        return +credited, +stamped, +approved

    def verdict(self, number: str, *, approved: bool = False) -> str:
        """Return what the notices make of the stamped hours, or of those stamped once officers have approved all."""
        hours = Counter(self.totals(number)[2 if approved else 1])
        person = self.people[number]
        job = next(each for each in person.employments if each.main and each.covers(date(2025, 12, 31)))
        either = hours["general_public"] + hours["industry_public"]
        thirty_and_sixty = hours["public"] >= 3000 and hours["professional"] >= 6000
        if job.region[:2] == "33":
            met = hours["professional"] >= 6000 and either >= 1800 and hours["professional"] + either >= 9000
        elif job.region[:2] == "44" and job.occupation not in {"accounting", "archives"}:
            met = hours["public"] >= 3000 and hours["professional"] >= 4200 and hours["elective"] >= 1800
        elif job.region == "350504" and job.institution_level == "secondary":
            met = hours["medical"] + min(hours["medical_remote"], 1200) >= 2500
        elif job.region[:2] == "35" and job.occupation:
            return "not_evaluated"
        else:
            met = thirty_and_sixty
        return "compliant" if met else "short"


def _fault(record: Record) -> str | None:
    number, employer = _number(record), record["employer"]
    if "assessment" not in record:
        return "INCOMPLETE"
    faults = {
        "ID_NUMBER_INVALID": resident_check(number[:17]) != number[17],
        "EMPLOYER_CODE_INVALID": len(employer) != 18 or "O" in employer or credit_check(employer[:17]) != employer[17],
        "PERSONAL_DATA": number in record["course"]["title"],
        "HOURS_MISMATCH": sum(hours for _, hours in _parts(record)) != _centihours(record["hours"]),
        "IN_FUTURE": record["completed_at"] > "2026",
        "NOT_PASSED": not record["assessment"]["passed"],
    }
    found = [code for code, is_so in faults.items() if is_so]
    assert len(found) <= 1, found
    return found[0] if found else None


def _parts(record: Record) -> list[tuple[date, int]]:
    learned = record["learned"]
    if isinstance(learned, list):
        return [(date.fromisoformat(part["on"]), _centihours(part["hours"])) for part in learned]
    day, left, parts = date.fromisoformat(learned["from"]), _centihours(record["hours"]), []
    while day <= date.fromisoformat(learned["to"]):
        parts.append((day, min(left, 800)))
        left -= parts[-1][1]
        day += timedelta(days=1)
    return parts


def _number(record: Record) -> str:
    return str(record["learner"]["id_number"]).upper()


def _centihours(hours: str) -> int:
    return int(Decimal(hours) * 100)


def _content(record: Record) -> str:
    return json.dumps(record | {"hours": _centihours(record["hours"])}, sort_keys=True)


@cache
def _plain(name: str) -> str:
    dots = str.maketrans(dict.fromkeys("\u00b7\u2022\uff0e.", "."))
    return "".join(unicodedata.normalize("NFKC", name.translate(dots)).split())


def _serves(base: str, region: str) -> bool:
    if base == "350000":
        return True
    if base.endswith("00"):
        return region[:4] == base[:4] and region != "350128"
    return region == base


def _interleaved(world: World, chance: random.Random) -> list[Delivery]:
    """Return the deliveries with each platform's in order and the platforms mixed."""
    queues = [[d for d in world.deliveries if d.platform == p.id and not d.repeats] for p in world.platforms]
    mixed = []
    while queues := [queue for queue in queues if queue]:
        mixed.append(chance.choice(queues).pop(0))
    return mixed


@pytest.mark.parametrize("order", [None, 1, 2])
@pytest.mark.parametrize(("seed", "people"), [(7, 400), (21, 60), (5, 30)])
def test_a_plain_reading_of_the_contract_gives_the_intended_outcomes(seed: int, people: int, order: int | None) -> None:
    world = generate(seed, people)
    sent = [delivery for delivery in world.deliveries if not delivery.repeats]
    replay = Replay(world)
    for delivery in sent if order is None else _interleaved(world, random.Random(order)):
        replay.deliver(delivery)
    assert len(replay.live) == len(world.fates)
    for fate in world.fates:
        key = (fate.platform, fate.record_id)
        assert replay.fate(key) == (fate.state, fate.code, fate.authority), fate
        assert replay.versions[key] == fate.version
    by_id = {person.id: person.id_number for person in world.people}
    for year in world.expected.person_years:
        number = by_id[year.person]
        expected = (year.credited_centihours, year.stamped_centihours, year.within_reach_centihours)
        assert replay.totals(number) == expected
        verdicts = (replay.verdict(number), replay.verdict(number, approved=True))
        assert verdicts == (year.verdict, year.verdict_within_reach)
        is_compliant = year.verdict == "compliant"
        assert is_compliant or number not in replay.ever_compliant, "a proof that would have to be revoked"
