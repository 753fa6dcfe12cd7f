"""The sample client against the service: over Kafka, over its own role on the embedded bus, and by pulling."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx
import pytest
from title_review_client.client import Applicant, Memory, Register, check, follow, pull
from title_review_client.topics import EmbeddedTopics, KafkaTopics

from tests.support.databases import DatabaseFactory
from tests.support.title_review import NUMBER, TitleReview
from xueshi.titlereview.v1.verified_hours_pb2 import Acknowledgement, VerifiedHours
from xueshi_cli.runtime.provision import Provisioned, scram_verifier, with_database
from xueshi_kit.bus import MAX_VALUE_BYTES, Bus, Topic
from xueshi_kit.bus.embedded import EmbeddedBus, install
from xueshi_kit.bus.embedded.outside import admit_outside
from xueshi_kit.bus.kafka import KafkaBus
from xueshi_kit.events import topic_of
from xueshi_kit.inbox import Worker
from xueshi_kit.outbox import Relay
from xueshi_title_review.consumer import subscriptions

OTHER = "35990019900307002X"
TOLD, SAID = topic_of(VerifiedHours), topic_of(Acknowledgement)
PUBLISH = "SELECT outside_publish($1, $2, $3, $4)"


def register(review: TitleReview) -> Register:
    """Return the client's register of one applicant, under the key that it shares with the service."""
    made = Register(b"", "r1", [Applicant("resident_id", NUMBER)])
    made.by_ref = {review.ref(): Applicant("resident_id", NUMBER)}
    return made


async def relay(review: TitleReview, bus: Bus) -> None:
    """Publish what the service has told."""
    relay = Relay(review.db, bus, review.desk.outbox, holder="test")
    while await relay.relay_once():
        pass


@asynccontextmanager
async def listening(review: TitleReview, bus: Bus) -> AsyncIterator[None]:
    """Take acknowledgements within the block, and all that are there at its end."""
    (subscription,) = [each for each in subscriptions(review.desk) if each.event is Acknowledgement]
    running = asyncio.create_task(Worker(review.db, bus, subscription, after_commit=lambda: None).run())
    try:
        yield
        async with asyncio.timeout(30):
            while await bus.lag(subscription.consumer, [SAID.name]):  # noqa: ASYNC110 - nothing tells of the lag
                await asyncio.sleep(0.05)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def waiting(client: httpx.AsyncClient) -> list[tuple[str, int]]:
    items = (await client.get("/v1/unacknowledged")).json()["items"]
    return [(item["state"], item["revision"]) for item in items]


@pytest.fixture
async def embedded(
    make_database: DatabaseFactory, postgres: str
) -> AsyncIterator[tuple[EmbeddedBus, str, Provisioned]]:
    """Give an embedded bus and the URL of an outside client's role on it."""
    made = make_database("bus")
    await install(made.owner_dsn, 4)
    role, password = f"{made.name}_outside", secrets.token_urlsafe(16)
    admin = await asyncpg.connect(postgres)
    await admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{scram_verifier(password)}'")
    for _ in range(2):
        await admit_outside(made.owner_dsn, role, reads=[TOLD.name], writes=[SAID.name])
    bus = await EmbeddedBus.open(made.app_dsn, 4)
    await bus.ensure_topics([TOLD, SAID, Topic("xueshi.registry.hours")])
    try:
        yield bus, with_database(made.app_dsn, role, password, made.name), made
    finally:
        await bus.close()
        await admin.execute(f"DROP DATABASE {made.name} WITH (FORCE)")
        await admin.execute(f"DROP ROLE {role}")
        await admin.close()


async def test_over_its_own_role_on_the_embedded_bus(
    review: TitleReview,
    client: httpx.AsyncClient,
    embedded: tuple[EmbeddedBus, str, Provisioned],
    tmp_path: Path,
) -> None:
    bus, url, _ = embedded
    await review.take(review.transcript(1), review.transcript(1, OTHER))
    await review.take(review.proof(1))
    await relay(review, bus)
    memory = Memory(tmp_path / "held.sqlite")
    async with listening(review, bus), EmbeddedTopics.open(url, memory) as topics:
        assert await follow(topics, memory, register(review), once=True) == (3, 0)
        assert await follow(topics, memory, register(review), once=True) == (0, 0)
    assert memory.revision(review.ref(), "2025") == 2
    assert await waiting(client) == []
    memory.close()


async def test_a_restored_log_is_refused_where_it_is_older(
    review: TitleReview,
    client: httpx.AsyncClient,
    embedded: tuple[EmbeddedBus, str, Provisioned],
    tmp_path: Path,
) -> None:
    bus, url, _ = embedded
    await review.take(review.transcript(1))
    await relay(review, bus)
    memory = Memory(tmp_path / "held.sqlite")
    memory.keep({"subject_ref": review.ref(), "period": "2025", "revision": 9})
    async with listening(review, bus), EmbeddedTopics.open(url, memory) as topics:
        assert await follow(topics, memory, register(review), once=True) == (0, 1)
    assert await waiting(client) == [("refused", 1)]
    memory.close()


async def test_the_role_sees_its_two_topics_and_nothing_else(embedded: tuple[EmbeddedBus, str, Provisioned]) -> None:
    _, url, _ = embedded
    connection = await asyncpg.connect(url)
    try:
        for table in ("messages", "topics", "partition_heads", "group_partitions", "outside_rights", "bus_layout"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(f"SELECT FROM {table}")
        assert {row["topic"] for row in await connection.fetch("SELECT topic FROM outside_partitions")} == {TOLD.name}
        for topic in (TOLD.name, "xueshi.registry.hours", "no-such-topic"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(PUBLISH, topic, 0, "k", b"v")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("CREATE TABLE own (id int)")
        assert await connection.fetchval(PUBLISH, SAID.name, 0, "k", b"v" * MAX_VALUE_BYTES) == 0
        with pytest.raises(asyncpg.ProgramLimitExceededError):
            await connection.execute(PUBLISH, SAID.name, 0, "k", b"v" * (MAX_VALUE_BYTES + 1))
        with pytest.raises(asyncpg.InvalidParameterValueError):
            await connection.execute(PUBLISH, SAID.name, 4, "k", b"v")
    finally:
        await connection.close()


async def test_the_services_own_role_cannot_admit_anyone(embedded: tuple[EmbeddedBus, str, Provisioned]) -> None:
    *_, made = embedded
    connection = await asyncpg.connect(made.app_dsn)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("UPDATE outside_rights SET may_read = true")
    finally:
        await connection.close()


async def test_over_kafka(review: TitleReview, client: httpx.AsyncClient, kafka: str, tmp_path: Path) -> None:
    bus = await KafkaBus.open(kafka, 4)
    await bus.ensure_topics([TOLD, SAID])
    await review.take(review.transcript(1), review.transcript(1, OTHER))
    await relay(review, bus)
    memory = Memory(tmp_path / "held.sqlite")
    async with listening(review, bus), KafkaTopics.open(kafka) as topics:
        taken = 0
        async with asyncio.timeout(60):
            while taken < 2:
                taken += (await follow(topics, memory, register(review), once=True))[0]
    await bus.close()
    assert memory.revision(review.ref(), "2025") == 1
    assert await waiting(client) == []
    memory.close()


async def test_by_pulling_and_checking(review: TitleReview, client: httpx.AsyncClient, tmp_path: Path) -> None:
    numbers = [f"3599001990030{count:05}" for count in range(150)]
    await review.take(review.transcript(1), *(review.transcript(1, number) for number in numbers))
    memory = Memory(tmp_path / "held.sqlite")
    assert await pull(client, memory, register(review)) == (151, 0)
    assert await pull(client, memory, register(review)) == (0, 0)
    await review.take(review.proof(1))
    assert await pull(client, memory, register(review)) == (1, 0)
    assert memory.revision(review.ref(), "2025") == 2
    results = await check(client, register(review), 2025)
    assert {ref: item["verdict"] for ref, item in results.items()} == {review.ref(): "short"}
    memory.close()
