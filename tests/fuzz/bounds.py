"""Too much of everything, sent to a gateway; and what it costs a gateway to refuse it."""

import asyncio
import contextlib
import gzip
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from tests.fuzz.client import Answer, Connection
from tests.fuzz.gateway import Gateway
from tests.fuzz.odd.deliveries import completed
from tests.fuzz.odd.trees import plant, write
from tests.fuzz.requests import Genuine, Request
from tests.fuzz.watch import MIB, watching

GIB = 1024 * MIB
WORK_SECONDS = 1.0
GROWTH_BYTES = 32 * MIB
TARGET = b"POST /v1/platforms/mooc/deliveries HTTP/1.1\r\nHost: gateway\r\n"
JSON = b"Content-Type: application/json\r\n"
SLOWLY_SECONDS = 0.3
_MEMBER_BYTES = 16 * MIB


@dataclass(frozen=True, slots=True)
class Cost:
    """How something was refused, and what it took: seconds of CPU, growth of resident memory at its peak."""

    answer: str
    cpu_seconds: float
    memory_mib: float

    @property
    def is_little(self) -> bool:
        """Tell whether the refusal was as cheap as it must be."""
        return self.cpu_seconds < WORK_SECONDS and self.memory_mib * MIB < GROWTH_BYTES


def genuine(gateway: Gateway, body: bytes) -> Genuine:
    """Sign a body in a delivery of its own."""
    platform = gateway.platforms[0]
    name = f"bounds-{random.getrandbits(64):x}".encode()
    return Genuine(platform, name, str(int(time.time())).encode(), body, (platform.live[0],))


@contextlib.asynccontextmanager
async def _sending(send: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Send beside the block, until it ends or the server has closed the connection."""

    async def until_closed() -> None:
        with contextlib.suppress(OSError):
            await send()

    task = asyncio.create_task(until_closed())
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def flood(gateway: Gateway, head: bytes, piece: bytes, size: int) -> tuple[Answer, int]:
    """Send a head and then as much as the server takes; return its answer and how much that was."""
    taken = 0
    async with Connection(gateway.host, gateway.port) as connection:
        await connection.send(head)

        async def send() -> None:
            nonlocal taken
            while taken < size:
                await connection.send(piece)
                taken += len(piece)

        async with _sending(send):
            return await connection.read(), taken


async def drip(gateway: Gateway, head: bytes, drop: bytes, seconds: float) -> tuple[Answer, float]:
    """Send a head at once and a drop each so many seconds; return the answer and after how long it came."""
    async with Connection(gateway.host, gateway.port) as connection:
        await connection.send(head)

        async def send() -> None:
            while True:
                await asyncio.sleep(seconds)
                await connection.send(drop)

        started_at = time.monotonic()
        async with _sending(send):
            return await connection.read(), time.monotonic() - started_at


def gzip_bomb(gateway: Gateway) -> Request:
    """Return a signed body of at most 1 MiB that is a gibibyte once it is inflated."""
    bomb = gzip.compress(bytes(_MEMBER_BYTES), mtime=0) * (GIB // _MEMBER_BYTES)
    wire = JSON + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b" % (len(bomb), bomb)
    signed = genuine(gateway, bomb).request()
    return Request(signed.platform, signed.headers, bomb, wire)


def large_deliveries(count: int) -> list[bytes]:
    """Return deliveries of a thousand records each, all different, that fill what a body may hold."""
    body = completed(random.Random(1), 1000)
    for record in body["data"]["records"]:
        record["course"]["title"] = "长" * 190
    written = write(plant(body))
    mark = b'"record_id":"'
    deliveries = [written.replace(mark, mark + b"%d-" % each) for each in range(count)]
    assert all(MIB * 0.8 < len(each) <= MIB for each in deliveries)
    return [each.ljust(MIB) for each in deliveries]


async def _announced(gateway: Gateway) -> Answer:
    return (await flood(gateway, TARGET + JSON + b"Content-Length: %d\r\n\r\n" % GIB, bytes(MIB), GIB))[0]


async def _chunked(gateway: Gateway) -> Answer:
    chunk = b"%x\r\n%b\r\n" % (MIB, bytes(MIB))
    return (await flood(gateway, TARGET + JSON + b"Transfer-Encoding: chunked\r\n\r\n", chunk, GIB))[0]


async def _slow_body(gateway: Gateway) -> Answer:
    return (await drip(gateway, TARGET + JSON + b"Content-Length: 1000\r\n\r\n", b"x", SLOWLY_SECONDS))[0]


async def _slow_head(gateway: Gateway) -> Answer:
    return (await drip(gateway, TARGET, b"A: b\r\n", SLOWLY_SECONDS))[0]


async def _bomb(gateway: Gateway) -> Answer:
    async with Connection(gateway.host, gateway.port) as connection:
        return await connection.ask(gzip_bomb(gateway).render())


async def _many_headers(gateway: Gateway) -> Answer:
    return (await flood(gateway, TARGET, b"A: b\r\n" * 10_000, GIB))[0]


async def _long_header(gateway: Gateway) -> Answer:
    return (await flood(gateway, TARGET + b"A: ", b"b" * MIB, GIB))[0]


SCENES = {
    "a body of 1 GiB, announced": _announced,
    "a body of 1 GiB, in chunks": _chunked,
    "a body that comes slowly": _slow_body,
    "a head that comes slowly": _slow_head,
    "a gzip bomb of 1 GiB": _bomb,
    "headers without an end": _many_headers,
    "a header without an end": _long_header,
}


async def costs(gateway: Gateway) -> dict[str, Cost]:
    """Return what each scene costs."""
    found = {}
    for name, scene in SCENES.items():
        with watching(gateway.pid) as spent:
            answer = await scene(gateway)
        found[name] = Cost(
            f"{answer.status} {answer.code}", round(spent.cpu_seconds, 3), round(spent.memory_bytes / MIB, 1)
        )
    return found
