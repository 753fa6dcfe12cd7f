"""The outermost layer of every HTTP API: an id and a span for each request, bounds for its body, a count of its answer.

A body is bounded in size, in the time that it takes to arrive and, together with all others that are being held, in
memory; requests that are being worked on are bounded in number. What is over a bound is told so early: 413, 408, 503.
What a client has still to send when it is answered is taken for a moment, so that it lives to read the answer; where
that does not end, its connection does. Bounds on connections and heads stand in `connection`.
"""

import asyncio
import re
import secrets
from contextlib import suppress
from functools import lru_cache
from http import HTTPStatus

import structlog
from opentelemetry.trace import SpanKind
from prometheus_client import Counter
from starlette.datastructures import State
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from xueshi_kit.db import is_transient
from xueshi_kit.problems import Problem
from xueshi_kit.telemetry import span

log = structlog.get_logger()

MAX_BODY_BYTES = 1024 * 1024
MAX_HELD_BYTES = 32 * MAX_BODY_BYTES
"""Bodies of all requests under way, together."""
MAX_AT_WORK = 256
"""Requests whose body is there and whose answer is not."""
BODY_SECONDS = 20.0
DRAIN_BYTES = 2 * MAX_BODY_BYTES
DRAIN_SECONDS = 0.5
NOT_STARTED = 0
CLIENT_GONE = 499
"""Counted where nobody was left to answer."""
ALWAYS_ANSWERED = frozenset({"/healthz", "/readyz", "/metrics"})
REQUESTS = Counter("xueshi_http_requests_total", "Answers by method, route and status.", ["method", "route", "status"])

# It stands in logs: a long number might be a person's.
_REQUEST_ID = re.compile(r"(?!.*[0-9]{15})[A-Za-z0-9_-]{1,64}\Z")
_READ_HEADERS = frozenset({b"x-request-id", b"content-length", b"transfer-encoding", b"expect", b"traceparent"})
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

Headers = dict[bytes, bytes]


class Load:
    """What one process is dealing with: the bytes of bodies that it holds, and the requests that it works on."""

    def __init__(self) -> None:
        self.held_bytes = 0
        self.at_work = 0


class Edge:
    """The layer itself, around an application. `app_state` says whether the process drains, and its time limit."""

    def __init__(self, app: ASGIApp, app_state: State) -> None:
        """Wrap `app`."""
        self._app = app
        self._state = app_state
        self._load = Load()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name: value for name, value in scope["headers"] if name in _READ_HEADERS}
        given = headers.get(b"x-request-id", b"").decode("latin-1")
        request_id = given if _REQUEST_ID.match(given) else secrets.token_hex(16)
        scope["request_id"] = request_id
        body = Body(receive, headers, self._load, self._state.body_seconds)
        status = NOT_STARTED

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                await body.drain()
                status = message["status"]
                extra = [(b"x-request-id", request_id.encode()), (b"x-content-type-options", b"nosniff")]
                # What is left of a body would be read as the next request, or for nothing.
                if self._state.draining or not body.is_over:
                    extra.append((b"connection", b"close"))
                message["headers"] = [*message["headers"], *extra]
            await send(message)

        structlog.contextvars.bind_contextvars(request_id=request_id)
        traceparent = headers.get(b"traceparent", b"").decode("latin-1")
        try:
            with span("http request", kind=SpanKind.SERVER, traceparents=[traceparent]) as opened:
                await self._serve(scope, body, noted)
                opened.update_name(f"{_method(scope)} {_route(scope)}")
                opened.set_attribute("http.response.status_code", status)
        except ClientDisconnect:
            status = status or CLIENT_GONE
        except Exception as error:
            if status != NOT_STARTED:
                raise
            await _crash_answer(Request(scope), error)(scope, receive, noted)
        finally:
            body.release()
            _counter(_method(scope), _route(scope), status).inc()
            structlog.contextvars.unbind_contextvars("request_id")

    async def _serve(self, scope: Scope, body: "Body", send: Send) -> None:
        if body.is_over and scope["path"] not in ALWAYS_ANSWERED:
            try:
                body.start_work()
            except Problem as problem:
                await problem.response(Request(scope))(scope, body.receive, send)
                return
        await self._app(scope, body.receive, send)


class Body:
    """The body of one request on its way in, as the application's `receive`."""

    def __init__(self, receive: Receive, headers: Headers, load: Load, seconds: float) -> None:
        """Give it `seconds` from now to arrive."""
        self._receive = receive
        self._load = load
        length = headers.get(b"content-length", b"0")
        self._announced = int(length) if length.isdigit() else 0
        # A client that waits for a word before it sends its body sends none when it is refused.
        self._waits = headers.get(b"expect", b"").lower() == b"100-continue"
        self._ends_at = asyncio.get_running_loop().time() + seconds
        self._held_bytes = 0
        self._is_at_work = False
        self._is_given_up = False
        self.is_over = self._announced == 0 and b"transfer-encoding" not in headers

    async def receive(self) -> Message:
        """Return the next piece. Raises the `Problem` of a body that is too large, too slow or too much."""
        if self.is_over:
            return await self._receive()
        # Refused when the body is asked for, not before: what the header says wrong is said first.
        if self._announced > MAX_BODY_BYTES:
            raise too_large()
        try:
            async with asyncio.timeout_at(self._ends_at):
                message = await self._take()
        except TimeoutError:
            self._is_given_up = True
            raise _too_slow() from None
        self._hold(len(message.get("body", b"")))
        if self.is_over:
            self.start_work()
        return message

    def start_work(self) -> None:
        """Count the request among those at work. Raises the `Problem` that there are too many."""
        if self._load.at_work >= MAX_AT_WORK:
            raise _busy()
        self._load.at_work += 1
        self._is_at_work = True

    async def drain(self) -> None:
        """Take and drop what is left of the body, up to a bound, once the answer is known."""
        dropped = 0
        if self.is_over or self._is_given_up or self._waits:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                while dropped < DRAIN_BYTES and not self.is_over:
                    dropped += len((await self._take()).get("body", b""))

    def release(self) -> None:
        """Forget the request."""
        self._load.held_bytes -= self._held_bytes
        self._load.at_work -= self._is_at_work

    async def _take(self) -> Message:
        self._waits = False
        message = await self._receive()
        # A client that has gone sends nothing more either.
        self.is_over = not message.get("more_body")
        return message

    def _hold(self, size: int) -> None:
        self._held_bytes += size
        self._load.held_bytes += size
        if self._held_bytes > MAX_BODY_BYTES:
            raise too_large()
        if self._load.held_bytes > MAX_HELD_BYTES:
            raise _busy()


@lru_cache
def _counter(method: str, route: str, status: int) -> Counter:
    return REQUESTS.labels(method, route, status)


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in _METHODS else "OTHER"


def _route(scope: Scope) -> str:
    """Return the route's template: the path itself may be personal."""
    return getattr(scope.get("route"), "path", "unmatched")


def too_large() -> Problem:
    """Return the 413 problem."""
    return Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "BODY_TOO_LARGE",
        "请求体超过 1 MiB,请分批发送。",
        "The body is over 1 MiB; send smaller batches.",
    )


def _too_slow() -> Problem:
    return Problem(
        HTTPStatus.REQUEST_TIMEOUT,
        "BODY_TOO_SLOW",
        "请求体未在规定时间内发送完毕,请检查网络后重发。",
        "The body did not arrive in time; check the network and send again.",
    )


def _busy() -> Problem:
    return Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "BUSY",
        "同时处理的请求过多,请按 Retry-After 稍后重发。",
        "Too much at once; send again after Retry-After.",
        headers={"Retry-After": "2"},
    )


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
