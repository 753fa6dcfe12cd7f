"""Everybody recomputed, and a draft previewed, on a ledger of a million entries: as operators run it, on two processes.

A few people's year goes through the registry's own handlers: both kinds, shared days, ranges, corrections, voids,
stamps. The others are copies of them under other keys, so that the ledger of any size is one that the registry would
have written: recomputing it finds nothing. Among each other the copies' rows lie as those of a province that reports
week by week, one record of everybody after another.
"""

import asyncio
import json
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import asyncpg

from tests.load.figures import Figures
from tests.load.gateways import postgres, scratch
from tests.load.prefill import columns_of
from tests.support.databases import DatabaseFactory
from tests.support.registry import Harness
from tests.support.rulebooks import draft
from xueshi_registry.domain.model import Ref
from xueshi_registry.handlers.decisions import apply_decisions
from xueshi_registry.wire import Decided
from xueshi_samples.identifiers import resident_id

_SEED = 2025
_TEMPLATES = 25
_RECORDS_A_PERSON = 24
_FIRST = date(2024, 3, 1)
_DAYS = 420
_BORN = date(1980, 1, 1)
_DRAFT = {
    'rule: FJ-03, hours: "8"': 'rule: FJ-03, hours: "6"',
    'counts: [public], hours: "30"': 'counts: [public], hours: "24"',
}
_COPIED: Mapping[str, Mapping[str, str]] = {
    "person": {},
    "employment": {},
    "record": {
        "record_id": "t.record_id || '-' || c",
        "id": "t.id + c * {stride}",
        "place": "t.place + c * {stride}",
    },
    "ledger": {"record_id": "t.record_id || '-' || c"},
    "transcript": {},
}
"""The tables that hold people's hours, and what differs in a copy besides the person's key."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How many entries the ledger has, at least, and how often each job runs."""

    entries: int
    rounds: int


async def measure(plan: Plan, figures: Figures, tell: Callable[[str], None]) -> None:
    """Fill a registry's database and run both jobs on it."""
    async with scratch() as root, postgres(root) as server:
        make_database = DatabaseFactory(server.dsn)
        registry = await Harness.open(make_database)
        tell("recompute: a few people's year through the registry")
        await _live(registry, random.Random(_SEED))
        tell(f"recompute: copying them to {plan.entries:,} ledger entries")
        entries = await _copy(registry, plan.entries)
        await _checkpoint(server.dsn)
        folder = draft(root / "draft", _DRAFT)
        for number in range(1, plan.rounds + 1):
            tell(f"recompute: round {number} of {plan.rounds}")
            recomputed = await _run(registry, root, "recompute")
            if recomputed["differences"]:
                raise WrongLedgerError(recomputed["differences"][0])
            previewed = await _run(registry, root, "impact", "--with", str(folder))
            figures.note(
                recomputed_entries_per_second=entries / recomputed["seconds"],
                previewed_entries_per_second=entries / previewed["seconds"],
                recompute_seconds=recomputed["seconds"],
                preview_seconds=previewed["seconds"],
            )
        people, flipped = (previewed["counts"][name] for name in ("people", "flipped"))
        figures.say(
            f"Recomputing: a ledger of {entries:,} entries, {people:,} people; the draft changes {flipped:,} verdicts."
            f" Seconds are those of the whole command."
        )
        await registry.db.close()


class WrongLedgerError(Exception):
    """What was filled in is no ledger that the registry would have written."""


async def _run(registry: Harness, root: Path, *arguments: str) -> dict[str, Any]:
    """Run one of the registry's jobs as its operators do; return what it wrote, with the seconds it took in all."""
    file = root / "job.json"
    began_at = time.monotonic()
    done = await asyncio.to_thread(registry.role, *arguments, "--json", str(file))
    seconds = time.monotonic() - began_at
    if not file.exists():
        raise WrongLedgerError(done.stderr)
    return {**json.loads(file.read_text()), "seconds": seconds}


async def _live(registry: Harness, dice: random.Random) -> None:
    """Let the first people learn, correct, void and be stamped."""
    for number in range(_TEMPLATES):
        person = resident_id(_BORN + timedelta(days=number), 1)
        if number % 2:
            await registry.register(person)
        records = [_record(registry, dice, person, f"{number}-{n}") for n in range(_RECORDS_A_PERSON)]
        await registry.enter(*records)
        corrected = [
            registry.record(each.record_id, person, days=_days(dice), change="corrected", version=2)
            for each in records[:2]
        ]
        await registry.enter(*corrected, registry.record(records[2].record_id, person, change="voided", version=2))
        stamped = [Ref("p1", each.record_id, each.version) for each in (*corrected, *records[3:-1])]
        async with registry.db.transaction() as tx:
            await apply_decisions(tx, registry.registry, [_stamp(registry, person, ref) for ref in stamped])


def _record(registry: Harness, dice: random.Random, person: str, record_id: str) -> Any:  # noqa: ANN401 - a message
    kind = dice.choice(("public", "professional", "professional"))
    industry = 0 if kind == "public" else 5
    if dice.random() < 1 / 8:
        first = _FIRST + timedelta(days=dice.randrange(_DAYS))
        span = (first, first + timedelta(days=dice.randrange(1, 5)))
        hours = dice.randrange(400, 2400, 50)
        return registry.record(record_id, person, span=span, centihours=hours, subject_kind=kind, industry=industry)
    return registry.record(record_id, person, days=_days(dice), subject_kind=kind, industry=industry)


def _days(dice: random.Random) -> Sequence[tuple[date, int]]:
    first = _FIRST + timedelta(days=dice.randrange(_DAYS))
    return [(first + timedelta(days=n), dice.randrange(200, 800, 50)) for n in range(dice.randrange(1, 3))]


def _stamp(registry: Harness, person: str, ref: Ref) -> Decided:
    return Decided(
        ref=ref,
        person_key=registry.key(person),
        outcome="stamped",
        authority="hrss-350504",
        authority_name="洛江区人社局",
        officer="",
        reason="",
        rule_ids=("FJ-08",),
    )


async def _copy(registry: Harness, wanted: int) -> int:
    """Copy all that stands until the ledger has so many entries; return how many it has then."""
    owner = await asyncpg.connect(registry.owner_dsn)
    try:
        await owner.execute("SET synchronous_commit = off")
        standing: int = await owner.fetchval("SELECT count(*) FROM ledger")
        stride: int = await owner.fetchval("SELECT max(id) FROM record")
        copies = max(1, -(-wanted // standing) - 1)
        for table, differs in _COPIED.items():
            values = {"person_key": "md5(t.person_key::text || c)::uuid", **differs}
            kept = [each for each in await columns_of(owner, table) if each["plain"] in values or not each["counts"]]
            chosen = [values.get(each["plain"], f"t.{each['name']}").format(stride=stride) for each in kept]
            await owner.execute(
                f"INSERT INTO {table} ({', '.join(each['name'] for each in kept)}) SELECT {', '.join(chosen)}"  # noqa: S608
                f" FROM (SELECT *, row_number() OVER () AS n FROM {table}) t CROSS JOIN generate_series(1, $1) AS c"
                " ORDER BY t.n, c",
                copies,
            )
            await owner.execute(f"VACUUM (ANALYZE) {table}")
        entries: int = await owner.fetchval("SELECT count(*) FROM ledger")
        return entries
    finally:
        await owner.close()


async def _checkpoint(admin_dsn: str) -> None:
    """Write out what was filled in, which else would happen while something is measured."""
    admin = await asyncpg.connect(admin_dsn)
    await admin.execute("CHECKPOINT")
    await admin.close()
