"""The dry run: what it answers, and that it writes nothing."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from tests.support.checking import check, draft, outcome
from tests.support.registry import Harness
from xueshi_records import RejectedError
from xueshi_registry.domain.model import Ref

DAY = date(2025, 6, 1)
NEXT = date(2025, 6, 2)
OTHER = "91350100M000100X55"


async def written(registry: Harness) -> Mapping[str, Any]:
    """Return how much stands in every table, and how far the numbers are drawn."""
    tables = await registry.fetch("SELECT relname FROM pg_stat_user_tables ORDER BY relname")
    counted = {}
    for table in [row["relname"] for row in tables]:
        (row,) = await registry.fetch(f"SELECT count(*) AS n FROM {table}")  # noqa: S608 - the tables' own names
        counted[table] = row["n"]
    (drawn,) = await registry.fetch("SELECT last_value, is_called FROM order_seq")
    return {**counted, "order_seq": tuple(drawn)}


async def test_what_would_be_credited_and_what_competes_for_it(registry: Harness) -> None:
    await registry.enter(registry.record("r1", days=[(DAY, 500)]))
    await registry.enter(registry.record("r2", days=[(DAY, 100), (NEXT, 800)]), platform="p2")
    checked = await check(registry, draft([(DAY, 600), (NEXT, 100)]))
    assert outcome(checked) == ("registered", "", [(600, 200), (100, 0)])
    assert [each.cap for each in checked.shares] == [800, 800]
    assert checked.shares[0].competing == ((Ref("p1", "r1", 1), 500), (Ref("p2", "r2", 1), 100))
    assert checked.shares[1].competing == ((Ref("p2", "r2", 1), 800),)
    assert checked.corrects is None
    (judged,) = checked.judged.values()
    assert {line.kind: line.registered for line in judged.progress.lines}["professional"] == 1600


async def test_nothing_is_written(registry: Harness) -> None:
    await registry.enter(registry.record("r1", days=[(DAY, 500)]))
    before = await written(registry)
    await check(registry, draft([(DAY, 600)]))
    await check(registry, draft([(DAY, 600)], learner="359900199003070038"))
    await check(registry, draft([(DAY, 600)], name="陈小"))
    assert await written(registry) == before
    assert await registry.state("r1") == ("registered", "", 500)


async def test_a_known_person_needs_no_document(registry: Harness) -> None:
    await registry.enter(registry.record("r1", days=[(DAY, 500)]))
    key = registry.key("359900199003070011")
    checked = await check(registry, draft([(DAY, 600)]), person_key=key)
    assert outcome(checked) == ("registered", "", [(600, 300)])


async def test_the_id_of_a_record_that_stands_checks_its_correction(registry: Harness) -> None:
    await registry.enter(registry.record("r1", days=[(DAY, 500)]), registry.record("r2", days=[(DAY, 600)]))
    checked = await check(registry, draft([(DAY, 700)], record_id="r1"))
    assert (outcome(checked), checked.corrects) == (("registered", "", [(700, 700)]), 1)
    assert checked.shares[0].competing == ((Ref("p1", "r2", 1), 100),)


async def test_the_id_of_a_voided_record_is_spent(registry: Harness) -> None:
    await registry.enter(registry.record("r1"))
    await registry.enter(registry.record("r1", change="voided", version=2))
    with pytest.raises(RejectedError, match="VOIDED"):
        await check(registry, draft([(DAY, 700)], record_id="r1"))


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"hours": "7"}, "HOURS_MISMATCH", "/hours"),
        ({"assessment": {"passed": False}}, "NOT_PASSED", "/assessment/passed"),
        ({"course": {"id": "C-1"}}, "INCOMPLETE", "/course/title"),
        ({"subject_kind": "astronomy"}, "FIELD_INVALID", "/subject_kind"),
        ({"surprise": 1}, "FIELD_INVALID", ""),
        ({"learned": [{"on": "2031-01-01", "hours": "6"}]}, "IN_FUTURE", "/learned/0/on"),
    ],
)
async def test_what_the_gateway_would_reject_is_rejected_alike(
    registry: Harness, changes: dict[str, object], code: str, pointer: str
) -> None:
    with pytest.raises(RejectedError) as refused:
        await check(registry, draft([(DAY, 600)]) | changes)
    assert (refused.value.code, refused.value.pointer) == (code, pointer)


async def test_a_second_name_would_hold_the_record_and_free_the_others(registry: Harness) -> None:
    await registry.enter(registry.record("r1", days=[(DAY, 500)]))
    await registry.decide("stamped", "r1")
    checked = await check(registry, draft([(DAY, 600)], name="陈小"))
    assert outcome(checked) == ("held", "NAME_UNCONFIRMED", [(600, 0)])
    (judged,) = checked.judged.values()
    assert [(line.registered, line.counted) for line in judged.progress.lines] == [(0, 0)] * 3
    assert await registry.state("r1") == ("stamped", "", 500)


async def test_an_unknown_employer_leaves_no_period_to_judge(registry: Harness) -> None:
    checked = await check(registry, draft([(DAY, 600)], employer=OTHER, learner="359900199003070038"))
    assert (outcome(checked)[:2], checked.judged) == (("held", "EMPLOYER_UNKNOWN"), {})
