"""A draft of the rulebook tried on a real ledger: whose verdict would change, how, and why."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from tests.support.registry import EMPLOYER, Harness
from tests.support.rulebooks import draft
from xueshi_registry.domain.previewing import Flip, Line
from xueshi_registry.handlers.recomputing import Previewed, preview_part
from xueshi_registry.store import sweep
from xueshi_rulebook import read_rulebook

ENOUGH, FULL_DAYS, LONG = "359900199003070011", "35990019900307002X", "359900199003070038"
FUZHOU = "91350100M000100X55"
FIRST = date(2025, 6, 1)
PUBLIC, PROFESSIONAL = 30, 60
RAISED = {
    'counts: [professional], hours: "60"': 'counts: [professional], hours: "64.5"',
    'hours: "90"': 'hours: "94.5"',
}
LOWER_CAP = {'rule: FJ-03, hours: "8"': 'rule: FJ-03, hours: "6"'}


async def learned(registry: Harness, person: str, kind: str, hours: Sequence[int], *, since: date = FIRST) -> None:
    """Enter and stamp a record for each day of learning, so many hours each."""
    for n, each in enumerate(hours):
        record_id = f"{person}-{kind}-{n}"
        industry = 0 if kind == "public" else 5
        day = since + timedelta(days=n)
        record = registry.record(
            record_id, person, days=[(day, each * 100)], subject_kind=kind, industry=industry, employer=FUZHOU
        )
        await registry.enter(record)
        await registry.decide("stamped", record_id, person=person)


async def a_year(registry: Harness, person: str, day_hours: int, professional: int = PROFESSIONAL) -> None:
    """Give a person 30 public hours and these professional ones, so many a day, at an employer in Fuzhou."""
    await registry.employer(FUZHOU, "350102")
    for kind, hours, since in (("public", PUBLIC, FIRST), ("professional", professional, FIRST + timedelta(days=60))):
        whole, rest = divmod(hours, day_hours)
        await learned(registry, person, kind, [day_hours] * whole + [rest] * bool(rest), since=since)


async def previewed(registry: Harness, folder: Path) -> Previewed:
    """Try a draft on everybody."""
    whole = Previewed()
    canonical = read_rulebook(folder).canonical
    for part in sweep.parts(2):
        async for found in preview_part(registry.app_dsn, canonical, part):
            whole.flips += found.flips
            whole.flipped += found.flipped
            whole.recredited += found.recredited
            whole.outcomes += found.outcomes
    return whole


async def test_a_raised_minimum_flips_exactly_those_who_lack_the_rest(registry: Harness, tmp_path: Path) -> None:
    await a_year(registry, ENOUGH, 6)
    await a_year(registry, FULL_DAYS, 6, professional=65)
    await a_year(registry, LONG, 6, professional=59)
    found = await previewed(registry, draft(tmp_path / "draft", RAISED))
    version = registry.registry.rulebook.hash
    assert found.flips == [
        Flip(
            registry.key(ENOUGH),
            "陈* 359900********0011",
            "2025",
            ("fujian", "fujian"),
            ("compliant", "short"),
            (
                Line("professional", (6000, 6450), (6000, 6000)),
                Line("total", (9000, 9450), (9000, 9000)),
            ),
            ("FJ-01",),
            version,
        )
    ]
    assert (found.flipped, found.recredited, found.outcomes) == (1, 0, Counter())


async def test_a_lower_cap_shares_the_days_again(registry: Harness, tmp_path: Path) -> None:
    await a_year(registry, ENOUGH, 6)
    await a_year(registry, FULL_DAYS, 8)
    found = await previewed(registry, draft(tmp_path / "draft", LOWER_CAP))
    (flip,) = found.flips
    assert (flip.person_key, flip.verdict, flip.rules) == (registry.key(FULL_DAYS), ("compliant", "short"), ("FJ-03",))
    # 3 full public days and 7 professional ones lose two hours each.
    assert flip.lines == (
        Line("public", (3000, 3000), (3000, 2400)),
        Line("professional", (6000, 6000), (6000, 4600)),
        Line("total", (9000, 9000), (9000, 7000)),
    )
    assert (found.flipped, found.recredited) == (1, 10)


async def test_a_lowered_minimum_flips_the_other_way(registry: Harness, tmp_path: Path) -> None:
    await a_year(registry, LONG, 6, professional=59)
    lowered = {
        'counts: [professional], hours: "60"': 'counts: [professional], hours: "59"',
        'hours: "90"': 'hours: "89"',
    }
    found = await previewed(registry, draft(tmp_path / "draft", lowered))
    assert [each.verdict for each in found.flips] == [("short", "compliant")]


async def test_the_packaged_rulebook_changes_nothing(registry: Harness, tmp_path: Path) -> None:
    await a_year(registry, ENOUGH, 6)
    await registry.enter(registry.record("long", span=(FIRST, FIRST + timedelta(days=9)), centihours=9000))
    await registry.enter(registry.record("held", industry=9))
    await registry.exempt("long")
    found = await previewed(registry, draft(tmp_path / "draft", {}))
    assert (found.flips, found.recredited, found.outcomes) == ([], 0, Counter())


async def test_records_that_the_draft_holds_or_lets_through_are_counted(registry: Harness, tmp_path: Path) -> None:
    await a_year(registry, ENOUGH, 6)
    await registry.employer(EMPLOYER, "450100")
    await registry.platform("p3", region="450000")
    await registry.enter(registry.record("elsewhere", LONG, employer=EMPLOYER), platform="p3")
    assert await registry.state("elsewhere", "p3") == ("held", "JURISDICTION_UNKNOWN", 0)
    moved = {'covers:\n    - region: "350000"': 'covers:\n    - region: "450000"'}
    found = await previewed(registry, draft(tmp_path / "draft", moved))
    unknown = "held JURISDICTION_UNKNOWN"
    assert found.outcomes == {("counts", unknown): 15, (unknown, "counts"): 1}
    assert [(each.verdict, each.jurisdiction) for each in found.flips] == [
        (("compliant", "short"), ("fujian", "fujian"))
    ]
    # Of the one let through, nothing is stamped: it has no verdict to change.
    assert (found.flipped, found.recredited) == (1, 16)


async def test_the_role_tells_who_and_why(registry: Harness, tmp_path: Path) -> None:
    await a_year(registry, ENOUGH, 6)
    await a_year(registry, FULL_DAYS, 6)
    folder, file = draft(tmp_path / "draft", RAISED), tmp_path / "impact.json"
    done = await asyncio.to_thread(
        registry.role, "impact", "--with", str(folder), "--limit", "1", "--processes", "2", "--json", str(file)
    )
    assert done.returncode == 0, done.stderr
    for said in (
        "people whose verdict changes: 2",
        "1 of 2 changed verdicts",
        "professional: 60 of 60 → 60 of 64.5",
        "FJ-01",
    ):
        assert said in done.stdout
    told = json.loads(file.read_text())
    assert told["by_period"] == [
        {"jurisdiction": "fujian", "period": "2025", "before": "compliant", "after": "short", "flips": 2}
    ]
    assert [each["rule"] for each in told["rules"]] == ["FJ-01"]
    assert [each["rules"] for each in told["flips"]] == [["FJ-01"]] * 2
    assert told["flips"][0]["lines"][0] == {"kind": "professional", "required": ["60", "64.5"], "counted": ["60", "60"]}
    changes = told["changes"][registry.registry.rulebook.hash]
    assert {(each["rule"], each["old"], each["new"]) for each in changes if each["rule"] == "FJ-01"}


async def test_a_canonical_file_is_a_draft_too(registry: Harness, tmp_path: Path) -> None:
    await a_year(registry, ENOUGH, 6)
    file = tmp_path / "draft.json"
    file.write_text(read_rulebook(draft(tmp_path / "draft", RAISED)).canonical, encoding="utf-8")
    done = await asyncio.to_thread(registry.role, "impact", "--with", str(file), "--processes", "1")
    assert done.returncode == 0, done.stderr
    assert "people whose verdict changes: 1" in done.stdout


async def test_a_draft_that_does_not_load_is_refused_with_its_place(registry: Harness, tmp_path: Path) -> None:
    folder = draft(tmp_path / "draft", {'rule: FJ-03, hours: "8"': 'rule: FJ-03, hours: "25"'})
    done = await asyncio.to_thread(registry.role, "impact", "--with", str(folder))
    assert done.returncode == 2
    assert "refused jurisdictions/fujian/credit.yaml:" in done.stderr
    done = await asyncio.to_thread(registry.role, "impact", "--with", str(tmp_path / "nothing.json"))
    assert done.returncode == 2
    assert f"refused {tmp_path}/nothing.json:1: not readable" in done.stderr
