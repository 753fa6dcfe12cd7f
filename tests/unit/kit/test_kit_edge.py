"""The outermost layer: bodies bounded in size, time and memory, requests at work in number, and nothing left behind."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from prometheus_client import REGISTRY
from pydantic import BaseModel
from starlette.requests import Request
from starlette.types import Message
from structlog.testing import capture_logs

from xueshi_kit import edge
from xueshi_kit.edge import MAX_BODY_BYTES
from xueshi_kit.web import create_app

JSON = {"content-type": "application/json"}


class Named(BaseModel):
    """A body that FastAPI reads by itself."""

    name: str


class Site:
    """An application whose requests wait until they are let go."""

    def __init__(self) -> None:
        self.app = create_app("Edge", "", ready={})
        self.gate = asyncio.Event()
        self.gate.set()
        self.waiting = 0

        @self.app.post("/raw")
        async def raw(request: Request) -> JSONResponse:
            body = await request.body()
            self.waiting += 1
            await self.gate.wait()
            self.waiting -= 1
            return JSONResponse({"bytes": len(body)})

        @self.app.post("/named")
        async def named(body: Named) -> dict[str, str]:
            return {"name": body.name}

        @self.app.post("/unread")
        async def unread() -> None:
            return None

    async def until_waiting(self, count: int) -> None:
        """Wait until so many requests are at work."""
        async with asyncio.timeout(5):
            while self.waiting < count:  # noqa: ASYNC110 - the requests are other tasks
                await asyncio.sleep(0)


@pytest.fixture
def site() -> Site:
    """Give a site."""
    return Site()


@pytest.fixture
async def client(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of the site."""
    transport = httpx.ASGITransport(site.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://kit") as opened:
        yield opened


async def serve(
    app: FastAPI, path: str, headers: dict[str, str], coming: list[Message], seconds: float = 0.0
) -> list[Message]:
    """Serve one request whose body comes as these messages, each after so long, then no more; return what was sent."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "server": ("kit", 80),
        "client": ("127.0.0.1", 1),
    }
    sent: list[Message] = []

    async def receive() -> Message:
        if not coming:
            await asyncio.Event().wait()
        await asyncio.sleep(seconds)
        return coming.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent


def piece(data: bytes, *, more: bool = True) -> Message:
    return {"type": "http.request", "body": data, "more_body": more}


def status_and_headers(sent: list[Message]) -> tuple[int, dict[bytes, bytes]]:
    return (sent[0]["status"], dict(sent[0]["headers"])) if sent else (0, {})


@pytest.mark.parametrize("path", ["/raw", "/named"])
@pytest.mark.parametrize("headers", [{"content-length": "9"}, {"transfer-encoding": "chunked"}])
async def test_a_body_that_does_not_come_in_time(site: Site, path: str, headers: dict[str, str]) -> None:
    site.app.state.body_seconds = 0.05
    sent = await serve(site.app, path, {**JSON, **headers}, [piece(b'{"name')])
    status, given = status_and_headers(sent)
    assert (status, given[b"connection"]) == (408, b"close")
    assert b"BODY_TOO_SLOW" in sent[1]["body"]


async def test_the_time_is_that_of_the_whole_body(site: Site) -> None:
    """Pieces that come steadily do not make it longer."""
    site.app.state.body_seconds = 0.2
    coming = [piece(b"x")] * 1000
    sent = await serve(site.app, "/raw", {"content-length": "1000"}, coming, seconds=0.01)
    assert status_and_headers(sent)[0] == 408
    assert 900 < len(coming) < 1000


@pytest.mark.parametrize("path", ["/nowhere", "/unread"])
async def test_what_is_left_of_a_body_is_taken_before_the_answer(site: Site, path: str) -> None:
    messages = [piece(b"x" * 1000), piece(b"x" * 1000, more=False)]
    _, headers = status_and_headers(await serve(site.app, path, {"content-length": "2000"}, messages))
    assert b"connection" not in headers


@pytest.mark.parametrize(
    ("headers", "messages"),
    [
        ({"content-length": str(2**40)}, [piece(b"x" * 65_536)] * 100),
        ({"transfer-encoding": "chunked"}, [piece(b"x" * 65_536)] * 100),
        ({"content-length": "10"}, [piece(b"x")]),
        ({"content-length": "10", "expect": "100-continue"}, []),
        ({"content-length": str(MAX_BODY_BYTES)}, []),
    ],
)
async def test_a_body_that_does_not_end_ends_its_connection(
    site: Site, headers: dict[str, str], messages: list[Message]
) -> None:
    started_at = asyncio.get_running_loop().time()
    status, given = status_and_headers(await serve(site.app, "/nowhere", headers, messages))
    assert (status, given[b"connection"]) == (404, b"close")
    assert len(messages) in {0, 68}  # the drain is bounded
    assert asyncio.get_running_loop().time() - started_at < 2 * edge.DRAIN_SECONDS


async def test_who_asks_before_sending_is_not_listened_to_when_refused(site: Site) -> None:
    """Asking for the body would tell the client to send it."""
    headers = {"content-length": str(MAX_BODY_BYTES + 1), "expect": "100-continue"}
    left = [piece(b"x")]
    sent = await serve(site.app, "/raw", headers, left)
    assert status_and_headers(sent)[0] == 413
    assert len(left) == 1


async def test_a_client_that_goes_is_no_fault(site: Site) -> None:
    gone = {"method": "POST", "route": "/raw", "status": "499"}
    before = REGISTRY.get_sample_value("xueshi_http_requests_total", gone) or 0
    with capture_logs() as lines:
        assert await serve(site.app, "/raw", {"content-length": "9"}, [piece(b"x"), {"type": "http.disconnect"}]) == []
    assert lines == []
    assert REGISTRY.get_sample_value("xueshi_http_requests_total", gone) == before + 1


async def test_bodies_are_bounded_together(
    site: Site, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge, "MAX_HELD_BYTES", 5000)
    site.gate.clear()
    held = [asyncio.create_task(client.post("/raw", content=b"x" * 2400)) for _ in range(2)]
    await site.until_waiting(2)
    refused = await client.post("/raw", content=b"x" * 300)
    assert (refused.status_code, refused.json()["code"], refused.headers["retry-after"]) == (503, "BUSY", "2")
    site.gate.set()
    assert [answer.status_code for answer in await asyncio.gather(*held)] == [200, 200]
    assert (await client.post("/raw", content=b"x" * 5000)).status_code == 200


async def test_requests_at_work_are_bounded(
    site: Site, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge, "MAX_AT_WORK", 2)
    site.gate.clear()
    at_work = [asyncio.create_task(client.post("/raw", content=b"x" * size)) for size in (0, 10)]
    await site.until_waiting(2)
    for refused in (await client.post("/raw", content=b"x"), await client.get("/raw"), await client.get("/nowhere")):
        assert (refused.status_code, refused.json()["code"], refused.headers["retry-after"]) == (503, "BUSY", "2")
        assert refused.json()["message"]["zh"]
        assert refused.json()["request_id"] == refused.headers["x-request-id"]
    assert (await client.get("/healthz")).status_code == 200
    assert (await client.get("/readyz")).status_code == 200
    site.gate.set()
    assert [answer.status_code for answer in await asyncio.gather(*at_work)] == [200, 200]
    assert (await client.get("/nowhere")).status_code == 404


@pytest.mark.parametrize("path", ["/raw", "/named", "/nowhere", "/unread"])
async def test_nothing_is_counted_twice_or_for_ever(
    client: httpx.AsyncClient, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred times what may be there at once, one after the other."""
    monkeypatch.setattr(edge, "MAX_HELD_BYTES", 4000)
    monkeypatch.setattr(edge, "MAX_AT_WORK", 1)
    for size in (0, 1, 3999, 3999, MAX_BODY_BYTES + 1) * 20:
        answer = await client.post(path, content=b"x" * size, headers=JSON)
        assert answer.status_code != 503 or size > 4000
