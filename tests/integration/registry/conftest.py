"""Fixtures of the registry's suites."""

from collections.abc import AsyncIterator

import pytest

from tests.support.databases import DatabaseFactory
from tests.support.registry import Harness


@pytest.fixture
async def registry(make_database: DatabaseFactory) -> AsyncIterator[Harness]:
    """Give a registry on a database of its own."""
    harness = await Harness.open(make_database)
    yield harness
    await harness.db.close()
