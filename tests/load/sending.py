"""The process that sends: `python -m tests.load.sending` takes loads on its standard input and answers how they went.

It parses no more of HTTP than the services' answers need and looks into them only when the clock has stopped, so that
its own share of the CPU stays small. That share is measured too.
"""

import asyncio
import json
import os
import pickle
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import uvloop

from tests.load import cpu
from tests.load.sender import LENGTH, OWN, Load, Request, Sent, UnexpectedAnswerError

_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = b"content-length:"
_OK = 200
PATIENCE_SECONDS = 240.0
"""All of a load is answered by then, or the service hangs."""


def main() -> None:
    """Send load after load, until there is nobody to give them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who started this process
    orders, answers = sys.stdin.buffer, sys.stdout.buffer
    while length := orders.read(LENGTH.size):
        load = pickle.loads(orders.read(LENGTH.unpack(length)[0]))  # noqa: S301 - who started this process says it
        outcome = pickle.dumps(_outcome(load))
        answers.write(LENGTH.pack(len(outcome)) + outcome)
        answers.flush()


def _outcome(load: Load) -> Sent | Exception:
    try:
        return uvloop.run(_send(load))
    except (UnexpectedAnswerError, OSError) as error:
        return error


async def _send(load: Load) -> Sent:
    loop = asyncio.get_running_loop()
    connections = [
        (await loop.create_connection(_Connection, "127.0.0.1", load.ports[place % len(load.ports)]))[1]
        for place in range(load.connections)
    ]
    gap_ns = int(1e9 / load.per_second) if load.per_second else 0
    answers: list[_Answer | None] = [None] * len(load.requests)
    pids = {**load.pids, OWN: [os.getpid()]}
    before = cpu.read(pids)
    began_at_ns = time.monotonic_ns()
    work = iter(enumerate(load.requests))
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await asyncio.gather(*(_work_off(each, work, answers, began_at_ns, gap_ns) for each in connections))
    except TimeoutError:
        message = f"{answers.count(None)} of {len(answers)} requests were not answered in {PATIENCE_SECONDS:g} seconds"
        raise UnexpectedAnswerError(message) from None
    seconds = (time.monotonic_ns() - began_at_ns) / 1e9
    used = cpu.used(before, cpu.read(pids))
    for each in connections:
        each.close()
    for request, answer in zip(load.requests, answers, strict=True):
        _check(request, answer)
    return Sent(
        records=sum(each.records for each in load.requests),
        seconds=seconds,
        cpu_seconds=used,
        began_at_ns=began_at_ns,
        due_at_ns=[began_at_ns + place * gap_ns for place in range(len(load.requests))],
    )


async def _work_off(
    connection: "_Connection",
    work: Iterator[tuple[int, Request]],
    answers: "list[_Answer | None]",
    began_at_ns: int,
    gap_ns: int,
) -> None:
    """Take one request after the other, each not before it is due."""
    for place, request in work:
        if gap_ns:
            early_ns = began_at_ns + place * gap_ns - time.monotonic_ns()
            await asyncio.sleep(max(0.0, early_ns / 1e9))
        answers[place] = await connection.ask(request.raw)


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: bytes


class _Connection(asyncio.Protocol):
    """A keep-alive connection with one request in flight. It reads answers that give their length, and no others."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport
        self._buffer = bytearray()
        self._needed = 0
        self._body_from = 0
        self._answer: asyncio.Future[_Answer] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport; uvloop's is one without being of the type."""
        self._transport = cast("asyncio.Transport", transport)

    async def ask(self, request: bytes) -> _Answer:
        """Send a request and return its answer. Raises `ConnectionError` where the server hangs up."""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def data_received(self, data: bytes) -> None:
        """Gather an answer."""
        self._buffer += data
        if not self._needed:
            end = self._buffer.find(_END_OF_HEAD)
            if end < 0:
                return
            self._body_from = end + len(_END_OF_HEAD)
            self._needed = self._body_from + _content_length(bytes(self._buffer[:end]))
        if len(self._buffer) >= self._needed and self._answer is not None:
            status = int(self._buffer.split(b" ", 2)[1])
            self._answer.set_result(_Answer(status, bytes(self._buffer[self._body_from : self._needed])))
            del self._buffer[: self._needed]
            self._needed = 0

    def connection_lost(self, error: Exception | None) -> None:
        """Fail the request that is in flight."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError(f"the service has hung up: {error}"))

    def close(self) -> None:
        """Hang up."""
        self._transport.close()


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        if line[: len(_LENGTH)].lower() == _LENGTH:
            return int(line[len(_LENGTH) :])
    message = f"an answer without its length: {head[:200]!r}"
    raise UnexpectedAnswerError(message)


def _check(request: Request, answer: _Answer | None) -> None:
    wanted = {"accepted": request.accepted, "duplicate": request.duplicate, "rejected": 0}
    if answer is None or answer.status != _OK or json.loads(answer.body)["counts"] != wanted:
        message = f"instead of {wanted}: {answer.status if answer else ''} {answer.body[:400] if answer else ''!r}"
        raise UnexpectedAnswerError(message)


if __name__ == "__main__":
    main()
