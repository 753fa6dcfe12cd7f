"""Everybody recomputed on a real ledger: what the registry wrote is equal, what was tampered with is seen."""

import asyncio
import json
import random
from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from tests.support.databases import DatabaseFactory
from tests.support.histories import PEOPLE, Writer
from tests.support.registry import Harness
from tests.support.rulebooks import draft
from xueshi_registry.handlers.recomputing import Recomputed, recompute_part
from xueshi_registry.store import sweep

DAY = date(2025, 6, 1)
NEXT = date(2025, 6, 2)


async def recomputed(registry: Harness) -> Recomputed:
    """Recompute everybody, in two parts."""
    whole = Recomputed()
    for part in sweep.parts(2):
        async for found in recompute_part(registry.app_dsn, part):
            whole.people += found.people
            whole.entries += found.entries
            whole.differences += found.differences
            whole.different += found.different
    return whole


async def differences(registry: Harness) -> list[tuple[str, str, str, str]]:
    """Return what differs, of whomever."""
    return [(each.what, each.about, each.stored, each.recomputed) for each in (await recomputed(registry)).differences]


async def tamper(registry: Harness, statement: str, *values: object) -> None:
    """Change what the registry itself cannot change."""
    owner = await asyncpg.connect(registry.owner_dsn)
    assert await owner.execute(statement, *values) != "UPDATE 0"
    await owner.close()


@pytest.mark.parametrize("seed", range(3))
async def test_a_random_history_is_equal(make_database: DatabaseFactory, seed: int, tmp_path: Path) -> None:
    registry = await Harness.open(make_database)
    newer = registry.under(draft(tmp_path / "draft", {'rule: FJ-03, hours: "8"': 'rule: FJ-03, hours: "6"'}))
    writers = [
        Writer(each, f"p{n % 2 + 1}", f"w{n}", random.Random(seed * 10 + n))
        for n, each in enumerate((registry, registry, newer))
    ]
    await asyncio.gather(*(writer.run(steps=25) for writer in writers))
    found = await recomputed(registry)
    assert found.differences == []
    assert found.people == len(PEOPLE)
    assert [(found.entries,)] == await registry.fetch("SELECT count(*)::int FROM ledger")
    await registry.db.close()


LOWER = {
    'counts: [public], hours: "30"': 'counts: [public], hours: "6"',
    'counts: [professional], hours: "60"': 'counts: [professional], hours: "1"',
    'hours: "90"': 'hours: "7"',
    'rule: FJ-03, hours: "8"': 'rule: FJ-03, hours: "6"',
}


async def test_each_record_and_each_transcript_goes_by_its_own_version(registry: Harness, tmp_path: Path) -> None:
    newer = registry.under(draft(tmp_path / "draft", LOWER))
    for harness, person in ((registry, PEOPLE[0]), (newer, PEOPLE[1])):
        await harness.enter(
            harness.record(f"{person}-1", person, days=[(DAY, 800)], subject_kind="public", industry=0),
            harness.record(f"{person}-2", person, days=[(NEXT, 500)]),
        )
        await harness.decide("stamped", f"{person}-1", person=person)
        await harness.decide("stamped", f"{person}-2", person=person)
    await newer.enter(newer.record("later", PEOPLE[0], days=[(NEXT, 500)]))
    rows = await registry.fetch("SELECT credited FROM record ORDER BY id")
    assert [list(row["credited"]) for row in rows] == [[800], [500], [600], [500], [100]]
    rows = await registry.fetch("SELECT verdict, rulebook FROM transcript")
    assert {tuple(row) for row in rows} == {("compliant", newer.registry.rulebook.hash)}
    assert await differences(registry) == []
    await tamper(registry, "UPDATE transcript SET rulebook = $1", registry.registry.rulebook.hash)
    assert await differences(registry) == [("verdict", "", "compliant", "short")] * 2


ENTRY = "UPDATE ledger SET deltas = '{200}', centihours = 200 WHERE record_id = 'r1'"
TAMPERED = {
    ENTRY: [
        ("registered", "p1/r1/1", "2025 professional 2025-06-01: 2", "2025 professional 2025-06-01: 8"),
        ("totals", "", "professional: 11 (3 stamped)", "professional: 5 (3 stamped)"),
    ],
    "UPDATE ledger SET centihours = 900 WHERE record_id = 'r1'": [
        ("sum", "p1/r1/1", "9", "8"),
        ("totals", "", "professional: 11 (3 stamped)", "professional: 12 (3 stamped)"),
    ],
    "UPDATE ledger SET record_id = 'r9' WHERE record_id = 'r1'": [
        ("registered", "p1/r1/1", "2025 professional 2025-06-01: 0", "2025 professional 2025-06-01: 8"),
        ("registered", "p1/r9/1", "2025 professional 2025-06-01: 8", "2025 professional 2025-06-01: 0"),
    ],
    "UPDATE record SET credited = '{700}' WHERE record_id = 'r1'": [
        ("credited", "p1/r1/1", "2025-06-01: 7", "2025-06-01: 8"),
    ],
    "UPDATE record SET state = 'registered' WHERE record_id = 'r2'": [
        ("stamped", "p1/r2/1", "2025 professional 2025-06-02: 3", "2025 professional 2025-06-02: 0"),
    ],
    "UPDATE record SET rulebook = 'gone' WHERE record_id = 'r1'": [("rules", "p1/r1/1", "luojiang in gone", "")],
    "UPDATE transcript SET stamped = '{6000}', registered = '{6000}'": [
        ("totals", "", "professional: 60 (60 stamped)", "professional: 11 (3 stamped)"),
    ],
    "UPDATE transcript SET verdict = 'compliant'": [("verdict", "", "compliant", "short")],
    "UPDATE transcript SET jurisdiction = 'wenzhou'": [("judge", "", "wenzhou", "luojiang")],
    "UPDATE transcript SET rulebook = 'gone'": [("rules", "", "luojiang in gone", "")],
    "DELETE FROM transcript": [("totals", "", "", "professional: 11 (3 stamped)")],
}


@pytest.mark.parametrize("statement", TAMPERED)
async def test_what_is_tampered_with_is_seen(registry: Harness, statement: str) -> None:
    await registry.enter(registry.record("r1"), registry.record("r2", days=[(DAY, 500), (NEXT, 300)]))
    await registry.decide("stamped", "r2")
    assert await differences(registry) == []
    await tamper(registry, statement)
    assert await differences(registry) == TAMPERED[statement]


async def test_hours_of_nobody_are_seen(registry: Harness) -> None:
    await registry.enter(registry.record("r1"))
    stranger = UUID(int=1)
    await tamper(registry, "UPDATE ledger SET person_key = $1", stranger)
    found = await recomputed(registry)
    assert found.people == 2
    assert found.different == {"people": 2, "records": 2, "transcripts": 2}
    assert {each.person_key.hex for each in found.differences} == {
        stranger.hex,
        registry.key(PEOPLE[0]).hex,
    }


async def test_the_role_tells_the_counts_and_what_differs(registry: Harness, tmp_path: Path) -> None:
    await registry.enter(registry.record("r1"), registry.record("r2", PEOPLE[1]))
    done = await asyncio.to_thread(registry.role, "recompute", "--json", str(tmp_path / "equal.json"))
    assert done.returncode == 0, done.stderr
    told = json.loads((tmp_path / "equal.json").read_text())
    assert told["differences"] == []
    assert told["counts"] == {"people": 2, "records": 2, "entries": 2, "transcripts": 2}
    await tamper(registry, "UPDATE transcript SET verdict = 'compliant'")
    done = await asyncio.to_thread(
        registry.role, "recompute", "--limit", "1", "--processes", "2", "--json", str(tmp_path / "different.json")
    )
    assert done.returncode == 1, done.stderr
    assert "1 of 2 differences are shown" in done.stdout
    told = json.loads((tmp_path / "different.json").read_text())
    assert [(each["what"], each["period"]) for each in told["differences"]] == [("verdict", "2025")] * 2
    assert {each["person_key"] for each in told["differences"]} == {registry.key(each).hex for each in PEOPLE[:2]}
    assert told["different"] == {"people": 2, "records": 0, "transcripts": 2}


async def test_without_a_database_it_is_not_done_and_says_no_value(registry: Harness) -> None:
    away = replace(registry, app_dsn="postgresql://somebody:secret@127.0.0.1:1/registry")
    done = await asyncio.to_thread(away.role, "recompute")
    assert done.returncode == 2
    assert "not done" in done.stderr
    assert "recomputing.not_begun" in done.stderr
    assert "secret" not in done.stderr


async def test_a_version_that_cannot_be_read_stops_it_and_leaves_no_file(registry: Harness, tmp_path: Path) -> None:
    await registry.enter(registry.record("r1"))
    await tamper(registry, "UPDATE rulebook_version SET canonical = '{}'")
    done = await asyncio.to_thread(registry.role, "recompute", "--json", str(tmp_path / "found.json"))
    assert done.returncode == 2
    assert "recomputing.part_failed" in done.stderr
    assert not (tmp_path / "found.json").exists()


async def test_nothing_is_written(registry: Harness) -> None:
    async with sweep.one_moment(registry.db) as tx:
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await tx.sql.execute("UPDATE transcript SET verdict = ''")
