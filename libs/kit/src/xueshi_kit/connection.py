"""One connection of a client, as uvicorn serves it, with the bounds that uvicorn leaves to others.

The head of a request is bounded in size, number of headers and the time that it takes to arrive, its body in what it
takes on the wire; requests that are sent before earlier ones are answered are bounded in number; connections too.
What is refused here is told as a problem like any other, and never as the answer to an earlier request that is still
being worked on: it is what the last answer's closed connection says. Trailers are dropped: nobody expects them, and
they are no headers.
"""

import asyncio
from http import HTTPStatus
from typing import Any

from httptools import HttpParserError
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from xueshi_kit.edge import MAX_BODY_BYTES, too_large
from xueshi_kit.problems import Problem

MAX_CONNECTIONS = 800
"""Fits below the 1,024 open files that a process has by default."""
MAX_HEAD_BYTES = 32 * 1024
MAX_HEADERS = 100
MAX_WIRE_BYTES = 4 * MAX_BODY_BYTES
"""Of one body with all that frames it: the heads of its chunks, and its trailers, which nobody else bounds."""
MAX_PIPELINED = 16
HEAD_SECONDS = 10.0
LINGER_SECONDS = 0.5


class RefusedError(HttpParserError):
    """Raised inside the parser to end its work; what is answered stands in the connection."""


class Connection(HttpToolsProtocol):
    """A connection whose requests are bounded before any of them reaches the application."""

    head_seconds = HEAD_SECONDS

    def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - uvicorn's own
        """Take what uvicorn gives to every protocol."""
        super().__init__(*arguments, **named)
        self._refusal = _MALFORMED
        self._is_refused = False
        self._is_parting = False
        self._is_in_head = True
        self._head_bytes = 0
        self._wire_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._at_work: RequestResponseCycle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request, unless too many clients are connected."""
        super().connection_made(transport)
        if len(self.connections) > MAX_CONNECTIONS:
            self._refuse(_TOO_MANY_CONNECTIONS)
        else:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the client."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on. Of a refused client nothing more is read than is needed to be rid of it."""
        if self._is_refused:
            return
        if self._is_in_head:
            self._head_bytes += len(data)
        else:
            self._wire_bytes += len(data)
        super().data_received(data)
        if self._is_refused:
            return
        if self._is_in_head and self._head_bytes > MAX_HEAD_BYTES:
            self._refuse(_HEAD_TOO_LARGE)
        elif self._wire_bytes > MAX_WIRE_BYTES:
            self._refuse(too_large())
        elif self._is_in_head and self._head_timer is None and (self.cycle is None or self.cycle.response_complete):
            # Stray line ends before a request: its time runs already.
            self._await_head()

    def on_message_begin(self) -> None:
        """Start the clock of a request's head."""
        super().on_message_begin()
        if self._head_timer is None:
            self._await_head()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; one that comes behind the body is dropped."""
        if not self._is_in_head:
            return
        if len(self.headers) >= MAX_HEADERS:
            self._refusal = _HEAD_TOO_LARGE
            raise RefusedError
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Let the request in."""
        self._stop_waiting()
        self._is_in_head = False
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > MAX_HEAD_BYTES:
            self._refusal = _HEAD_TOO_LARGE
            raise RefusedError
        if len(self.pipeline) >= MAX_PIPELINED:
            raise RefusedError
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Wait for the head of the next request."""
        super().on_message_complete()
        self._is_in_head = True
        self._head_bytes = self._wire_bytes = 0

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's own words are not used
        """Answer what the parser does not read on, or what was refused inside it."""
        self._refuse(self._refusal)

    def on_response_complete(self) -> None:
        """Go on to the next request, unless this was the last."""
        if not self._is_parting:
            super().on_response_complete()

    def part(self) -> None:
        """Close the connection.

        Where the client is still sending, it gets a moment to read its answer: the system breaks a connection that is
        closed before everything was read from it, and what was written with it.
        """
        if self._is_parting:
            return
        self._is_parting = True
        self._stop_waiting()
        self._unset_keepalive_if_required()
        if not self._is_refused and not (self._at_work is not None and self._at_work.more_body):
            self.transport.close()
            return
        self._is_refused = True
        self.flow.pause_reading()
        if self.transport.can_write_eof() and not self.transport.is_closing():
            self.transport.write_eof()
        self.loop.call_later(LINGER_SECONDS, self.transport.close)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:  # noqa: ANN401 - uvicorn's own
        self._at_work = cycle
        cycle.transport = _Parting(self)  # type: ignore[assignment] # the little of a transport that a cycle uses
        super()._start_asgi_task(cycle, app)

    def _await_head(self) -> None:
        self._head_timer = self.loop.call_later(self.head_seconds, self._refuse, _HEAD_TOO_SLOW)

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _refuse(self, problem: Problem) -> None:
        """End the connection behind the answers that are still due; with this one where none is."""
        self._is_refused = True
        self._stop_waiting()
        if self.pipeline and self.cycle.more_body:
            self.pipeline.popleft()  # its body cannot be read any more
        last = self.pipeline[0][0] if self.pipeline else self._at_work
        if last is None or last.response_complete:
            self._end_with(problem)
        elif last.more_body and not last.response_started:
            last.disconnected = True  # the application has nobody left to answer
            last.message_event.set()
            self._end_with(problem)
        elif last.more_body:
            self.part()
        else:
            last.keep_alive = False

    def _end_with(self, problem: Problem) -> None:
        if self.transport.is_closing() or self._is_parting:
            return
        answer = problem.response()
        headers = [*answer.raw_headers, (b"connection", b"close")]
        lines = [b"%b: %b\r\n" % header for header in headers]
        self.transport.write(b"".join([STATUS_LINE[answer.status_code], *lines, b"\r\n", bytes(answer.body)]))
        self.part()


class _Parting:
    """A connection's transport, as the cycle of a request uses it: it closes as the connection does."""

    def __init__(self, connection: Connection) -> None:
        self.write = connection.transport.write
        self.is_closing = connection.transport.is_closing
        self.close = connection.part


def connection_class(head_seconds: float) -> type[Connection]:
    """Return the class for connections on which a request's head has this time to arrive."""
    return type("Connection", (Connection,), {"head_seconds": head_seconds})


_MALFORMED = Problem(
    HTTPStatus.BAD_REQUEST,
    "REQUEST_MALFORMED",
    "请求不符合 HTTP 格式。",
    "This is no well-formed HTTP request.",
)
_HEAD_TOO_LARGE = Problem(
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    "HEADERS_TOO_LARGE",
    "请求头过长或过多。",
    "The request's headers are too long or too many.",
)
_HEAD_TOO_SLOW = Problem(
    HTTPStatus.REQUEST_TIMEOUT,
    "HEADERS_TOO_SLOW",
    "请求头未在规定时间内发送完毕。",
    "The request's headers did not arrive in time.",
)
_TOO_MANY_CONNECTIONS = Problem(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "BUSY",
    "连接数过多,请按 Retry-After 稍后重试。",
    "Too many connections; try again after Retry-After.",
    headers={"Retry-After": "2"},
)
