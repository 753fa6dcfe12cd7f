"""The ledger recomputed from the records alone, by another way than the product's: for comparing."""

from collections import defaultdict
from datetime import date
from typing import Any

from tests.support.registry import Harness

CAP = 800
COUNTING = {"registered", "queued", "stamped"}


async def assert_ledger_is_its_recomputation(registry: Harness) -> None:
    """Compare credited hours, both accounts of the ledger and the transcripts with a recomputation from scratch."""
    rows = await registry.fetch("SELECT * FROM record ORDER BY place NULLS LAST, id")
    credited = _credited(rows)
    for row in rows:
        wanted = [credited.get((row["id"], day), 0) for day in row["days"]]
        assert list(row["credited"]) == wanted, (row["platform"], row["record_id"], row["version"], row["state"])
    sums = await _ledger_sums(registry)
    for row in rows:
        for day in row["days"]:
            key = (row["platform"], row["record_id"], row["version"], day)
            hours = credited.get((row["id"], day), 0)
            assert sums["registered"][key] == hours, key
            assert sums["stamped"][key] == (hours if row["state"] == "stamped" else 0), key
    await _assert_transcripts(registry, rows, credited)


def _credited(rows: list[Any]) -> dict[tuple[int, date], int]:
    left: dict[tuple[Any, date], int] = defaultdict(lambda: CAP)
    found = {}
    for row in rows:
        if row["state"] not in COUNTING:
            continue
        for day, claimed in zip(row["days"], row["claimed"], strict=True):
            if row["cap_exempt"]:
                found[row["id"], day] = claimed
                continue
            taken = min(claimed, left[row["person_key"], day])
            left[row["person_key"], day] -= taken
            found[row["id"], day] = taken
    return found


async def _ledger_sums(registry: Harness) -> dict[str, dict[tuple[Any, ...], int]]:
    sums: dict[str, dict[tuple[Any, ...], int]] = {"registered": defaultdict(int), "stamped": defaultdict(int)}
    for entry in await registry.fetch("SELECT * FROM ledger"):
        assert sum(entry["deltas"]) == entry["centihours"]
        for day, delta in zip(entry["days"], entry["deltas"], strict=True):
            sums[entry["account"]][entry["platform"], entry["record_id"], entry["version"], day] += delta
    return sums


async def _assert_transcripts(registry: Harness, rows: list[Any], credited: dict[tuple[int, date], int]) -> None:
    wanted: dict[tuple[Any, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        for day in row["days"]:
            if row["state"] == "stamped":
                wanted[row["person_key"], str(day.year)][row["subject_kind"]] += credited.get((row["id"], day), 0)
    for transcript in await registry.fetch("SELECT * FROM transcript"):
        stamped = dict(zip(transcript["kinds"], transcript["stamped"], strict=True))
        mine = wanted.pop((transcript["person_key"], transcript["period"]), {})
        assert {k: v for k, v in stamped.items() if v} == {k: v for k, v in mine.items() if v}
        enough = stamped.get("public", 0) >= 3000 and stamped.get("professional", 0) >= 6000
        assert transcript["verdict"] == ("compliant" if enough else "short")
    assert not [pair for pair, kinds in wanted.items() if any(kinds.values())]
