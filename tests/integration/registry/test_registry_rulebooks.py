"""Which rulebook judged a record: kept with the record, said with every change of it, and kept whole."""

import hashlib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.support.registry import EMPLOYER, Harness
from tests.support.rulebooks import draft, with_neighbour
from xueshi_registry.handlers.rulebooks import Shelf
from xueshi_registry.store import rulebooks as store
from xueshi_rulebook import load_rulebook

FIRST = load_rulebook()
OTHER = "91350100M000100X55"


@pytest.fixture
def newer(registry: Harness, tmp_path: Path) -> Harness:
    """Give the registry as it runs after a change of the rulebook, on the same database."""
    rulebook = with_neighbour(tmp_path)
    return replace(registry, registry=replace(registry.registry, rulebook=rulebook, shelf=Shelf(rulebook)))


async def kept(registry: Harness) -> set[str]:
    """Return the hashes of the versions that are kept."""
    return {row["hash"] for row in await registry.fetch("SELECT hash FROM rulebook_version")}


async def test_a_record_keeps_the_rulebook_of_its_registration(registry: Harness, newer: Harness) -> None:
    second = newer.registry.rulebook.hash
    await registry.enter(registry.record("r1"))
    await newer.decide("stamped", "r1")
    registered, stamped = await newer.changes()
    assert (registered.rulebook, registered.registered_rulebook) == (FIRST.hash, "")
    assert (stamped.rulebook, stamped.registered_rulebook) == (second, FIRST.hash)
    (told,) = await newer.transcripts()
    assert (told.rulebook, told.entries[0].rulebook) == (second, FIRST.hash)
    await newer.enter(newer.record("r2", days=[(date(2025, 6, 2), 800)]))
    await newer.decide("stamped", "r2")
    assert [entry.rulebook for entry in (await newer.transcripts())[-1].entries] == [FIRST.hash, ""]
    entries = await newer.fetch("SELECT rulebook FROM ledger ORDER BY id")
    assert [entry["rulebook"] for entry in entries[:2]] == [FIRST.hash, second]


async def test_changes_carry_the_clauses_of_the_rulebook_that_judged_and_of_the_one_that_decided(
    registry: Harness, tmp_path: Path
) -> None:
    """What the record's own version has is told in its words; what it lacks, in those of the one in force now."""
    rule = "source: S0\n    clause: 二、第一段\n    kind: informative\n    valid_from: 2023-05-09\n"
    new = f"  FJ-99:\n    {rule}    title: {{zh: 新, en: new}}\n    effect: {{zh: 新。, en: New.}}\n  FJ-25:\n"
    moved = f"clause: {FIRST.rule('FJ-08').clause}\n    kind"
    changes = {"  FJ-25:\n": new, "FJ-25]": "FJ-25, FJ-99]", moved: "clause: 附件2 二\n    kind"}
    newer = registry.under(draft(tmp_path / "newer", changes))
    second = newer.registry.rulebook
    await registry.enter(registry.record("r1"))
    (registered,) = await registry.changes()
    assert await registry.clauses() == {FIRST.hash: FIRST.clauses(registered.rule_ids)}
    await newer.decide("queued", "r1", rule_ids=("FJ-08", "FJ-99", "XX-99"))
    assert list((await newer.changes())[-1].rule_ids) == [*registered.rule_ids, "FJ-08", "FJ-99", "XX-99"]
    assert await newer.clauses() == {
        FIRST.hash: FIRST.clauses([*registered.rule_ids, "FJ-08"]),
        second.hash: second.clauses(["FJ-99"]),
    }
    await newer.decide("stamped", "r1")
    (told,) = await newer.transcripts()
    assert dict(zip(told.rule_ids, told.clauses, strict=True)) == second.clauses(told.rule_ids)


async def test_what_is_judged_anew_is_judged_by_the_present_one(registry: Harness, newer: Harness) -> None:
    await registry.enter(registry.record("r1", employer=OTHER), registry.record("r2"))
    await newer.register(employer=EMPLOYER)
    rows = await newer.fetch("SELECT record_id, rulebook FROM record ORDER BY record_id")
    assert [tuple(row) for row in rows] == [("r1", newer.registry.rulebook.hash), ("r2", FIRST.hash)]
    assert await kept(newer) == {FIRST.hash, newer.registry.rulebook.hash}


async def test_a_version_is_kept_whole_and_once(registry: Harness) -> None:
    await registry.enter(registry.record("r1"))
    await registry.enter(registry.record("r2"))
    async with registry.db.transaction() as tx:
        text = await store.canonical(tx, FIRST.hash)
        assert await store.canonical(tx, "0" * 64) is None
    assert text is not None
    assert hashlib.sha256(text.encode()).hexdigest() == FIRST.hash
    assert await kept(registry) == {FIRST.hash}


async def test_a_version_that_was_rolled_back_is_kept_with_the_next_record(registry: Harness) -> None:
    async def fail() -> None:
        async with registry.db.transaction() as tx:
            await registry.registry.shelf.keep(tx, registry.clock.now())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert await kept(registry) == set()
    await registry.enter(registry.record("r1"))
    assert await kept(registry) == {FIRST.hash}
