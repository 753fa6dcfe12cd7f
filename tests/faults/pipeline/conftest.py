"""A site on each bus, for all tests of this folder: brought up once, with its world loaded."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.faults.rounds import Stage
from tests.faults.run import staged
from tests.faults.site import together
from tests.support.parts import required
from xueshi_cli.runtime.errors import RuntimeFailure
from xueshi_cli.runtime.kafka import DEFAULT_JARS, fetch_jars, find_java

SEED = 7


@pytest.fixture(scope="module", params=["embedded", "kafka"])
def bus(request: pytest.FixtureRequest) -> str:
    """Give a bus; without what a broker of our own needs its tests are skipped, or fail where it is required."""
    kind = str(request.param)
    if kind == "kafka":
        try:
            find_java()
            fetch_jars(DEFAULT_JARS)
        except RuntimeFailure as error:
            if required() & {"kafka", "docker"}:
                pytest.fail(f"Kafka is required: {error}", pytrace=False)
            pytest.skip(f"no Kafka: {error}")
    return kind


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(bus: str) -> AsyncIterator[Stage]:
    """Give a running site with its load's people, all in as few processes as show the same."""
    with tempfile.TemporaryDirectory(prefix="xueshi-pipeline-") as folder:
        root = Path(folder)
        await asyncio.to_thread(root.chmod, 0o755)  # the server does not run as root
        async with staged(root, bus, SEED, together(), offices_only=True) as made:
            yield made
