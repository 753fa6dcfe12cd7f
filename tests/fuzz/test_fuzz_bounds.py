"""The bounds of the edge, on a real gateway: what is too much is refused with little work and little memory."""

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.fuzz.bounds import (
    GIB,
    GROWTH_BYTES,
    JSON,
    TARGET,
    WORK_SECONDS,
    costs,
    drip,
    flood,
    genuine,
    gzip_bomb,
    large_deliveries,
)
from tests.fuzz.client import Connection
from tests.fuzz.conftest import BODY_SECONDS, HEAD_SECONDS
from tests.fuzz.effects import crashes
from tests.fuzz.gateway import Gateway
from tests.fuzz.requests import Genuine, genuine_body
from tests.fuzz.run import send_genuine
from tests.fuzz.watch import MIB, Spent, watching

GRACE_SECONDS = 3.0
LARGE_AT_ONCE = 64
LARGE_GROWTH_BYTES = 192 * MIB
CONNECTIONS = 820
NOWHERE = b"POST /nowhere HTTP/1.1\r\nHost: gateway\r\n"
TEXT = b"Content-Type: text/plain\r\n"
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: gateway\r\n"


@pytest.fixture(autouse=True)
def alive_and_well(gateway: Gateway) -> Iterator[None]:
    """Check after each test that the gateway takes genuine requests, and has logged no fault."""
    yield
    asyncio.run(send_genuine(gateway, random.randrange(10**9)))
    assert crashes(gateway) == []


def delivery(gateway: Gateway, seed: int = 1) -> Genuine:
    return genuine(gateway, genuine_body(random.Random(seed)))


def assert_little(spent: Spent) -> None:
    assert spent.cpu_seconds < WORK_SECONDS
    assert spent.memory_bytes < GROWTH_BYTES


async def test_every_scene_of_the_report_is_refused_cheaply(gateway: Gateway) -> None:
    found = await costs(gateway)
    assert {name: cost.answer for name, cost in found.items()} == {
        "a body of 1 GiB, announced": "413 BODY_TOO_LARGE",
        "a body of 1 GiB, in chunks": "413 BODY_TOO_LARGE",
        "a body that comes slowly": "408 BODY_TOO_SLOW",
        "a head that comes slowly": "408 HEADERS_TOO_SLOW",
        "a gzip bomb of 1 GiB": "415 UNSUPPORTED_MEDIA_TYPE",
        "headers without an end": "431 HEADERS_TOO_LARGE",
        "a header without an end": "431 HEADERS_TOO_LARGE",
    }
    assert [cost for cost in found.values() if not cost.is_little] == []


@pytest.mark.parametrize(("start", "status"), [(TARGET + JSON, 413), (TARGET + TEXT, 415), (NOWHERE + JSON, 404)])
@pytest.mark.parametrize("chunked", [False, True])
async def test_a_gibibyte_is_refused_wherever_it_is_sent(
    gateway: Gateway, start: bytes, status: int, *, chunked: bool
) -> None:
    if chunked:
        head, piece = start + b"Transfer-Encoding: chunked\r\n\r\n", b"%x\r\n%b\r\n" % (MIB, bytes(MIB))
    else:
        head, piece = start + b"Content-Length: %d\r\n\r\n" % GIB, bytes(MIB)
    with watching(gateway.pid) as spent:
        answer, taken = await flood(gateway, head, piece, GIB)
    assert (answer.status, answer.closes) == (status, True)
    assert taken < GIB / 8
    assert_little(spent)


async def test_who_asks_before_sending_is_told_before_sending(gateway: Gateway) -> None:
    head = TARGET + JSON + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % GIB
    async with Connection(gateway.host, gateway.port) as connection:
        started_at = time.monotonic()
        answer = await connection.ask(head)
    assert (answer.status, answer.closes) == (413, True)
    assert time.monotonic() - started_at < GRACE_SECONDS


async def test_who_asks_and_may_is_heard(gateway: Gateway) -> None:
    head, _, body = delivery(gateway).request().render().partition(b"\r\n\r\n")
    async with Connection(gateway.host, gateway.port) as connection:
        assert (await connection.ask(head + b"\r\nExpect: 100-continue\r\n\r\n")).status == 100
        assert (await connection.ask(body)).status == 200


@pytest.mark.parametrize("drop", [b"x", b""])
@pytest.mark.parametrize("length", [b"Content-Length: 1000\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n400\r\n"])
async def test_a_slow_body_has_its_time(gateway: Gateway, length: bytes, drop: bytes) -> None:
    with watching(gateway.pid) as spent:
        answer, taken = await drip(gateway, TARGET + JSON + length + b"{", drop, seconds=1)
    assert (answer.status, answer.code, answer.closes) == (408, "BODY_TOO_SLOW", True)
    assert taken < BODY_SECONDS + GRACE_SECONDS
    assert_little(spent)


async def test_a_slow_body_that_nobody_wants_is_not_waited_for(gateway: Gateway) -> None:
    answer, taken = await drip(gateway, NOWHERE + JSON + b"Content-Length: 1000\r\n\r\n{", b"x", seconds=1)
    assert (answer.status, answer.closes) == (404, True)
    assert taken < GRACE_SECONDS


@pytest.mark.parametrize(
    ("head", "drop"),
    [(b"", b""), (b"", b"\r\n"), (b"POST /", b"x"), (TARGET, b"X-Filler: y\r\n"), (TARGET + b"X: ", b"y")],
)
async def test_a_slow_head_has_its_time(gateway: Gateway, head: bytes, drop: bytes) -> None:
    with watching(gateway.pid) as spent:
        answer, taken = await drip(gateway, head, drop, seconds=0.3)
    assert (answer.status, answer.code, answer.closes) == (408, "HEADERS_TOO_SLOW", True)
    assert taken < HEAD_SECONDS + GRACE_SECONDS
    assert_little(spent)


@pytest.mark.parametrize("drop", [b"\r\n", b"P"])
async def test_a_kept_connection_has_no_more_time(gateway: Gateway, drop: bytes) -> None:
    async with Connection(gateway.host, gateway.port) as connection:
        assert (await connection.ask(HEALTH + b"\r\n")).status == 200
        await asyncio.sleep(HEAD_SECONDS * 1.5)  # between requests it may be silent for longer
        started_at = time.monotonic()
        await connection.send(drop)
        assert (await connection.read()).code == "HEADERS_TOO_SLOW"
        assert time.monotonic() - started_at < HEAD_SECONDS + GRACE_SECONDS


async def test_a_gzip_bomb_that_does_not_say_so_is_no_json(gateway: Gateway) -> None:
    bomb = gzip_bomb(gateway).body
    assert len(bomb) <= MIB
    async with Connection(gateway.host, gateway.port) as connection:
        with watching(gateway.pid) as spent:
            answer = await connection.ask(genuine(gateway, bomb).request().render())
    assert answer.code == "NOT_JSON"
    assert_little(spent)


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (b"POST /v1/platforms/", b"y" * 65_536),
        (TARGET, b"X" * 65_536),
        (TARGET, b"webhook-signature: v1,%b\r\n" % (b"A" * 8000)),
    ],
)
async def test_heads_have_an_end(gateway: Gateway, head: bytes, piece: bytes) -> None:
    with watching(gateway.pid) as spent:
        answer, taken = await flood(gateway, head, piece, GIB)
    assert answer.code in {"HEADERS_TOO_LARGE", "REQUEST_MALFORMED"}
    assert taken < GIB / 8
    assert_little(spent)


@pytest.mark.parametrize("opening", [b"1;", b"1;a=", b"1\r\na\r\n0\r\nX: ", b"1\r\na\r\n0\r\n", b"1"])
@pytest.mark.parametrize("start", [TARGET + JSON, NOWHERE])
async def test_what_frames_a_body_has_an_end(gateway: Gateway, start: bytes, opening: bytes) -> None:
    """Chunks with endless extensions, trailers with endless values or names."""
    head = start + b"Transfer-Encoding: chunked\r\n\r\n" + opening
    with watching(gateway.pid) as spent:
        answer, taken = await flood(gateway, head, b"x" * 262_144, GIB)
    assert (answer.status, answer.closes) in {(413, True), (400, True), (404, True)}
    assert taken < GIB / 8
    assert_little(spent)


async def test_requests_sent_ahead_have_an_end(gateway: Gateway) -> None:
    many = b"GET /v1/platforms HTTP/1.1\r\nHost: gateway\r\n\r\n" * 1000
    with watching(gateway.pid) as spent:
        answer, taken = await flood(gateway, b"", many, GIB // 8)
    assert answer.status == 401
    assert taken < GIB / 8
    assert_little(spent)


async def test_a_few_requests_sent_ahead_are_answered_in_order(gateway: Gateway) -> None:
    requests = [delivery(gateway, seed) for seed in range(8)]
    async with Connection(gateway.host, gateway.port) as connection:
        await connection.send(b"".join(each.request().render() for each in requests))
        answers = [await connection.read() for _ in requests]
    assert [each.json()["delivery"].encode() for each in answers] == [each.webhook_id for each in requests]


@pytest.mark.parametrize("behind", [b"garbage\r\n\r\n", b"\0", TARGET + b"A: b\r\n" * 101])
async def test_what_follows_a_delivery_is_not_its_answer(gateway: Gateway, behind: bytes) -> None:
    """A sender that were told 400 for a delivery that was taken would send it again under another id."""
    async with Connection(gateway.host, gateway.port) as connection:
        await connection.send(delivery(gateway).request().render() + behind)
        answer = await connection.read()
    assert (answer.status, answer.closes) == (200, True)


async def test_a_refusal_leaves_the_connection_for_the_next_request(gateway: Gateway) -> None:
    async with Connection(gateway.host, gateway.port) as connection:
        for head, status in ((TARGET + TEXT, 415), (NOWHERE + JSON, 404), (TARGET + JSON, 401)):
            await connection.send(head + b"Content-Length: 200000\r\n\r\n" + bytes(200_000))
            answer = await connection.read()
            assert (answer.status, answer.closes) == (status, False)
        await connection.send(delivery(gateway).request().render())
        assert (await connection.read()).status == 200


async def test_a_client_that_hangs_up_is_no_fault(gateway: Gateway) -> None:
    for head in (TARGET + JSON + b"Content-Length: 1000\r\n\r\n{", TARGET, NOWHERE + b"Content-Length: 9\r\n\r\n{"):
        async with Connection(gateway.host, gateway.port) as connection:
            await connection.send(head)
            await asyncio.sleep(0.1)
    await asyncio.sleep(0.5)


async def test_many_large_deliveries_at_once_stay_bounded(gateway: Gateway) -> None:
    """Some may be told to come again: all are taken in the end."""
    requests = [genuine(gateway, body) for body in large_deliveries(LARGE_AT_ONCE)]
    answers: Counter[str] = Counter()

    async def deliver(each: Genuine) -> None:
        status = 0
        while status != 200:
            async with Connection(gateway.host, gateway.port) as connection:
                answer = await connection.ask(each.request().render())
            status = answer.status
            answers[f"{answer.status} {answer.code}".strip()] += 1
            # Those that are told to come again do not all come at once.
            await asyncio.sleep(float(answer.header("retry-after") or 0) * random.uniform(1, 2))

    with watching(gateway.pid) as spent:
        await asyncio.gather(*map(deliver, requests))
    assert answers["200"] == LARGE_AT_ONCE
    assert answers.keys() <= {"200", "503 BUSY", "503 UNAVAILABLE", "429 OVERLOADED"}
    assert spent.memory_bytes < LARGE_GROWTH_BYTES


@contextlib.asynccontextmanager
async def connections(gateway: Gateway, count: int) -> AsyncIterator[list[Connection]]:
    opened = [Connection(gateway.host, gateway.port) for _ in range(count)]
    try:
        for each in opened:
            await each.send(b"G")
        yield opened
    finally:
        for each in opened:
            await each.close()


async def test_connections_have_an_end(gateway: Gateway) -> None:
    with watching(gateway.pid) as spent:
        async with connections(gateway, CONNECTIONS) as opened:
            answer = await opened[-1].read()
            assert (answer.status, answer.code, answer.header("retry-after")) == (503, "BUSY", "2")
    assert spent.memory_bytes < GROWTH_BYTES
