"""The table at the end of `xueshi run`, and whom it shows."""

from collections import Counter
from dataclasses import replace

import pytest
from rich.console import Console

from xueshi_cli.demo.decide import Plan, plan_of
from xueshi_cli.demo.people import chosen, lines_of
from xueshi_cli.demo.push import Tally
from xueshi_cli.demo.report import lines_of as table_of
from xueshi_cli.demo.report import show
from xueshi_cli.demo.watch import Stand
from xueshi_samples import World, generate


@pytest.fixture(scope="module")
def world() -> World:
    return generate(7, people=60)


@pytest.fixture(scope="module")
def plan(world: World) -> Plan:
    return plan_of(world)


@pytest.fixture
def tally(world: World) -> Tally:
    expected = world.expected
    return Tally(expected.accepted, expected.duplicate, Counter(expected.rejected))


@pytest.fixture
def stand(world: World, plan: Plan) -> Stand:
    """Return where everything stands when all has gone right."""
    expected = world.expected
    waiting = Counter(expected.waiting)
    waiting.subtract(plan.decided())
    stamped = expected.stamped_automatically + len(plan.approved)
    return Stand(
        under_way=0,
        held=dict(expected.held),
        states={"stamped": stamped, "returned": len(plan.returned), "voided": expected.voided},
        stamped_automatically=expected.stamped_automatically,
        waiting=dict(+waiting),
        verdicts=dict(plan.verdicts),
        proofs=plan.compliant,
        published=50,
        taken=50,
        parked=0,
    )


def test_the_table_is_right_when_all_has_gone_right(world: World, plan: Plan, tally: Tally, stand: Stand) -> None:
    lines = table_of(world, tally, stand, plan)
    assert [line for line in lines if not line.is_right] == []
    for name in ("fujian", "luojiang", "wenzhou", "shaoguan"):
        mine = {line.name.removeprefix(f"{name}: "): line.wanted for line in lines if line.name.startswith(f"{name}: ")}
        assert set(mine) == {"people with hours", "compliant", "short", "not evaluated"}
        assert mine["people with hours"] == sum(
            count or 0 for what, count in mine.items() if what != "people with hours"
        )
    assert show(Console(quiet=True), lines)


@pytest.mark.parametrize("jurisdiction", ["fujian", "luojiang", "wenzhou", "shaoguan"])
def test_a_verdict_that_is_not_the_intended_one_shows(
    world: World, plan: Plan, tally: Tally, stand: Stand, jurisdiction: str
) -> None:
    wrong = Counter(stand.verdicts)
    wrong[jurisdiction, "short"] -= 1
    wrong[jurisdiction, "compliant"] += 1
    lines = table_of(world, tally, replace(stand, verdicts=dict(wrong)), plan)
    assert [line.name for line in lines if not line.is_right] == [
        f"{jurisdiction}: compliant",
        f"{jurisdiction}: short",
    ]
    assert not show(Console(quiet=True), lines)


def test_a_jurisdiction_that_nobody_is_of_shows(world: World, plan: Plan, tally: Tally, stand: Stand) -> None:
    lines = table_of(world, tally, replace(stand, verdicts={**stand.verdicts, ("nowhere", "revoked"): 1}), plan)
    assert [line.name for line in lines if not line.is_right] == ["nowhere: people with hours", "nowhere: revoked"]


def test_a_parked_event_shows(world: World, plan: Plan, tally: Tally, stand: Stand) -> None:
    lines = table_of(world, tally, replace(stand, parked=1), plan)
    assert [line.name for line in lines if not line.is_right] == ["events parked"]


def test_officers_approve_all_that_waits_for_whoever_has_a_role(world: World, plan: Plan) -> None:
    roles = {person.id for person in world.people if person.role}
    theirs = {(fate.platform, fate.record_id) for fate in world.fates if fate.person in roles and fate.authority}
    assert theirs
    assert theirs <= {(fate.platform, fate.record_id) for fate in plan.approved}


def test_one_of_each_jurisdiction_is_shown(world: World) -> None:
    shown = [(year.jurisdiction, person.role) for person, year in chosen(world)]
    assert shown == [
        ("fujian", "工程师"),
        ("luojiang", "二级医院医师"),
        ("wenzhou", "中学教师"),
        ("shaoguan", "工程师"),
    ]


def test_what_is_shown_is_the_explanation_and_why_records_do_not_count_yet() -> None:
    waiting = {"guidance": {"reason_zh": "尚未认定。"}}
    transcript = {
        "explanation": {"zh": "2025年度：未达标。\n选修缺18。"},
        "records": [waiting, {"guidance": None}, waiting],
    }
    assert list(lines_of(transcript)) == ["2025年度：未达标。", "选修缺18。", "2条记录：尚未认定。"]
