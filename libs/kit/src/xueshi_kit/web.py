"""The shell of every HTTP API: problem details, request ids, body limit, health, metrics, documentation."""

import asyncio
import re
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from opentelemetry.trace import SpanKind
from prometheus_client import CONTENT_TYPE_LATEST, Counter, generate_latest
from starlette.datastructures import State
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from xueshi_kit import api_page
from xueshi_kit.auth import ForbiddenError, UnauthenticatedError
from xueshi_kit.db import is_transient
from xueshi_kit.openapi import complete_document
from xueshi_kit.problems import FieldError, Problem, invalid
from xueshi_kit.telemetry import span

log = structlog.get_logger()

MAX_BODY_BYTES = 1024 * 1024
DRAIN_BYTES = 4 * MAX_BODY_BYTES
DRAIN_SECONDS = 0.5
NOT_STARTED = 0
REQUESTS = Counter("xueshi_http_requests_total", "Answers by method, route and status.", ["method", "route", "status"])
_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")

Check = Callable[[], Awaitable[None]]


def create_app(
    title: str, description: str, *, ready: Mapping[str, Check], tags: Sequence[dict[str, Any]] = ()
) -> FastAPI:
    """Return an application with the common endpoints and error handling. `ready` are checks by name."""
    app = FastAPI(
        title=title,
        description=description,
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_tags=list(tags),
        separate_input_output_schemas=False,
    )
    app.state.draining = False
    # Starlette calls each handler for its own kind of error alone, which its types do not say.
    app.add_exception_handler(Problem, _on_problem)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, _on_invalid)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, _on_http)  # type: ignore[arg-type]
    app.add_exception_handler(UnauthenticatedError, _on_unauthenticated)
    app.add_exception_handler(ForbiddenError, _on_forbidden)  # type: ignore[arg-type]
    app.add_middleware(Edge, app_state=app.state)
    complete_document(app)

    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> PlainTextResponse:
        return PlainTextResponse("ok")

    @app.get("/readyz", include_in_schema=False)
    async def readyz() -> JSONResponse:
        failed: dict[str, str] = {"draining": "yes"} if app.state.draining else {}
        for name, check in ready.items():
            try:
                await check()
            except Exception as error:  # noqa: BLE001 - whatever a check raises, the service is not ready
                failed[name] = type(error).__name__
        return JSONResponse({"ready": not failed, "failed": failed}, 503 if failed else 200)

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(api_page.render(app.openapi()), headers=api_page.HEADERS)

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return app


class Edge:
    """Outermost ASGI layer: gives each request an id and a span, bounds its body, counts its answer."""

    def __init__(self, app: ASGIApp, app_state: State) -> None:
        """Wrap `app`."""
        self._app = app
        self._state = app_state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name: value for name, value in scope["headers"] if name in _READ_HEADERS}
        given = headers.get(b"x-request-id", b"").decode("latin-1")
        request_id = given if _REQUEST_ID.match(given) else uuid.uuid4().hex
        scope["request_id"] = request_id
        length = headers.get(b"content-length", b"0")
        announced = int(length) if length.isdigit() else 0
        status = NOT_STARTED
        taken = 0

        async def limited() -> Message:
            nonlocal taken
            # Refused when the body is asked for, not before: what the header says wrong is said first.
            message: Message = {} if announced > MAX_BODY_BYTES else await receive()
            taken += len(message.get("body", b""))
            if max(taken, announced) > MAX_BODY_BYTES:
                await _drain(receive)
                raise _too_large()
            return message

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                extra = [(b"x-request-id", request_id.encode()), (b"x-content-type-options", b"nosniff")]
                # After a refused body the rest of it is still on its way: a closed connection spares reading it.
                if self._state.draining or status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
                    extra.append((b"connection", b"close"))
                message["headers"] = [*message["headers"], *extra]
            await send(message)

        structlog.contextvars.bind_contextvars(request_id=request_id)
        traceparent = headers.get(b"traceparent", b"").decode("latin-1")
        try:
            with span("http request", kind=SpanKind.SERVER, traceparents=[traceparent]) as opened:
                await self._app(scope, limited, noted)
                opened.update_name(f"{_method(scope)} {_route(scope)}")
                opened.set_attribute("http.response.status_code", status)
        except Exception as error:
            if status != NOT_STARTED:
                raise
            await _crash_answer(Request(scope), error)(scope, receive, noted)
        finally:
            REQUESTS.labels(_method(scope), _route(scope), status).inc()
            structlog.contextvars.unbind_contextvars("request_id")


async def _drain(receive: Receive) -> None:
    """Take and drop a little more of a body that is refused, so that its sender lives to read the answer."""
    dropped = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS):
            while dropped < DRAIN_BYTES:
                message = await receive()
                dropped += len(message.get("body", b""))
                if not message.get("more_body"):
                    return


_READ_HEADERS = frozenset({b"x-request-id", b"content-length", b"traceparent"})
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in _METHODS else "OTHER"


def _route(scope: Scope) -> str:
    """Return the route's template: the path itself may be personal."""
    return getattr(scope.get("route"), "path", "unmatched")


def _too_large() -> Problem:
    return Problem(
        413, "BODY_TOO_LARGE", "请求体超过 1 MiB,请分批发送。", "The body is over 1 MiB; send smaller batches."
    )


async def _on_problem(request: Request, error: Problem) -> Response:
    # A problem that is a constant is raised again and again: it must not gather the frames of each time.
    error.__traceback__ = error.__context__ = None
    return error.response(request)


async def _on_invalid(request: Request, error: RequestValidationError) -> Response:
    """Translate FastAPI's own validation. The refused input itself is never repeated: it may be personal."""
    if any(each["type"] == "json_invalid" for each in error.errors()):
        return _not_json().response(request)
    errors = [
        FieldError(
            "/" + "/".join(_pointer_part(part) for part in each["loc"]),
            each["type"].upper(),
            _CHINESE_BY_TYPE.get(each["type"], "取值不符合要求。"),
            _ENGLISH_BY_TYPE.get(each["type"], each["msg"]),
        )
        for each in error.errors()
    ]
    return invalid(errors).response(request)


def _pointer_part(part: str | int) -> str:
    """Return a part of a JSON pointer; a name that no schema has may be anything, so it is shown as `?`."""
    return str(part) if isinstance(part, int) or _NAME.match(part) else "?"


def _not_json() -> Problem:
    return Problem(400, "NOT_JSON", "请求体不是合法的 JSON。", "The body is not JSON.")


_NAME = re.compile(r"[A-Za-z_][A-Za-z_-]{0,63}\Z")
_ENGLISH_BY_TYPE = {"union_tag_invalid": "The value that names the kind is not a known one."}
_CHINESE_BY_TYPE = {
    "missing": "缺少必填项。",
    "extra_forbidden": "不认识的字段。",
    "string_too_long": "文字过长。",
    "string_too_short": "文字过短。",
    "string_pattern_mismatch": "格式不符合要求。",
    "string_type": "应为文字。",
    "int_type": "应为整数。",
    "bool_type": "应为 true 或 false。",
    "personal_data": "不得含有证件号码。",
    "date_from_datetime_parsing": "应为日期(YYYY-MM-DD)。",
}


async def _on_http(request: Request, error: HTTPException) -> Response:
    if isinstance(error.__cause__, Problem):  # raised while the body was read
        return error.__cause__.response(request)
    if error.status_code == HTTPStatus.BAD_REQUEST:
        return _not_json().response(request)
    zh = {404: "没有这个地址。", 405: "不支持这种请求方法。"}.get(error.status_code, "请求无法处理。")
    code = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}.get(error.status_code, f"HTTP_{error.status_code}")
    return Problem(error.status_code, code, zh, str(error.detail), headers=error.headers or {}).response(request)


async def _on_unauthenticated(request: Request, _error: Exception) -> Response:
    return Problem(
        401,
        "UNAUTHENTICATED",
        "需要有效的访问令牌。",
        "A valid access token is needed.",
        headers={"WWW-Authenticate": 'Bearer realm="xueshi"'},
    ).response(request)


async def _on_forbidden(request: Request, error: ForbiddenError) -> Response:
    return Problem(
        403,
        "FORBIDDEN",
        f"该令牌没有执行此操作的权限,需要:{error.needed_zh}。",
        f"This token does not allow the request; it needs {error.needed}.",
    ).response(request)


def _crash_answer(request: Request, error: Exception) -> Response:
    """Answer what nothing else has handled. Of the error only its kind is logged: its text may hold personal data."""
    if is_transient(error):
        log.warning("http.unavailable", error=type(error).__name__)
        return UNAVAILABLE.response(request)
    log.error("http.crash", exc_info=error)
    return Problem(
        500,
        "INTERNAL",
        "内部错误,已记录。请联系管理部门,并提供 request_id。",
        "An internal error; it was logged. Turn to the administration and quote the request_id.",
    ).response(request)


UNAVAILABLE = Problem(
    503,
    "UNAVAILABLE",
    "服务暂时不可用,请稍后重试。",
    "Temporarily unavailable; try again.",
    headers={"Retry-After": "2"},
)
