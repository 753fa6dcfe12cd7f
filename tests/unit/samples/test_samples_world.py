"""The sample world as a whole: stable, made up, balanced, and in the contract's shape."""

import hashlib
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import jsonschema
import pytest

from xueshi_samples import World, generate, load, write
from xueshi_samples.geography import level_of
from xueshi_samples.identifiers import credit_check, resident_check
from xueshi_samples.model import PersonYear

GOLDEN = "89dcc3acc8135fab7bd99394fe7c0edd6c74cace1e18bfcd716aeaa175b7ab53"
REFUSALS = {
    "CONFLICT", "EMPLOYER_CODE_INVALID", "HOURS_MISMATCH", "ID_NUMBER_INVALID", "INCOMPLETE", "IN_FUTURE", "NOT_PASSED",
    "PERSONAL_DATA", "UNKNOWN_RECORD",
}  # fmt: skip
HOLDS = {
    "EMPLOYER_UNKNOWN", "NAME_MISMATCH", "NAME_UNCONFIRMED", "OUTSIDE_NETWORK", "OUT_OF_SCOPE", "SCOPE_UNCONFIRMED",
}  # fmt: skip
KINDS = ["public", "professional", "general_public", "industry_public", "elective", "medical", "medical_remote"]
FOR_ALL = {"public", "general_public", "elective"}
AREAS = ("359900", "339900", "449900")

HOURS = {"type": "string", "pattern": r"^[0-9]+(\.[0-9]{1,2})?$"}
DAY = {"type": "string", "pattern": r"^20[0-9]{2}-[0-9]{2}-[0-9]{2}$"}
IDENTIFIER = {"type": "string", "pattern": r"^[A-Za-z0-9_-]{1,64}$"}
TEXT = {"type": "string", "minLength": 1}


def _object(required: dict[str, object], **optional: object) -> dict[str, object]:
    return {
        "type": "object",
        "properties": required | optional,
        "required": list(required),
        "additionalProperties": False,
    }


CHANGE_SCHEMA = _object({"record_id": IDENTIFIER, "reason": TEXT})
RECORD_SCHEMA = _object(
    {
        "record_id": IDENTIFIER,
        "learner": _object({"id_type": {"const": "resident_id"}, "id_number": {"pattern": "^.{18}$"}, "name": TEXT}),
        "employer": TEXT,
        "subject_kind": {"enum": KINDS},
        "learning_form": {"enum": ["online", "face_to_face", "elective"]},
        "course": _object({"id": IDENTIFIER, "title": TEXT}),
        "learned": {
            "oneOf": [
                {"type": "array", "minItems": 1, "items": _object({"on": DAY, "hours": HOURS})},
                _object({"from": DAY, "to": DAY}),
            ]
        },
        "hours": HOURS,
        "completed_at": {"type": "string", "pattern": r"T.*\+08:00$"},
    },
    assessment=_object({"passed": {"type": "boolean"}, "score": HOURS}),
    industry={"type": "integer", "minimum": 1, "maximum": 20},
    major=TEXT,
)


@pytest.fixture(scope="module")
def world() -> World:
    return generate(7, people=400)


def test_a_seed_gives_the_same_files_everywhere(tmp_path: Path) -> None:
    write(generate(7, people=60), tmp_path)
    digest = hashlib.sha256()
    for path in sorted(tmp_path.iterdir()):
        digest.update(path.name.encode() + path.read_bytes())
    assert digest.hexdigest() == GOLDEN


def test_another_seed_gives_another_world() -> None:
    assert generate(8, people=60).people != generate(7, people=60).people


def test_what_is_written_is_read_back(world: World, tmp_path: Path) -> None:
    write(world, tmp_path)
    assert load(tmp_path) == world


def test_too_few_people_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 30"):
        generate(7, people=29)


@pytest.mark.parametrize("people", [60, 400])
def test_every_mistake_occurs(people: int) -> None:
    expected = generate(11, people).expected
    assert set(expected.rejected) == REFUSALS
    assert set(expected.held) == HOLDS
    assert min(expected.voided, expected.corrected, expected.duplicate, expected.uncredited_centihours) > 0


def test_mistakes_keep_realistic_shares(world: World) -> None:
    expected = world.expected
    assert 0.02 < sum(expected.rejected.values()) / expected.submissions < 0.05
    assert 0.01 < sum(expected.held.values()) / len(world.fates) < 0.04
    assert 0.01 < expected.duplicate / expected.submissions < 0.06
    assert 0.04 < sum(expected.waiting.values()) / len(world.fates) < 0.1
    assert 0.5 < expected.proofs / len(world.people) < 0.7
    assert 0.8 < sum(person.claimed for person in world.people) / len(world.people) < 0.9
    assert 10 < expected.submissions / len(world.people) < 20


def test_the_counts_add_up(world: World) -> None:
    expected = world.expected
    assert expected.accepted + expected.duplicate + sum(expected.rejected.values()) == expected.submissions
    assert expected.accepted == len(world.fates) + expected.corrected + expected.voided
    ends = sum(expected.held.values()) + expected.stamped_automatically + sum(expected.waiting.values())
    assert ends + expected.voided == len(world.fates)
    assert expected.proofs == sum(year.verdict == "compliant" for year in world.expected.person_years)


def test_people_bear_area_codes_that_do_not_exist(world: World) -> None:
    numbers = [person.id_number for person in world.people]
    assert all(number.startswith(AREAS) and number[17] == resident_check(number[:17]) for number in numbers)
    assert len(set(numbers)) == len(numbers)
    sent = [record["learner"]["id_number"] for d in world.deliveries for record in d.records if "learner" in record]
    assert all(number.startswith(AREAS) for number in sent)


def test_employers_codes_are_valid_and_made_up(world: World) -> None:
    codes = [employer.code for employer in world.employers]
    assert all(code[8:11] == "XUE" and code[17] == credit_check(code[:17]) for code in codes)
    assert len(set(codes)) == len(codes)
    assert all("示例" in employer.name for employer in world.employers)


def test_every_employers_region_has_an_hrss_bureau_of_its_level(world: World) -> None:
    bureaus = {(bureau.region, bureau.level) for bureau in world.authorities if bureau.kind == "hrss"}
    assert {(employer.region, level_of(employer.region)) for employer in world.employers} <= bureaus


def test_hrss_stands_in_for_a_lacking_and_an_unable_industry_body(world: World) -> None:
    stand_ins = Counter(
        fate.authority for fate in world.fates if fate.authority and fate.subject_kind == "professional"
    )
    unable = [authority for authority in world.authorities if authority.unable]
    assert [authority.id for authority in unable] == ["industry-350600-05"]
    assert stand_ins["industry-350600-05"] == 0
    assert stand_ins["hrss-350600"] > 0
    assert stand_ins["hrss-350900"] > 0


def test_records_have_the_contracts_shape(world: World) -> None:
    record_shape = jsonschema.Draft202012Validator(RECORD_SCHEMA)
    void_shape = jsonschema.Draft202012Validator(CHANGE_SCHEMA)
    for delivery in world.deliveries:
        shape = void_shape if delivery.event_type == "hour_records.voided" else record_shape
        for record in delivery.records:
            shape.validate(record)


def test_only_refused_records_lack_something(world: World) -> None:
    for delivery in world.deliveries:
        for record, answer in zip(delivery.records, delivery.expected, strict=True):
            if "learner" in record:
                assert ("assessment" in record) == (answer.code != "INCOMPLETE")
                assert ("industry" in record) == (record["subject_kind"] not in FOR_ALL)
                assert ("major" in record) == (record["subject_kind"] == "professional")


def test_deliveries_are_bounded_and_in_order(world: World) -> None:
    assert all(1 <= len(delivery.records) <= 500 for delivery in world.deliveries)
    assert all(len(delivery.body()) < 1_048_576 for delivery in world.deliveries)
    assert all(before.sent_at <= after.sent_at for before, after in pairwise(world.deliveries))
    for platform in world.platforms:
        sent = [delivery.sent_at for delivery in world.deliveries if delivery.platform == platform.id]
        assert sent
        assert len(set(sent)) == len(sent)
    assert {delivery.sent_at.year for delivery in world.deliveries} == {2025}


def test_a_repeat_has_the_bytes_of_the_first(world: World) -> None:
    repeats = [delivery for delivery in world.deliveries if delivery.repeats]
    firsts = {delivery.delivery_id: delivery for delivery in world.deliveries if not delivery.repeats}
    assert repeats
    assert len(firsts) == world.expected.deliveries
    for repeat in repeats:
        first = firsts[repeat.delivery_id]
        assert (first.platform, first.body()) == (repeat.platform, repeat.body())
        assert first.sent_at < repeat.sent_at


def test_ids_show_no_id_number_and_no_name_stands_in_other_texts(world: World) -> None:
    ids = {delivery.delivery_id for delivery in world.deliveries} | {fate.record_id for fate in world.fates}
    assert not any(re.search(r"\d{15}", identifier) for identifier in ids)
    texts = [authority.name for authority in world.authorities] + [employer.name for employer in world.employers]
    texts += [officer.name for authority in world.authorities for officer in authority.officers]
    texts += [record["course"]["title"] for d in world.deliveries for record in d.records if "course" in record]
    everything = "\n".join(set(texts))
    assert not [person.name for person in world.people if person.name in everything]


def test_names_are_of_all_kinds(world: World) -> None:
    lengths = Counter(len(person.name) for person in world.people if "\u00b7" not in person.name)
    assert set(lengths) <= {2, 3, 4}
    assert lengths[3] > lengths[2] > lengths[4] > 0
    assert any("\u00b7" in person.name for person in world.people)


def test_some_people_move_and_some_have_two_employments(world: World) -> None:
    double = [person for person in world.people if len(person.employments) == 2]
    moved = [person for person in double if person.employments[0].to_on is not None]
    assert 0 < len(moved) < len(double) < len(world.people) * 0.1
    assert all(person.claimed for person in double)


def test_an_id_occurs_twice_in_one_delivery_only_as_a_repeat(world: World) -> None:
    for delivery in world.deliveries:
        seen = Counter(record["record_id"] for record in delivery.records)
        answers = zip(delivery.records, delivery.expected, strict=True)
        twice = [answer.status for record, answer in answers if seen[record["record_id"]] > 1]
        assert set(twice) <= {"accepted", "duplicate"}


ROLES = {
    ("fujian", "工程师"): ("compliant", "compliant"),
    ("fujian", "医师（实行学分制）"): ("not_evaluated", "not_evaluated"),
    ("luojiang", "二级医院医师"): ("short", "compliant"),
    ("luojiang", "二级医院医师（学分不足）"): ("short", "short"),
    ("luojiang", "小学教师"): ("not_evaluated", "not_evaluated"),
    ("luojiang", "工程师"): ("compliant", "compliant"),
    ("wenzhou", "中学教师"): ("short", "short"),
    ("wenzhou", "护师"): ("short", "compliant"),
    ("wenzhou", "工程师"): ("short", "short"),
    ("wenzhou", "软件工程师"): ("compliant", "compliant"),
    ("shaoguan", "工程师"): ("short", "short"),
    ("shaoguan", "会计（医院）"): ("short", "compliant"),
    ("shaoguan", "会计（学校）"): ("short", "short"),
    ("shaoguan", "档案管理员（学校）"): ("short", "compliant"),
    ("shaoguan", "中学教师"): ("short", "short"),
}
"""By jurisdiction and role the verdict while no officer decides, and once officers have approved what waits."""


@pytest.mark.parametrize("people", [30, 400])
def test_every_role_is_there_with_its_verdicts(people: int) -> None:
    world = generate(7, people)
    roles = {person.id: person.role for person in world.people if person.role}
    found = {
        (year.jurisdiction, roles[year.person]): (year.verdict, year.verdict_within_reach)
        for year in world.expected.person_years
        if year.person in roles
    }
    assert found == ROLES


def test_wenzhous_teacher_lacks_one_public_hour_of_ninety_in_all(world: World) -> None:
    (year,) = _years(world, "wenzhou", "中学教师")
    assert year.stamped_centihours == {"professional": 7300, "industry_public": 1700}


def test_a_class_day_is_worth_six_hours_in_wenzhou(world: World) -> None:
    (year,) = _years(world, "wenzhou", "护师")
    claimed = [fate.centihours for fate in world.fates if (fate.person, fate.state) == (year.person, "queued")]
    assert claimed == [2400]
    assert year.credited_centihours["professional"] - year.stamped_centihours["professional"] == 1800


def test_shaoguans_employers_are_awaited_for_electives_and_for_professional_hours_beside_education_and_health(
    world: World,
) -> None:
    waiting = {
        role: Counter(
            (fate.subject_kind, fate.code or str(fate.authority))
            for fate in world.fates
            if fate.person == year.person and fate.state == "queued"
        )
        for role in ("工程师", "中学教师", "会计（医院）")
        for year in _years(world, "shaoguan", role)
    }
    assert set(waiting["工程师"]) == {("professional", "AWAITS_EMPLOYER"), ("elective", "AWAITS_EMPLOYER")}
    assert set(waiting["中学教师"]) == {("professional", "industry-440200-16"), ("elective", "AWAITS_EMPLOYER")}
    assert set(waiting["会计（医院）"]) == {("professional", "industry-440203-17")}


def test_public_hours_from_another_network_are_held_in_wenzhou(world: World) -> None:
    (year,) = _years(world, "wenzhou", "工程师")
    held = [fate.code for fate in world.fates if fate.person == year.person and fate.state == "held"]
    assert held == ["OUTSIDE_NETWORK"]


def test_most_people_work_in_fujian() -> None:
    years = generate(7, 1000).expected.person_years
    places = Counter(year.jurisdiction for year in years)
    assert places["fujian"] + places["luojiang"] > 0.85 * len(years)
    assert min(places["wenzhou"], places["shaoguan"]) >= 30


def _years(world: World, jurisdiction: str, role: str) -> list[PersonYear]:
    people = {person.id for person in world.people if person.role == role}
    return [year for year in world.expected.person_years if year.jurisdiction == jurisdiction and year.person in people]
