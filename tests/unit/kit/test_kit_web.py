"""The shell of every HTTP API: what each refusal looks like, and what none of them gives away."""

import json
import re
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from structlog.testing import capture_logs

from xueshi_kit.auth import ForbiddenError
from xueshi_kit.edge import MAX_BODY_BYTES
from xueshi_kit.fields import free_of
from xueshi_kit.problems import MEDIA_TYPE, Problem, conflict, not_found
from xueshi_kit.web import create_app

SECRET = "359900199003070011"
GONE = Problem(410, "GONE", "已删除。", "It is gone.")


class Cat(BaseModel):
    """One of two kinds."""

    kind: Literal["cat"]


class Dog(BaseModel):
    """The other."""

    kind: Literal["dog"]


class Learner(BaseModel):
    """A body whose fields are personal."""

    model_config = ConfigDict(extra="forbid")
    id_number: str = Field(max_length=18, pattern=r"^\d+$", examples=["359900199003070011"])
    age: int = 1
    note: Annotated[str, Field(max_length=40), free_of(lambda text: SECRET in text)] = ""
    pet: Annotated[Cat | Dog, Field(discriminator="kind")] | None = None


class Checks:
    """Readiness checks that a test can break."""

    database_error: Exception | None = None

    async def database(self) -> None:
        """Fail where told to."""
        if self.database_error is not None:
            raise self.database_error


CHECKS = Checks()


def make_app() -> FastAPI:
    app = create_app("Kit", "What `every` service has.", ready={"database": CHECKS.database})

    @app.post("/learners/{number}", summary="Enter a learner")
    async def enter(number: str, learner: Learner, limit: int = 10) -> dict[str, str]:
        return {"number": number, "age": str(learner.age + limit)}

    @app.post("/raw")
    async def raw(request: Request) -> JSONResponse:
        return JSONResponse({"bytes": len(await request.body())})

    @app.get("/fails/{how}")
    async def fails(how: str) -> None:
        errors: dict[str, Exception] = {
            "crash": ValueError(f"secret {SECRET}"),
            "database": asyncpg.ConnectionDoesNotExistError(SECRET),
            "gone": GONE,
            "scope": ForbiddenError("queue.decide"),
            "kind": ForbiddenError("officer or platform", "officer 或 platform"),
            "missing": not_found("记录", "Record"),
            "conflict": conflict("STALE_VERSION", "版本已过期。", "The version is stale."),
        }
        raise errors[how]

    return app


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of the application."""
    CHECKS.database_error = None
    async with httpx.AsyncClient(transport=httpx.ASGITransport(make_app()), base_url="http://kit") as opened:
        yield opened


def assert_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status
    assert answer.headers["content-type"] == MEDIA_TYPE
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert body["code"] == code
    assert body["type"] == f"urn:xueshi:problem:{code.lower().replace('_', '-')}"
    assert body["message"]["zh"]
    assert body["message"]["en"] == body["title"]
    assert body["request_id"] == answer.headers["x-request-id"] != ""
    assert SECRET not in answer.text
    return body


async def test_an_unknown_address_and_method(client: httpx.AsyncClient) -> None:
    assert_problem(await client.get("/nowhere"), 404, "NOT_FOUND")
    answer = await client.delete("/raw")
    assert_problem(answer, 405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == "POST"


async def test_an_address_with_a_slash_more_is_another_one(client: httpx.AsyncClient) -> None:
    assert_problem(await client.post("/raw/"), 404, "NOT_FOUND")


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[" * 100_000, b'{"age": NaN', b"{'age': 1}"])
async def test_a_body_that_is_not_json(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post("/learners/1", content=body, headers={"content-type": "application/json"})
    assert_problem(answer, 400, "NOT_JSON")


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "/body/id_number", "MISSING"),
        ({"id_number": SECRET + "x"}, "/body/id_number", "STRING_TOO_LONG"),
        ({"id_number": f"X{SECRET}"[:18]}, "/body/id_number", "STRING_PATTERN_MISMATCH"),
        ({"id_number": "1", "age": SECRET + "x"}, "/body/age", "INT_PARSING"),
        ({"id_number": "1", SECRET: "x"}, "/body/?", "EXTRA_FORBIDDEN"),
        ({"id_number": "1", "陈晓": "x"}, "/body/?", "EXTRA_FORBIDDEN"),
        ({"id_number": "1", "\ud800": "x"}, "/body", "STRING_UNICODE"),
        ({"id_number": "\ud800"}, "/body/id_number", "STRING_UNICODE"),
        ({"id_number": "1", "note": f"see {SECRET}"}, "/body/note", "PERSONAL_DATA"),
        ({"id_number": "1", "pet": {"kind": SECRET}}, "/body/pet", "UNION_TAG_INVALID"),
    ],
)
async def test_an_invalid_body_is_pointed_at_and_not_repeated(
    client: httpx.AsyncClient, body: dict[str, Any], pointer: str, code: str
) -> None:
    answer = await client.post("/learners/1", content=httpx_json(body), headers={"content-type": "application/json"})
    problem = assert_problem(answer, 422, "REQUEST_INVALID")
    assert [(each["pointer"], each["code"]) for each in problem["errors"]] == [(pointer, code)]
    assert all(each["message"]["zh"] and each["message"]["en"] for each in problem["errors"])
    assert "陈晓" not in answer.text


def httpx_json(body: object) -> bytes:
    """Encode with escapes, so that a lone surrogate can be sent."""
    return json.dumps(body).encode()


async def test_a_query_that_is_invalid(client: httpx.AsyncClient) -> None:
    answer = await client.post(f"/learners/1?limit={SECRET}x", json={"id_number": "1"})
    assert assert_problem(answer, 422, "REQUEST_INVALID")["errors"][0]["pointer"] == "/query/limit"


@pytest.mark.parametrize("path", ["/raw", "/learners/1"])
@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_over_the_limit(client: httpx.AsyncClient, path: str, *, chunked: bool) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(MAX_BODY_BYTES // 65536):
            yield b"x" * 65536
        yield b"x"

    content = chunks() if chunked else b"x" * (MAX_BODY_BYTES + 1)
    answer = await client.post(path, content=content, headers={"content-type": "application/json"})
    assert_problem(answer, 413, "BODY_TOO_LARGE")


async def test_a_body_at_the_limit_is_taken(client: httpx.AsyncClient) -> None:
    answer = await client.post("/raw", content=b"x" * MAX_BODY_BYTES)
    assert answer.json() == {"bytes": MAX_BODY_BYTES}


async def test_a_crash_tells_nothing_but_that_it_happened(client: httpx.AsyncClient) -> None:
    with capture_logs() as lines:
        problem = assert_problem(await client.get("/fails/crash"), 500, "INTERNAL")
    assert all("request_id" in problem["message"][language] for language in ("zh", "en"))
    assert [line["event"] for line in lines] == ["http.crash"]


@pytest.mark.parametrize(
    ("how", "zh", "en"),
    [("scope", "queue.decide", "queue.decide"), ("kind", "officer 或 platform", "officer or platform")],
)
async def test_what_is_forbidden_names_what_would_allow_it(
    client: httpx.AsyncClient, how: str, zh: str, en: str
) -> None:
    message = assert_problem(await client.get(f"/fails/{how}"), 403, "FORBIDDEN")["message"]
    assert zh in message["zh"]
    assert en in message["en"]


async def test_a_database_that_is_away_is_a_matter_of_time(client: httpx.AsyncClient) -> None:
    answer = await client.get("/fails/database")
    assert_problem(answer, 503, "UNAVAILABLE")
    assert answer.headers["retry-after"] == "2"


async def test_problems_of_handlers(client: httpx.AsyncClient) -> None:
    assert_problem(await client.get("/fails/missing"), 404, "NOT_FOUND")
    assert_problem(await client.get("/fails/conflict"), 409, "STALE_VERSION")


async def test_a_constant_problem_keeps_no_frames(client: httpx.AsyncClient) -> None:
    for _ in range(3):
        assert_problem(await client.get("/fails/gone"), 410, "GONE")
    assert GONE.__traceback__ is None
    assert GONE.__context__ is None


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "日", SECRET + ".x", SECRET, f"r-{SECRET}"])
async def test_a_request_id_is_made_where_none_is_usable(client: httpx.AsyncClient, given: str) -> None:
    answer = await client.get("/nowhere", headers={b"x-request-id": given.encode()})
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["x-request-id"])


async def test_a_given_request_id_is_kept(client: httpx.AsyncClient) -> None:
    answer = await client.get("/healthz", headers={"x-request-id": "msg_2b9-A"})
    assert answer.text == "ok"
    assert answer.headers["x-request-id"] == "msg_2b9-A"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_metrics_count_by_route_and_never_by_address(client: httpx.AsyncClient) -> None:
    def counted(text: str, route: str) -> float:
        found = re.search(rf'xueshi_http_requests_total{{[^}}]*route="{re.escape(route)}",status="422"}} (\S+)', text)
        return float(found[1]) if found else 0.0

    before = counted((await client.get("/metrics")).text, "/learners/{number}")
    await client.post(f"/learners/{SECRET}", json={})
    await client.get(f"/{SECRET}")
    after = (await client.get("/metrics")).text
    assert counted(after, "/learners/{number}") == before + 1
    assert SECRET not in after


async def test_readiness_names_what_fails(client: httpx.AsyncClient) -> None:
    assert (await client.get("/readyz")).json() == {"ready": True, "failed": {}}
    CHECKS.database_error = ConnectionRefusedError(SECRET)
    answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "failed": {"database": "ConnectionRefusedError"}}


async def test_while_draining_it_is_not_ready_and_closes_connections() -> None:
    CHECKS.database_error = None
    app = make_app()
    app.state.draining = True
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://kit") as client:
        assert (await client.get("/readyz")).status_code == 503
        assert (await client.get("/healthz")).headers["connection"] == "close"


async def test_the_documentation_needs_nothing_from_outside(client: httpx.AsyncClient) -> None:
    answer = await client.get("/docs")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    page = answer.text
    assert not re.search(r"https?://|<script|<link|<img|@import|url\(", page)
    for shown in (
        "/learners/{number}",
        "Enter a learner",
        "id_number",
        "359900199003070011",
        "schema-Learner",
        "limit",
    ):
        assert shown in page
    assert re.search(r'<html lang="\w+">', page)
    assert page.count("<h1>") == 1
    anchors = set(re.findall(r'id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= anchors


async def test_the_documentation_escapes_what_it_shows() -> None:
    app = create_app("<b>Kit</b>", "<script>alert(1)</script> and `code`", ready={})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://kit") as client:
        page = (await client.get("/docs")).text
    assert "<script>" not in page
    assert "<b>" not in page
    assert "<code>code</code>" in page
