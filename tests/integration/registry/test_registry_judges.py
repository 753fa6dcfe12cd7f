"""The jurisdiction that judges a period: it follows the employment on the period's last day."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from tests.support.databases import DatabaseFactory
from tests.support.registry import EMPLOYER, Harness
from tests.support.rulebooks import NEIGHBOUR_REGION, with_neighbour

OTHER = "91350100M000100X55"
MOVED = date(2025, 7, 1)
BEFORE = date(2025, 6, 30)
HOURS = [(date(2025, 3, n), 800) for n in range(1, 9)]


@pytest.fixture
async def registry(make_database: DatabaseFactory, tmp_path: Path) -> AsyncIterator[Harness]:
    """Give a registry that knows two jurisdictions, and an employer in each."""
    harness = await Harness.open(make_database, rulebook=with_neighbour(tmp_path))
    await harness.employer(OTHER, NEIGHBOUR_REGION)
    yield harness
    await harness.db.close()


async def stamped(registry: Harness) -> None:
    """Stamp 24 public and 40 professional hours, which the neighbour's minimums accept and Luojiang's do not."""
    await registry.enter(
        registry.record("r1", days=[(date(2025, 3, n), 800) for n in range(1, 4)], subject_kind="public", industry=0),
        registry.record("r2", days=[(date(2025, 3, n), 800) for n in range(4, 9)]),
    )
    await registry.decide("stamped", "r1")
    await registry.decide("stamped", "r2")


async def judged(registry: Harness) -> list[tuple[str, str, int]]:
    """Return what each told transcript says: jurisdiction, verdict, hours required in public subjects."""
    return [
        (each.jurisdiction, each.verdict, each.totals[0].required_centihours) for each in await registry.transcripts()
    ]


async def test_an_employment_that_is_entered_later_judges_the_year_anew(registry: Harness) -> None:
    await registry.register(until=BEFORE)
    await stamped(registry)
    assert (await judged(registry))[-1] == ("luojiang", "short", 3000)
    revisions = [each.revision for each in await registry.transcripts()]
    await registry.register(employer=OTHER, since=MOVED)
    assert (await judged(registry))[-1] == ("neighbour", "compliant", 2000)
    (row,) = await registry.fetch("SELECT jurisdiction, verdict, revision FROM transcript")
    assert tuple(row) == ("neighbour", "compliant", max(revisions) + 1)


async def test_the_last_movement_does_not_choose_the_judge(registry: Harness) -> None:
    await registry.register(until=BEFORE)
    await registry.register(employer=OTHER, since=MOVED)
    await registry.enter(registry.record("late", days=[(date(2025, 8, 1), 800)]))
    await registry.decide("stamped", "late")
    await stamped(registry)
    assert {each[0] for each in await judged(registry)} == {"neighbour"}
    rows = await registry.fetch("SELECT record_id, jurisdiction FROM record ORDER BY record_id")
    assert [tuple(row) for row in rows] == [("late", "neighbour"), ("r1", "luojiang"), ("r2", "luojiang")]


async def test_an_employment_that_judges_nothing_anew_tells_nothing(registry: Harness) -> None:
    await registry.register()
    await stamped(registry)
    told = await registry.transcripts()
    await registry.register(employer=OTHER, since=date(2010, 1, 1), until=date(2012, 1, 1))
    assert await registry.transcripts() == told


async def test_a_year_without_a_stamp_is_derived_and_not_told(registry: Harness) -> None:
    await registry.register(until=BEFORE)
    await registry.enter(registry.record("r1"))
    await registry.register(employer=OTHER, since=MOVED)
    (row,) = await registry.fetch("SELECT jurisdiction, revision FROM transcript")
    assert tuple(row) == ("neighbour", 2)
    assert await registry.transcripts() == []


async def test_an_employer_that_moves_takes_its_peoples_years_along(registry: Harness) -> None:
    await registry.register()
    await stamped(registry)
    await registry.employer(EMPLOYER, NEIGHBOUR_REGION)
    assert (await judged(registry))[-1] == ("neighbour", "compliant", 2000)
    told = await registry.transcripts()
    await registry.employer(EMPLOYER, NEIGHBOUR_REGION)
    assert await registry.transcripts() == told
