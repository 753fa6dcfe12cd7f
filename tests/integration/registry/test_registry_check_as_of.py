"""The dry run about an earlier day: hours by the ledger, and what it refuses to guess."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.support.checking import check, draft, outcome
from tests.support.registry import NOW, Harness
from xueshi_registry.domain.model import Ref
from xueshi_registry.handlers.checks import UnknownStateError

DAY = date(2025, 6, 1)
OTHER = "91350100M000100X55"


async def test_hours_are_those_of_the_day(registry: Harness) -> None:
    asked = date(2025, 12, 5)
    registry.clock.set(NOW + timedelta(days=4))
    await registry.enter(registry.record("r1", days=[(DAY, 500)]))
    registry.clock.set(NOW + timedelta(days=9))
    await registry.enter(registry.record("r1", change="voided", version=2))
    await registry.enter(registry.record("r2", days=[(DAY, 700)]))
    then = await check(registry, draft([(DAY, 600)]), as_of=asked)
    assert outcome(then) == ("registered", "", [(600, 300)])
    assert then.shares[0].competing == ((Ref("p1", "r1", 1), 500),)
    now = await check(registry, draft([(DAY, 600)]))
    assert outcome(now) == ("registered", "", [(600, 100)])


async def test_a_day_is_over_at_midnight_in_china(registry: Harness) -> None:
    registry.clock.set(datetime(2025, 12, 5, 16, 0, tzinfo=UTC))
    await registry.enter(registry.record("r1", days=[(DAY, 500)]))
    before = await check(registry, draft([(DAY, 600)]), as_of=date(2025, 12, 5))
    assert outcome(before) == ("registered", "", [(600, 600)])
    after = await check(registry, draft([(DAY, 600)]), as_of=date(2025, 12, 6))
    assert outcome(after) == ("registered", "", [(600, 300)])


async def test_who_was_not_known_yet_is_not_known(registry: Harness) -> None:
    registry.clock.set(NOW + timedelta(days=9))
    await registry.register(employer="91350100M000100Y43")
    then = await check(registry, draft([(DAY, 600)], employer=OTHER), as_of=date(2025, 12, 5))
    assert outcome(then)[:2] == ("held", "EMPLOYER_UNKNOWN")
    now = await check(registry, draft([(DAY, 600)], employer=OTHER))
    assert outcome(now)[:2] == ("registered", "")


async def test_what_has_changed_since_is_not_guessed(registry: Harness) -> None:
    await registry.register()
    registry.clock.set(NOW + timedelta(days=9))
    await registry.register(until=date(2025, 11, 30))
    await registry.platform("p1", scopes=[("public", 0, "")], revision=2)
    await registry.employer("91350100M000100Y43", "350102")
    with pytest.raises(UnknownStateError) as refused:
        await check(registry, draft([(DAY, 600)]), as_of=date(2025, 12, 5))
    assert set(refused.value.changed) == {"employment", "employer", "platform"}
    await check(registry, draft([(DAY, 600)]), as_of=date(2025, 12, 11))


async def test_a_confirmed_name_and_an_exception_are_changes_too(registry: Harness) -> None:
    await registry.enter(registry.record("r1", days=[(DAY, 900)]))
    registry.clock.set(NOW + timedelta(days=9))
    await registry.exempt("r1")
    await registry.register()
    with pytest.raises(UnknownStateError) as refused:
        await check(registry, draft([(DAY, 600)]), as_of=date(2025, 12, 5))
    assert set(refused.value.changed) == {"person", "records"}


async def test_the_same_again_is_no_change(registry: Harness) -> None:
    await registry.register()
    registry.clock.set(NOW + timedelta(days=9))
    await registry.register()
    await registry.platform("p1", revision=2)
    await registry.employer("91350100M000100Y43", "350504")
    then = await check(registry, draft([(DAY, 600)]), as_of=date(2025, 12, 5))
    assert outcome(then) == ("registered", "", [(600, 600)])


async def test_a_record_that_has_come_is_checked_for_now_alone(registry: Harness) -> None:
    registry.clock.set(NOW + timedelta(days=9))
    await registry.enter(registry.record("r1"))
    with pytest.raises(UnknownStateError, match="record_id"):
        await check(registry, draft([(DAY, 600)], record_id="r1"), as_of=date(2025, 12, 5))


async def test_rows_from_before_this_was_kept_are_known_since_the_migration(registry: Harness) -> None:
    await registry.register()
    # As the migration leaves them: entered at an unknown time, and as they are since it ran.
    async with registry.db.transaction() as tx:
        await tx.sql.execute("UPDATE employment SET entered_at = 'epoch', changed_at = $1", NOW)
    with pytest.raises(UnknownStateError, match="employment"):
        await check(registry, draft([(DAY, 600)]), as_of=date(2025, 11, 30))
    await check(registry, draft([(DAY, 600)]), as_of=date(2025, 12, 1))
