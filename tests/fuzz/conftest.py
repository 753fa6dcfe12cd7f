"""A gateway that runs, for the tests here."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fuzz.gateway import Gateway, running_gateway
from tests.fuzz.run import SHORT_PATIENCE
from tests.support.databases import DatabaseFactory

HEAD_SECONDS, BODY_SECONDS = (float(SHORT_PATIENCE[name]) for name in ("head_seconds", "body_seconds"))


@pytest.fixture(scope="module")
def gateway(make_database: DatabaseFactory, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Give a gateway as a process of its own, which waits for slow clients for a second or two only."""
    folder: Path = tmp_path_factory.mktemp("gateway")
    with asyncio.Runner() as runner:
        running = running_gateway(make_database, folder, **SHORT_PATIENCE)
        yield runner.run(running.__aenter__())
        runner.run(running.__aexit__(None, None, None))
