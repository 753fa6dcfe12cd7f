"""The local Kafka broker: topics outlive a restart and a kill, a second broker is refused, what is missing is named."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests.support.parts import KafkaServer
from xueshi_cli.runtime.errors import ChildFailedError, FolderInUseError, MissingPartError
from xueshi_cli.runtime.kafka import DEFAULT_JARS, LocalKafka, fetch_jars, find_java

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture
async def broker(kafka_server: KafkaServer, tmp_path: Path) -> AsyncIterator[LocalKafka]:
    """Give a broker of its own, where the session's comes from Maven as well."""
    if kafka_server.local is None:
        pytest.skip("the broker of this session is no local one")
    broker = LocalKafka(tmp_path / "node")
    await broker.start()
    yield broker
    await broker.stop()


async def create_topic(address: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    try:
        await admin.create_topics([NewTopic("facts", 1, 1)])
    finally:
        await admin.close()


async def write(address: str, value: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=address, acks="all") as producer:
        await producer.send_and_wait("facts", value)


async def read(address: str, count: int) -> list[bytes]:
    async with AIOKafkaConsumer("facts", bootstrap_servers=address, auto_offset_reset="earliest") as consumer:
        return [(await consumer.getone()).value for _ in range(count)]


async def test_topics_and_messages_outlive_restart_and_kill(broker: LocalKafka) -> None:
    address = broker.bootstrap_servers
    await create_topic(address)
    await write(address, b"first")
    await broker.restart()
    await write(address, b"second")
    await broker.kill()
    assert broker.pid is None
    await broker.restart()
    assert await read(broker.bootstrap_servers, 2) == [b"first", b"second"]
    assert "Kafka Server started" in broker.log_file.read_text("utf-8")
    with pytest.raises(FolderInUseError, match="another server runs on"):
        await LocalKafka(broker.log_file.parent).start()


@pytest.mark.usefixtures("broker")
def test_the_module_serves_in_the_foreground_until_interrupted(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "xueshi_cli.runtime.kafka", str(tmp_path / "foreground")],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY / "cli" / "src")},
    ) as served:
        assert served.stdout is not None
        assert served.stdout.readline().startswith("Kafka: 127.0.0.1:")
        served.send_signal(signal.SIGINT)
        assert served.wait(30) == 0


def test_missing_java_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    with pytest.raises(MissingPartError, match="Java is missing: a local Kafka needs Java 17"):
        find_java()


def test_an_old_java_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n")
    java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(MissingPartError, match=r"Java is too old: .* says: openjdk version .11\.0\.2"):
        find_java()


def test_missing_maven_is_named_only_when_it_is_needed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(MissingPartError, match="Maven is missing"):
        fetch_jars(tmp_path / "jars")
    if (DEFAULT_JARS / "pom.sha256").exists():
        fetch_jars(DEFAULT_JARS)


def test_a_failing_maven_is_reported_and_leaves_nothing_that_looks_done(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    maven = tmp_path / "mvn"
    maven.write_text("#!/bin/sh\necho 'no such artifact'; exit 1\n")
    maven.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    for _ in range(2):
        with pytest.raises(ChildFailedError, match="Maven could not fetch the broker's jars: no such artifact"):
            fetch_jars(tmp_path / "jars")
