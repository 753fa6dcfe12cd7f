"""Hours under the registry's rules: entered, shared by day, corrected, voided, held, released, decided."""

import asyncio
from collections.abc import Iterable
from datetime import date

import pytest

from tests.support.registry import Harness
from xueshi_kit.db import Transaction
from xueshi_registry.domain.model import Person, PersonKey, Ref
from xueshi_registry.handlers.decisions import apply_decisions
from xueshi_registry.store import people as people_store
from xueshi_registry.wire import Decided

NUMBER = "359900199003070011"
DAY = date(2025, 6, 1)
NEXT = date(2025, 6, 2)


async def test_a_record_of_a_known_employer_is_registered_automatically(registry: Harness) -> None:
    await registry.enter(registry.record("r1"))
    assert await registry.state("r1") == ("registered", "", 800)
    (change,) = await registry.changes()
    assert (change.state, change.credited_centihours) == ("registered", 800)
    assert change.registration.registered_by == "automatic"
    assert change.registration.region == "350504"
    assert change.registration.person_label == "陈* 359900********0011"
    assert "FJ-04" in change.rule_ids


async def test_the_second_record_of_a_day_gets_what_is_left(registry: Harness) -> None:
    await registry.enter(registry.record("r1", days=[(DAY, 500)]))
    await registry.enter(registry.record("r2", days=[(DAY, 600)]), platform="p2")
    assert await registry.state("r2", "p2") == ("registered", "", 300)
    assert (await registry.changes())[-1].code == "DAY_CAP_REACHED"


async def test_a_void_frees_hours_for_the_next_under_its_own_stamp(registry: Harness) -> None:
    await registry.enter(registry.record("r1", days=[(DAY, 500)]), registry.record("r2", days=[(DAY, 600)]))
    await registry.decide("stamped", "r2")
    await registry.enter(registry.record("r1", change="voided", version=2))
    assert await registry.state("r1") == ("voided", "", 0)
    assert await registry.state("r2") == ("stamped", "", 600)
    entries = await registry.fetch("SELECT account, centihours, cause FROM ledger ORDER BY id")
    assert [tuple(each) for each in entries] == [
        ("registered", 500, "accepted"),
        ("registered", 300, "accepted"),
        ("stamped", 300, "stamped"),
        ("registered", -500, "voided"),
        ("registered", 300, "cap"),
        ("stamped", 300, "cap"),
    ]
    assert [change.state for change in await registry.changes()][-2:] == ["voided", "credited"]


async def test_a_correction_keeps_its_place_before_later_records(registry: Harness) -> None:
    await registry.enter(registry.record("r1", days=[(DAY, 500)]))
    await registry.enter(registry.record("r2", days=[(DAY, 600)]))
    await registry.enter(registry.record("r1", days=[(DAY, 700)], change="corrected", version=2))
    assert await registry.state("r1") == ("registered", "", 700)
    assert await registry.state("r2") == ("registered", "", 100)


async def test_a_correction_within_the_same_batch(registry: Harness) -> None:
    await registry.enter(
        registry.record("r1", days=[(DAY, 500)]),
        registry.record("r1", days=[(NEXT, 200)], change="corrected", version=2),
    )
    rows = await registry.fetch("SELECT version, state, credited FROM record ORDER BY version")
    assert [tuple(each) for each in rows] == [(1, "superseded", [0]), (2, "registered", [200])]


async def test_a_range_fills_the_earliest_day_first(registry: Harness) -> None:
    await registry.enter(registry.record("r1", span=(DAY, NEXT), centihours=1000))
    (row,) = await registry.fetch("SELECT days, credited FROM record")
    assert (row["days"], row["credited"]) == ([DAY, NEXT], [800, 200])


async def test_new_year_splits_a_record_by_day(registry: Harness) -> None:
    days = [(date(2024, 12, 31), 300), (date(2025, 1, 1), 400)]
    await registry.enter(registry.record("r1", days=days))
    rows = await registry.fetch("SELECT period, centihours FROM ledger ORDER BY period")
    assert [tuple(each) for each in rows] == [("2024", 300), ("2025", 400)]


async def test_a_stamp_makes_a_transcript_and_a_withdrawn_one_takes_it_back(registry: Harness) -> None:
    await registry.enter(registry.record("r1"))
    assert await registry.transcripts() == []
    await registry.decide("queued", "r1")
    await registry.decide("stamped", "r1")
    (told,) = await registry.transcripts()
    assert [(entry.record_id, entry.credited_centihours) for entry in told.entries] == [("r1", 800)]
    assert {total.kind: total.stamped_centihours for total in told.totals}["professional"] == 800
    assert told.verdict == "short"
    assert told.entries[0].authority_name == "洛江区人社局"
    await registry.decide("revoked", "r1")
    newest = (await registry.transcripts())[-1]
    assert list(newest.entries) == []
    assert newest.revision > told.revision
    assert await registry.state("r1") == ("revoked", "STAMP_WITHDRAWN", 0)


async def test_a_decision_on_an_older_version_changes_nothing(registry: Harness) -> None:
    await registry.enter(registry.record("r1"))
    await registry.enter(registry.record("r1", days=[(DAY, 300)], change="corrected", version=2))
    await registry.decide("stamped", "r1", version=1)
    assert await registry.state("r1") == ("registered", "", 300)


async def test_an_unknown_employer_holds_until_it_is_known(registry: Harness) -> None:
    await registry.enter(registry.record("r1", employer="91350100M000100X55"))
    assert await registry.state("r1") == ("held", "EMPLOYER_UNKNOWN", 0)
    await registry.register()
    assert await registry.state("r1") == ("registered", "", 800)
    assert [change.state for change in await registry.changes()] == ["held", "registered"]


async def test_a_claimed_person_under_another_name_is_held_until_it_is_confirmed(registry: Harness) -> None:
    await registry.register()
    await registry.enter(registry.record("r1", name="陈小"), registry.record("r2", name="陈 晓", days=[(NEXT, 100)]))
    assert await registry.state("r1") == ("held", "NAME_MISMATCH", 0)
    assert await registry.state("r2") == ("registered", "", 100)
    await registry.register(name="陈小")
    assert await registry.state("r1") == ("registered", "", 800)
    assert await registry.state("r2") == ("held", "NAME_MISMATCH", 0)


async def test_a_second_name_holds_both_sides_of_an_unclaimed_person(registry: Harness) -> None:
    await registry.enter(registry.record("r1"))
    await registry.decide("stamped", "r1")
    await registry.enter(registry.record("r2", name="陈小", days=[(NEXT, 100)]))
    assert await registry.state("r1") == ("held", "NAME_UNCONFIRMED", 0)
    assert await registry.state("r2") == ("held", "NAME_UNCONFIRMED", 0)
    await registry.register(name="陈晓")
    assert await registry.state("r1") == ("registered", "", 800)
    assert await registry.state("r2") == ("held", "NAME_MISMATCH", 0)


async def test_two_names_for_a_new_person_in_one_batch_hold_both(registry: Harness) -> None:
    await registry.enter(registry.record("r1"), registry.record("r2", name="陈小", days=[(NEXT, 100)]))
    assert (await registry.state("r1"))[:2] == ("held", "NAME_UNCONFIRMED")
    assert (await registry.state("r2"))[:2] == ("held", "NAME_UNCONFIRMED")


async def test_a_subject_that_is_not_confirmed_holds_until_the_platform_has_it(registry: Harness) -> None:
    await registry.platform("p1", scopes=[("public", 0, "")], revision=2)
    await registry.enter(registry.record("r1"))
    assert await registry.state("r1") == ("held", "SCOPE_UNCONFIRMED", 0)
    await registry.platform("p1", revision=3)
    assert await registry.state("r1") == ("registered", "", 800)


async def test_a_city_platform_outside_its_city_is_held(registry: Harness) -> None:
    await registry.platform("p3", region="350200")
    await registry.enter(registry.record("r1"), platform="p3")
    assert await registry.state("r1", "p3") == ("held", "OUT_OF_SCOPE", 0)


async def test_a_void_of_a_held_record_ends_it(registry: Harness) -> None:
    await registry.enter(registry.record("r1", employer=""))
    await registry.enter(registry.record("r1", change="voided", version=2))
    assert await registry.state("r1") == ("voided", "", 0)


async def test_a_correction_of_a_returned_record_takes_its_old_place(registry: Harness) -> None:
    await registry.enter(registry.record("r1", days=[(DAY, 500)]), registry.record("r2", days=[(DAY, 600)]))
    await registry.decide("returned", "r1")
    assert await registry.state("r1") == ("returned", "RETURNED", 0)
    assert await registry.state("r2") == ("registered", "", 600)
    await registry.enter(registry.record("r1", days=[(DAY, 400)], change="corrected", version=2))
    assert await registry.state("r1") == ("registered", "", 400)
    assert await registry.state("r2") == ("registered", "", 400)
    versions = await registry.fetch("SELECT version, state FROM record WHERE record_id = 'r1' ORDER BY version")
    assert [tuple(each) for each in versions] == [(1, "superseded"), (2, "registered")]


async def test_an_employers_corrected_region_frees_its_people(registry: Harness) -> None:
    other = "91350100M000100X55"
    await registry.employer(other, region="440100")
    await registry.register(employer=other)
    await registry.enter(registry.record("r1"))
    assert await registry.state("r1") == ("held", "JURISDICTION_UNKNOWN", 0)
    await registry.employer(other, region="350504")
    assert await registry.state("r1") == ("registered", "", 800)


async def test_an_exception_from_the_cap_outlives_a_hold(registry: Harness) -> None:
    await registry.enter(registry.record("r1"), registry.record("r2"))
    assert await registry.state("r2") == ("registered", "", 0)
    await registry.exempt("r2")
    assert await registry.state("r2") == ("registered", "", 800)
    await registry.enter(registry.record("r3", name="陈小", days=[(NEXT, 100)]))
    await registry.register(name="陈晓")
    assert await registry.state("r2") == ("registered", "", 800)


async def test_a_late_stamp_does_not_meet_a_newer_registration(registry: Harness) -> None:
    await registry.enter(registry.record("r1"))
    (first,) = await registry.changes()
    await registry.enter(registry.record("r2", name="陈小", days=[(NEXT, 100)]))
    await registry.register(name="陈晓")
    await registry.decide("stamped", "r1", position=first.position)
    assert await registry.state("r1") == ("registered", "", 800)
    newest = [change for change in await registry.changes() if change.record_id == "r1"][-1]
    await registry.decide("stamped", "r1", position=newest.position)
    assert await registry.state("r1") == ("stamped", "", 800)


async def test_a_withdrawal_that_crosses_a_hold_holds(registry: Harness) -> None:
    await registry.enter(registry.record("r1"))
    await registry.decide("stamped", "r1")
    await registry.enter(registry.record("r2", name="陈小", days=[(NEXT, 100)]))
    await registry.decide("revoked", "r1")
    await registry.register(name="陈晓")
    assert await registry.state("r1") == ("revoked", "STAMP_WITHDRAWN", 0)


async def test_a_record_without_an_authority_says_so(registry: Harness) -> None:
    await registry.enter(registry.record("r1"))
    await registry.decide("queued", "r1", reason_code="NO_AUTHORITY")
    assert (await registry.state("r1"))[:2] == ("queued", "NO_AUTHORITY")
    assert (await registry.changes())[-1].code == "NO_AUTHORITY"
    await registry.decide("queued", "r1")
    assert (await registry.state("r1"))[:2] == ("queued", "")


@pytest.mark.parametrize("outcome", ["queued", "stamped"])
async def test_hours_that_move_along_with_a_decision_are_said_besides(registry: Harness, outcome: str) -> None:
    await registry.enter(registry.record("r1", days=[(DAY, 500)]), registry.record("r2", days=[(DAY, 600)]))
    told = [
        Decided(Ref("p1", record_id, 1), registry.key(NUMBER), decided, "hrss-350504", "洛江区人社局", "", "", ())
        for record_id, decided in (("r1", "returned"), ("r2", outcome))
    ]
    async with registry.db.transaction() as tx:
        await apply_decisions(tx, registry.registry, told)
    last = [(each.state, each.credited_centihours) for each in await registry.changes() if each.record_id == "r2"][-2:]
    assert last == [(outcome, 600), ("credited", 600)]
    positions = [each.position for each in await registry.changes()]
    assert positions == list(range(1, len(positions) + 1))


async def test_the_rules_of_a_decision_stay_with_the_record(registry: Harness) -> None:
    await registry.enter(registry.record("r1", days=[(DAY, 500)]), registry.record("r2", days=[(DAY, 600)]))
    await registry.decide("stamped", "r2")
    await registry.enter(registry.record("r1", change="voided", version=2))
    credited = (await registry.changes())[-1]
    assert (credited.state, "FJ-08" in credited.rule_ids) == ("credited", True)
    (entry,) = await registry.fetch("SELECT caused_by FROM ledger WHERE cause = 'cap' AND account = 'stamped'")
    assert entry["caused_by"] == "p1/r1/1"


async def test_a_held_record_can_be_returned_and_corrected(registry: Harness) -> None:
    await registry.enter(registry.record("r1", employer=""))
    await registry.return_held("r1")
    assert await registry.state("r1") == ("returned", "RETURNED", 0)
    await registry.enter(registry.record("r1", change="corrected", version=2))
    assert await registry.state("r1") == ("registered", "", 800)


async def test_scopes_that_change_while_records_are_judged_leave_none_behind(registry: Harness) -> None:
    await registry.platform("p1", scopes=[], revision=2)
    await asyncio.gather(
        *(registry.enter(registry.record(f"r{n}", days=[(DAY, 10)])) for n in range(12)),
        registry.platform("p1", revision=3),
    )
    await registry.work_off_releases()
    assert await registry.fetch("SELECT count(*) AS n FROM record WHERE state = 'held'") == [(0,)]


async def test_a_decision_touches_nothing_that_it_has_not_locked(
    registry: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = people_store.lock_people

    async def lock_then_be_overtaken(tx: Transaction, keys: Iterable[PersonKey]) -> dict[PersonKey, Person]:
        """Lock, and let the person's first record commit before the records are read."""
        locked = await lock(tx, keys)
        monkeypatch.setattr(people_store, "lock_people", lock)
        await registry.enter(registry.record("r1"))
        return locked

    monkeypatch.setattr(people_store, "lock_people", lock_then_be_overtaken)
    await registry.decide("returned", "r1")
    assert await registry.state("r1") == ("registered", "", 800)
