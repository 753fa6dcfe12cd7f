"""PostgreSQL and Kafka in containers, for images that keep to the official ones' environment variables.

That is so for `postgres`, `apache/kafka` and for our own of `deploy/images`. The reaper container of testcontainers is
an image that not every place can fetch: `TESTCONTAINERS_RYUK_DISABLED=true` does without it.
"""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager

import asyncpg
from testcontainers.core.container import DockerContainer

from xueshi_cli.runtime.kafka import broker_answers
from xueshi_cli.runtime.ports import LOOPBACK, free_ports

_START_SECONDS = 90.0
_POLL_SECONDS = 0.2
_LOG_CHARACTERS = 2000
_POSTGRES_PORT = 5432
_CONTROLLER_PORT = 9093


class ContainerError(Exception):
    """A container did not come up; the message ends with its log."""

    def __init__(self, container: DockerContainer) -> None:
        """Take the state and the end of the log from the container."""
        output = b"".join(container.get_logs()).decode("utf-8", "replace")
        super().__init__(f"{container.image} did not answer ({container.status}):\n{output[-_LOG_CHARACTERS:]}")


@contextmanager
def postgres(image: str, settings: Mapping[str, str]) -> Iterator[str]:
    """Run the image with these server settings and give the administrator's URL once it takes connections."""
    (port,) = free_ports(1)
    password = secrets.token_urlsafe(16)
    dsn = f"postgresql://postgres:{password}@{LOOPBACK}:{port}/postgres"

    async def answers() -> bool:
        try:
            await (await asyncpg.connect(dsn, timeout=5)).close()
        except (OSError, asyncpg.PostgresError):
            return False
        return True

    container = DockerContainer(image).with_env("POSTGRES_PASSWORD", password).with_bind_ports(_POSTGRES_PORT, port)
    options = [f"-c{name}={value}" for name, value in settings.items()]
    with container.with_command(["postgres", *options]):
        _wait(container, answers)
        yield dsn


@contextmanager
def kafka(image: str) -> Iterator[str]:
    """Run the image as one node and give its bootstrap address once it serves.

    A broker tells its clients its own address, so it listens on the same port inside and outside.
    """
    (port,) = free_ports(1)
    address = f"{LOOPBACK}:{port}"
    environment = {
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": f"1@localhost:{_CONTROLLER_PORT}",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_LISTENERS": f"PLAINTEXT://:{port},CONTROLLER://localhost:{_CONTROLLER_PORT}",
        "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://{address}",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "KAFKA_INTER_BROKER_LISTENER_NAME": "PLAINTEXT",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
    }
    with DockerContainer(image).with_envs(**environment).with_bind_ports(port, port) as container:
        _wait(container, lambda: broker_answers(address))
        yield address


def _wait(container: DockerContainer, answers: Callable[[], Awaitable[bool]]) -> None:
    """Wait until the container answers. Raises `ContainerError` when it ends or takes too long."""

    async def poll() -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not await answers():
            container.reload()
            if container.status == "exited" or time.monotonic() >= deadline:
                raise ContainerError(container)
            await asyncio.sleep(_POLL_SECONDS)

    asyncio.run(poll())
