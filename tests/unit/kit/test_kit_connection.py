"""A client's connection: heads bounded in time, size and number, and no answer that belongs to another request."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from xueshi_kit import connection
from xueshi_kit.connection import (
    LINGER_SECONDS,
    MAX_HEAD_BYTES,
    MAX_HEADERS,
    MAX_PIPELINED,
    MAX_WIRE_BYTES,
    connection_class,
)

HEAD_SECONDS = 0.3
GET = b"GET /a HTTP/1.1\r\nHost: kit\r\n"
POST = b"POST /b HTTP/1.1\r\nHost: kit\r\n"

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[], Any]


class Site:
    """An application that tells what it was asked, once it is let go; with `/early` it does not wait for the body."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.asked = 0
        self.gone = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        self.asked += 1
        size = 0
        while scope["path"] != "/early":
            message = await receive()
            if message["type"] == "http.disconnect":
                self.gone += 1
                return
            size += len(message["body"])
            if not message["more_body"]:
                break
        await self.gate.wait()
        names = [name.decode("latin-1") for name, _ in scope["headers"]]
        body = json.dumps({"path": scope["path"], "bytes": size, "names": names}).encode()
        headers = [(b"content-length", str(len(body)).encode())]
        if scope["path"] == "/early":
            headers.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def until_asked(self, count: int) -> None:
        """Wait until so many requests have come in."""
        async with asyncio.timeout(5):
            while self.asked < count:  # noqa: ASYNC110 - the server is other tasks
                await asyncio.sleep(0)


@pytest.fixture
def site() -> Site:
    """Give a site."""
    return Site()


@pytest.fixture
async def connect(site: Site) -> AsyncIterator[Connect]:
    """Serve the site, and give what connects to it."""
    config = uvicorn.Config(
        site, port=0, http=connection_class(HEAD_SECONDS), ws="none", lifespan="off", log_config=None, access_log=False
    )
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    port = server.servers[0].sockets[0].getsockname()[1]

    @asynccontextmanager
    async def opened() -> AsyncIterator[Streams]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            yield reader, writer
        finally:
            writer.close()

    yield opened
    site.gate.set()
    await server.shutdown()


async def read(reader: asyncio.StreamReader) -> dict[str, Any]:
    """Read one answer: status, headers and the members of the body's object."""
    async with asyncio.timeout(5):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        status, *lines = head.split("\r\n")[:-2]
        headers = dict(line.lower().split(": ", 1) for line in lines)
        body = json.loads(await reader.readexactly(int(headers["content-length"])))
    return {**body, "status": int(status.split()[1]), "headers": headers}


async def assert_ended(reader: asyncio.StreamReader) -> None:
    async with asyncio.timeout(5):
        assert await reader.read() == b""


async def assert_refused(reader: asyncio.StreamReader, status: int, code: str) -> None:
    answer = await read(reader)
    assert (answer["status"], answer["code"]) == (status, code)
    assert answer["message"]["zh"]
    assert answer["message"]["en"]
    assert answer["headers"]["content-type"] == "application/problem+json"
    assert answer["headers"]["connection"] == "close"
    await assert_ended(reader)


@pytest.mark.parametrize(
    "sent",
    [
        b"garbage\r\n\r\n",
        b"\0",
        b"GET /a HTTP/9.9\r\n\r\n",
        GET + b"A: \0\r\n\r\n",
        GET + b" : b\r\n\r\n",
        b"GET http:// HTTP/1.1\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_told_so(connect: Connect, site: Site, sent: bytes) -> None:
    async with connect() as (reader, writer):
        writer.write(sent)
        await assert_refused(reader, 400, "REQUEST_MALFORMED")
    assert site.asked == 0


@pytest.mark.parametrize(
    ("sent", "fits"),
    [
        (GET + b"A: b\r\n" * (MAX_HEADERS - 1) + b"\r\n", True),
        (GET + b"A: b\r\n" * MAX_HEADERS + b"\r\n", False),
        (GET + b"A: " + b"b" * (MAX_HEAD_BYTES - 100) + b"\r\n\r\n", True),
        (GET + b"A: " + b"b" * MAX_HEAD_BYTES + b"\r\n\r\n", False),
        (GET + b"A: " + b"b" * (2 * MAX_HEAD_BYTES), False),
        (b"GET /" + b"a" * (2 * MAX_HEAD_BYTES), False),
        (b"GET /a?" + b"a" * MAX_HEAD_BYTES + b" HTTP/1.1\r\n\r\n", False),
    ],
)
async def test_a_head_has_an_end(connect: Connect, site: Site, sent: bytes, *, fits: bool) -> None:
    async with connect() as (reader, writer):
        writer.write(sent)
        if fits:
            assert (await read(reader))["status"] == 200
        else:
            await assert_refused(reader, 431, "HEADERS_TOO_LARGE")
    assert site.asked == fits


@pytest.mark.parametrize("piece", [b"", b"\r\n", b"A: b\r\n"])
async def test_a_head_has_its_time_on_a_new_connection_and_on_a_kept_one(connect: Connect, piece: bytes) -> None:
    for before in (b"", GET + b"\r\n"):
        async with connect() as (reader, writer):
            if before:
                writer.write(before)
                assert (await read(reader))["status"] == 200
                await asyncio.sleep(HEAD_SECONDS * 1.5)
            writer.write(GET if piece == b"A: b\r\n" else piece or (b"P" if before else b""))
            refused = asyncio.create_task(assert_refused(reader, 408, "HEADERS_TOO_SLOW"))
            while not refused.done():
                writer.write(piece)
                await asyncio.sleep(HEAD_SECONDS / 5)
            await refused


async def test_the_time_of_a_head_is_not_that_of_the_work(connect: Connect, site: Site) -> None:
    site.gate.clear()
    async with connect() as (reader, writer):
        writer.write(POST + b"Content-Length: 2\r\n\r\na")
        await asyncio.sleep(HEAD_SECONDS * 1.5)
        writer.write(b"b")
        await asyncio.sleep(HEAD_SECONDS * 1.5)
        site.gate.set()
        assert (await read(reader))["bytes"] == 2


async def test_trailers_are_no_headers(connect: Connect) -> None:
    async with connect() as (reader, writer):
        writer.write(
            POST
            + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nWebhook-Signature: x\r\n\r\n"
            + GET
            + b"C: d\r\n\r\n"
        )
        assert (await read(reader))["names"] == ["host", "transfer-encoding"]
        assert (await read(reader))["names"] == ["host", "c"]


@pytest.mark.parametrize("opening", [b"1;a=", b"1\r\na\r\n0\r\nA: "])
async def test_what_frames_a_body_has_an_end(connect: Connect, site: Site, opening: bytes) -> None:
    async with connect() as (reader, writer):
        writer.write(POST + b"Transfer-Encoding: chunked\r\n\r\n" + opening + b"x" * (2 * MAX_WIRE_BYTES))
        await assert_refused(reader, 413, "BODY_TOO_LARGE")
    assert site.gone == site.asked


@pytest.mark.parametrize(
    "behind",
    [
        b"garbage\r\n\r\n",
        GET + b"A: b\r\n" * MAX_HEADERS + b"\r\n",
        GET,
        POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
async def test_what_follows_a_request_is_not_its_answer(connect: Connect, site: Site, behind: bytes) -> None:
    site.gate.clear()
    async with connect() as (reader, writer):
        writer.write(POST + b"Content-Length: 1\r\n\r\na" + behind)
        await site.until_asked(1)
        await asyncio.sleep(HEAD_SECONDS * 1.5)
        site.gate.set()
        answer = await read(reader)
        assert (answer["status"], answer["bytes"], answer["headers"]["connection"]) == (200, 1, "close")
        await assert_ended(reader)
    assert site.asked == 1


async def test_what_breaks_off_within_a_body_is_told_once(connect: Connect, site: Site) -> None:
    async with connect() as (reader, writer):
        writer.write(POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n")
        await site.until_asked(1)
        writer.write(b"zz\r\n")
        await assert_refused(reader, 400, "REQUEST_MALFORMED")
    assert site.gone == 1


async def test_requests_sent_ahead_are_answered_in_order_and_have_an_end(connect: Connect, site: Site) -> None:
    site.gate.clear()
    async with connect() as (reader, writer):
        writer.write(b"".join(b"GET /%d HTTP/1.1\r\n\r\n" % each for each in range(3 * MAX_PIPELINED)))
        await site.until_asked(1)
        site.gate.set()
        paths = [(await read(reader))["path"] for _ in range(MAX_PIPELINED + 1)]
        assert paths == [f"/{each}" for each in range(MAX_PIPELINED + 1)]
        await assert_ended(reader)
    assert site.asked == MAX_PIPELINED + 1


async def test_an_early_answer_reaches_who_is_still_sending(connect: Connect) -> None:
    async with connect() as (reader, writer):
        writer.write(b"POST /early HTTP/1.1\r\nContent-Length: 100000000\r\n\r\n" + bytes(1_000_000))
        await asyncio.sleep(0.1)
        writer.write(bytes(1_000_000))
        answer = await read(reader)
        assert (answer["status"], answer["headers"]["connection"]) == (200, "close")
        await assert_ended(reader)


async def test_connections_have_an_end(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "MAX_CONNECTIONS", 2)
    async with connect() as (reader, writer), connect():
        async with connect() as (refused, _):
            await assert_refused(refused, 503, "BUSY")
        writer.write(GET + b"\r\n")
        assert (await read(reader))["status"] == 200
    await asyncio.sleep(2 * LINGER_SECONDS)
    async with connect() as (reader, writer):
        writer.write(GET + b"\r\n")
        assert (await read(reader))["status"] == 200


async def test_an_upgrade_is_not_taken(connect: Connect) -> None:
    async with connect() as (reader, writer):
        writer.write(GET + b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n")
        assert (await read(reader))["status"] == 200
