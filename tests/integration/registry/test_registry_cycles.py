"""A teacher's five years add up from the hours of their days (LJ-04)."""

from datetime import date

import pytest

from tests.support.registry import Harness
from xueshi_registry.domain.model import Profile
from xueshi_registry.domain.transcripts import Judged
from xueshi_registry.handlers.transcripts import judge_cycle
from xueshi_rulebook import UnknownPeriodError

NUMBER = "359900199003070011"
SCHOOL = "91350504MA00000018"
CYCLE = "20210901-20260831"


async def cycle(registry: Harness, period: str = CYCLE) -> Judged | None:
    async with registry.db.transaction() as tx:
        return await judge_cycle(tx, registry.registry, registry.key(NUMBER), period)


async def test_the_hours_of_a_cycles_days_add_up_over_years(registry: Harness) -> None:
    await registry.employer(SCHOOL, "350504")
    await registry.register(employer=SCHOOL, profile=Profile("teacher", "", date(2021, 9, 1)))
    assert await cycle(registry) is None
    await registry.enter(
        registry.record("within-1", days=((date(2024, 6, 1), 800),)),
        registry.record("within-2", days=((date(2025, 6, 1), 700),)),
        registry.record("after", days=((date(2026, 9, 1), 600),)),
    )
    judged = await cycle(registry)
    assert judged is not None
    assert (judged.jurisdiction, judged.progress.verdict) == ("luojiang", "short")
    assert judged.progress.profile == "luojiang-teacher-cycle"
    lines = {line.kind: line for line in judged.progress.lines}
    assert (lines["total"].required, lines["total"].registered, lines["total"].counted) == (45000, 1500, 0)
    assert lines["required_course"].unit == "items"


async def test_days_that_are_no_cycle_are_refused(registry: Harness) -> None:
    await registry.employer(SCHOOL, "350504")
    await registry.register(employer=SCHOOL, profile=Profile("teacher", "", date(2021, 9, 1)))
    await registry.enter(registry.record("within"))
    with pytest.raises(UnknownPeriodError):
        await cycle(registry, "20210901-20220831")
