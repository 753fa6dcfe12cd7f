"""A record that names a credit year: what was made up in 2019 counts for 2018, in time and once (SG-03)."""

from collections.abc import AsyncIterator
from datetime import date

import pytest

from tests.integration.registry.test_registry_recompute import recomputed
from tests.support.checking import check, draft, outcome
from tests.support.databases import DatabaseFactory
from tests.support.registry import Harness
from xueshi.gateway.v1.hour_records_pb2 import HourRecord
from xueshi_registry.store import queries

LAST = date(2019, 6, 30)
AFTER = date(2019, 7, 1)
SYSTEM = "gd"
EMPLOYER = "91350100M000100X55"


@pytest.fixture
async def registry(make_database: DatabaseFactory) -> AsyncIterator[Harness]:
    """Give a registry with an employer in Shaoguan and the province's system."""
    harness = await Harness.open(make_database, platforms=())
    await harness.platform(SYSTEM, region="440000")
    await harness.employer(EMPLOYER, "440203")
    yield harness
    await harness.db.close()


def made_up(registry: Harness, record_id: str, day: date, year: str) -> HourRecord:
    return registry.record(
        record_id, days=((day, 300),), subject_kind="public", industry=0, employer=EMPLOYER, credit_year=year
    )


async def totals(registry: Harness) -> dict[str, int]:
    """Return the registered public hours of each period that has a transcript."""
    rows = await registry.fetch("SELECT period, kinds, registered FROM transcript ORDER BY period")
    return {row["period"]: dict(zip(row["kinds"], row["registered"], strict=True))["public"] for row in rows}


async def test_hours_that_are_made_up_count_for_the_year_that_they_name_and_once(registry: Harness) -> None:
    await registry.enter(
        made_up(registry, "made-up", LAST, "2018"),
        made_up(registry, "own", LAST, ""),
        made_up(registry, "named", LAST, "2019"),
        platform=SYSTEM,
    )
    assert await totals(registry) == {"2018": 300, "2019": 600}
    entries = await registry.fetch("SELECT record_id, period, days FROM ledger ORDER BY record_id, id")
    assert {(each["record_id"], each["period"], *each["days"]) for each in entries} == {
        ("made-up", "2018", LAST),
        ("named", "2019", LAST),
        ("own", "2019", LAST),
    }
    assert (await recomputed(registry)).differences == []


async def test_a_correction_takes_the_hours_to_another_year(registry: Harness) -> None:
    await registry.enter(made_up(registry, "r1", LAST, "2018"), platform=SYSTEM)
    corrected = made_up(registry, "r1", LAST, "")
    corrected.version, corrected.change = 2, "corrected"
    await registry.enter(corrected, platform=SYSTEM)
    assert await totals(registry) == {"2018": 0, "2019": 300}
    assert (await recomputed(registry)).differences == []


async def test_after_the_window_and_for_a_year_without_one_a_record_is_held_under_its_own_year(
    registry: Harness,
) -> None:
    await registry.enter(
        made_up(registry, "late", AFTER, "2018"), made_up(registry, "older", LAST, "2017"), platform=SYSTEM
    )
    rows = await registry.fetch("SELECT record_id, state, code, credit_year FROM record ORDER BY record_id")
    assert [tuple(row) for row in rows] == [
        ("late", "held", "MAKE_UP_CLOSED", "2018"),
        ("older", "held", "CREDIT_YEAR_UNFIT", "2017"),
    ]
    assert await totals(registry) == {}
    async with registry.db.transaction() as tx:
        key = registry.key("359900199003070011")
        year = date(2019, 1, 1), date(2019, 12, 31)
        found = {each["record_id"] for each in await queries.records_of(tx, key, "2019", *year)}
    assert found == {"late", "older"}


async def test_a_made_up_record_is_listed_under_its_credit_year_alone(registry: Harness) -> None:
    await registry.enter(made_up(registry, "made-up", LAST, "2018"), platform=SYSTEM)
    key = registry.key("359900199003070011")
    async with registry.db.transaction() as tx:
        named = await queries.records_of(tx, key, "2018", date(2018, 1, 1), date(2018, 12, 31))
        learned = await queries.records_of(tx, key, "2019", date(2019, 1, 1), date(2019, 12, 31))
    assert [each["record_id"] for each in named] == ["made-up"]
    assert learned == []


async def test_a_held_record_keeps_its_credit_year_until_it_counts(registry: Harness) -> None:
    await registry.enter(made_up(registry, "early", LAST, "2018"), platform="unknown")
    assert await totals(registry) == {}
    await registry.platform("unknown", region="440000")
    assert await totals(registry) == {"2018": 300}


async def test_a_dry_run_shows_the_credit_year_as_it_would_stand(registry: Harness) -> None:
    record = draft(
        [(LAST, 300)], subject_kind="public", employer=EMPLOYER, credit_year="2018",
        completed_at="2019-06-30T21:40:00+08:00",
    )  # fmt: skip
    del record["industry"], record["major"]
    checked = await check(registry, record, platform=SYSTEM)
    assert outcome(checked) == ("registered", "", [(300, 300)])
    assert list(checked.judged) == ["2018"]
    assert {line.kind: line.registered for line in checked.judged["2018"].progress.lines}["public"] == 300
