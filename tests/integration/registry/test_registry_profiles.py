"""What decides which requirement applies to a person: kept with the dated employment."""

from datetime import date

from tests.support.registry import EMPLOYER, Harness
from xueshi_registry.domain.model import NO_PROFILE, Profile
from xueshi_registry.store import people as store

NUMBER = "359900199003070011"
TEACHER = Profile("teacher", "", date(2023, 9, 1))
NURSE = Profile("health", "secondary")


async def profiles(registry: Harness) -> list[Profile]:
    """Return the profiles of the person's employments, oldest first."""
    key = registry.key(NUMBER)
    async with registry.db.transaction() as tx:
        return [each.profile for each in (await store.employments_of(tx, [key]))[key]]


async def test_each_employment_has_its_own(registry: Harness) -> None:
    await registry.register(profile=TEACHER, until=date(2025, 6, 30))
    await registry.register(since=date(2025, 7, 1), profile=NURSE)
    assert await profiles(registry) == [TEACHER, NURSE]


async def test_the_same_employment_again_replaces_what_stood(registry: Harness) -> None:
    await registry.register(employer=EMPLOYER)
    assert await profiles(registry) == [NO_PROFILE]
    await registry.register(employer=EMPLOYER, profile=NURSE)
    assert await profiles(registry) == [NURSE]
