"""A service as a process: how it stops, what ends it, and what it says on its way out."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from tests.contract.bus.rigs import EmbeddedRig
from tests.support.counting.service import BUCKETS, Counting, event_of, new_keys, running, until
from xueshi_cli.runtime.ports import free_ports
from xueshi_kit.inbox import STALLED_EXIT_CODE
from xueshi_kit.outbox import OutboxEvent

REQUESTS = 2000
CONNECTIONS = 8
DRAIN_SECONDS = 1.5


@asynccontextmanager
async def process(
    counting: Counting, rig: EmbeddedRig, *arguments: str, **settings: str
) -> AsyncIterator[tuple[Process, str]]:
    """Run the counting service in a role; give the process and its address."""
    port = free_ports(1)[0]
    given = {
        "database_url": counting.app_dsn,
        "bus_url": rig.url,
        "buckets": str(BUCKETS),
        "port": str(port),
        "topic_prefix": counting.bus.prefix,
        **settings,
    }
    environment = os.environ | {f"XUESHI_{name.upper()}": value for name, value in given.items()}
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.counting", *arguments, env=environment, stdout=PIPE, stderr=PIPE
    )
    try:
        yield started, f"http://127.0.0.1:{port}"
    finally:
        if started.returncode is None:
            started.kill()
        await started.wait()


async def finish(started: Process, seconds: float = 40.0) -> tuple[str, list[dict[str, object]]]:
    """Wait for the end; return what it wrote, and the lines that it logged."""
    async with asyncio.timeout(seconds):
        out, err = await started.communicate()
    return out.decode(), [json.loads(line) for line in err.decode().splitlines() if line.startswith("{")]


async def await_ready(address: str) -> None:
    async with httpx.AsyncClient(base_url=address) as client:

        async def is_ready() -> bool:
            try:
                return (await client.get("/readyz")).status_code == 200
            except httpx.TransportError:
                return False

        await until(is_ready)


async def test_a_graceful_stop_breaks_no_request(counting: Counting, embedded_rig: EmbeddedRig) -> None:
    """Clients with open connections send until they are told, as a load balancer is, that it is not ready.

    The watchdog of the same process sees lag and progress, and lets it live.
    """
    answered, draining = 0, asyncio.Event()
    async with process(counting, embedded_rig, "all", drain_seconds=str(DRAIN_SECONDS), stall_seconds="0.8") as (
        started,
        address,
    ):
        await await_ready(address)
        for _ in range(6):
            await counting.count(*new_keys(2))
            await asyncio.sleep(0.2)
        await counting.settle()
        closing = 0

        async def send(client: httpx.AsyncClient) -> None:
            nonlocal answered, closing
            while answered < REQUESTS and not draining.is_set():
                answer = await client.get("/work")
                assert answer.status_code == 200
                answered += 1
                closing += answer.headers.get("connection") == "close"
                if answered == REQUESTS // 2:
                    started.send_signal(signal.SIGTERM)

        async def watch_readiness() -> None:
            async with httpx.AsyncClient(base_url=address) as client:
                while (await client.get("/readyz")).status_code == 200:  # noqa: ASYNC110 - it is another process's word
                    await asyncio.sleep(0.05)
                await asyncio.sleep(DRAIN_SECONDS / 2)
                draining.set()

        async with httpx.AsyncClient(base_url=address, timeout=30) as client, asyncio.TaskGroup() as group:
            group.create_task(watch_readiness())
            for _ in range(CONNECTIONS):
                group.create_task(send(client))
        _, lines = await finish(started)
    assert started.returncode == 0
    assert answered > REQUESTS // 2
    assert closing > 0
    assert [line for line in lines if line["level"] == "error"] == []
    await counting.check()


@pytest.mark.parametrize(("scene", "kind"), [("crash", "RuntimeError at"), ("end", "")])
async def test_a_part_that_ends_ends_the_process(
    counting: Counting, embedded_rig: EmbeddedRig, scene: str, kind: str
) -> None:
    async with process(counting, embedded_rig, "worker", scene=scene) as (started, _):
        _, lines = await finish(started)
    assert started.returncode == 1
    (line,) = [line for line in lines if line["event"] == "service.part_ended"]
    assert line["part"] == "background"
    assert kind in str(line.get("exception", ""))
    assert line["service"] == "counting"
    assert "359900199003070011" not in json.dumps(lines)


@pytest.mark.parametrize("scene", ["hang", "deaf"])
async def test_lag_without_progress_ends_the_process(counting: Counting, embedded_rig: EmbeddedRig, scene: str) -> None:
    await counting.count(*new_keys(2))
    await counting.relay().relay_once()
    async with process(counting, embedded_rig, "worker", scene=scene, stall_seconds="1") as (started, _):
        _, lines = await finish(started)
    assert started.returncode == STALLED_EXIT_CODE
    assert [line["event"] for line in lines if line["level"] == "error"] == ["consumer.stalled"]


async def test_parked_events_are_listed_and_replayed_by_the_roles(
    counting: Counting, embedded_rig: EmbeddedRig
) -> None:
    (key,) = new_keys(1)
    counting.poison = {key}
    await counting.append(OutboxEvent("slice", key, event_of([(key, 1)])))
    async with running(counting.relay().run, counting.worker().run):
        await counting.settle()
    async with process(counting, embedded_rig, "parked") as (listing, _):
        listed, _ = await finish(listing)
    assert listed.split("\t")[:3] == ["counting", key.hex(), "1"]
    assert listed.endswith("\tPoisonError\n")
    async with process(counting, embedded_rig, "replay", "--key", key.hex()) as (replaying, _):
        replayed, _ = await finish(replaying)
    assert (replayed, replaying.returncode) == ("1 events replayed\n", 0)
    assert await counting.effects() == {key.hex(): [1]}


async def test_a_replay_that_fails_says_so_without_values(counting: Counting, embedded_rig: EmbeddedRig) -> None:
    await counting.fetch(
        "INSERT INTO parked (consumer, key, event_id, payload, error)"
        " VALUES ('counting', '', gen_random_uuid(), '\\xffff', 'Undecodable') RETURNING id"
    )
    async with process(counting, embedded_rig, "replay", "--key", "") as (replaying, _):
        _, lines = await finish(replaying)
    assert replaying.returncode == 1
    assert [line["event"] for line in lines] == ["service.replay_failed"]
    assert [row["attempts"] for row in await counting.fetch("SELECT attempts FROM parked")] == [2]
