"""Where a PostgreSQL and a Kafka broker for tests come from, in order of preference."""

import asyncio
import functools
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from xueshi_cli.runtime.errors import RuntimeFailure
from xueshi_cli.runtime.kafka import LocalKafka
from xueshi_cli.runtime.postgres import EmbeddedPostgres

_WITHOUT_DURABILITY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""A session's data is thrown away, so the disk need not keep up. Tests of durability start a server of their own."""


class MissingError(Exception):
    """A part is not to be had; the message says why, for the summary."""


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A PostgreSQL for the session. `embedded` is None where it is not our own process.

    `outlives_session` tells whether what the tests leave on it stays there.
    """

    dsn: str
    source: str
    outlives_session: bool = False
    embedded: EmbeddedPostgres | None = None


@dataclass(frozen=True, slots=True)
class KafkaServer:
    """A broker for the session. `local` is None where it is not our own process."""

    bootstrap_servers: str
    source: str
    local: LocalKafka | None = None


def required() -> set[str]:
    """Return the parts whose absence is a failure: `XUESHI_REQUIRE`, separated by commas or blanks."""
    return set(os.environ.get("XUESHI_REQUIRE", "").replace(",", " ").split())


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Give a PostgreSQL: the given one, else a container, else the embedded server in a folder of its own."""
    given = os.environ.get("XUESHI_TEST_DATABASE_URL")
    image = os.environ.get("XUESHI_POSTGRES_IMAGE")
    if given:
        yield PostgresServer(given, "XUESHI_TEST_DATABASE_URL", outlives_session=True)
    elif image and _docker_answers():
        from tests.support import containers  # noqa: PLC0415 - half a second that only such sessions pay

        with containers.postgres(image, _WITHOUT_DURABILITY) as dsn:
            yield PostgresServer(dsn, f"container {image}")
    else:
        with tempfile.TemporaryDirectory(prefix="xueshi-postgres-") as folder:
            server = EmbeddedPostgres(Path(folder), settings=_WITHOUT_DURABILITY)
            dsn = asyncio.run(server.start())
            try:
                yield PostgresServer(dsn, "embedded", embedded=server)
            finally:
                asyncio.run(server.stop())


@contextmanager
def kafka_server() -> Iterator[KafkaServer]:
    """Give a broker: the given one, else a container, else one from Maven. Raises `MissingError` without any."""
    given = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    image = os.environ.get("XUESHI_KAFKA_IMAGE")
    if given:
        yield KafkaServer(given, "KAFKA_BOOTSTRAP_SERVERS")
    elif image and _docker_answers():
        from tests.support import containers  # noqa: PLC0415 - as above

        with containers.kafka(image) as address:
            yield KafkaServer(address, f"container {image}")
    else:
        with tempfile.TemporaryDirectory(prefix="xueshi-kafka-") as folder:
            broker = LocalKafka(Path(folder))
            try:
                address = asyncio.run(broker.start())
            except RuntimeFailure as error:
                raise MissingError(str(error)) from error
            try:
                yield KafkaServer(address, "Maven", broker)
            finally:
                asyncio.run(broker.stop())


@functools.cache
def _docker_answers() -> bool:
    """Tell whether a Docker engine answers. Raises `MissingError` where it must and does not."""
    import docker  # type: ignore[import-untyped] # noqa: PLC0415 - half a second that only such sessions pay
    from docker.errors import DockerException  # type: ignore[import-untyped] # noqa: PLC0415 - as above

    try:
        docker.from_env(timeout=5).ping()
    except DockerException as error:
        if "docker" in required():
            message = f"no Docker engine answers: {error}"
            raise MissingError(message) from error
        return False
    return True
