"""A small HTTP/1.1 client over one kept connection that can be cut anywhere, and signed deliveries through it."""

import asyncio
import random
import socket
import struct
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from xueshi_kit.webhooks import SigningKey, sign

ANSWER_SECONDS = 15.0
AGAIN_SECONDS = (0.1, 0.2, 0.4, 0.8)
PATIENCE_SECONDS = 180.0
_OK = 200
_TRY_AGAIN = frozenset({429, 500, 502, 503, 504})
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER of no seconds: closing sends a reset


class NoAnswerError(Exception):
    """Nothing usable came back: the request may or may not have been taken."""


class RefusedError(Exception):
    """The gateway refused a delivery as a whole, which none of these senders deserves."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery, ready to be signed and sent as often as it takes."""

    platform: str
    webhook_id: str
    body: bytes
    key: SigningKey

    def request(self) -> bytes:
        """Return a request with a fresh signature."""
        signed = sign([self.key], self.webhook_id, datetime.now(UTC), self.body)
        lines = [
            f"POST /v1/platforms/{self.platform}/deliveries HTTP/1.1",
            "host: gateway",
            "content-type: application/json",
            f"content-length: {len(self.body)}",
            *(f"{name}: {value}" for name, value in signed.items()),
        ]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


class Connection:
    """One connection to a local port, opened when needed and dropped after a fault."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> Answer:
        """Send a request and return the answer. Raises `NoAnswerError`."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                reader, writer = await self._opened()
                writer.write(request)
                await writer.drain()
                return await self._answer(reader)
        except (OSError, EOFError, TimeoutError, ValueError, asyncio.LimitOverrunError) as error:
            self.drop()
            raise NoAnswerError from error

    async def cut(self, request: bytes, after_bytes: int) -> None:
        """Send this much of a request and cut the connection with a reset."""
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(ANSWER_SECONDS):
                _, writer = await self._opened()
                writer.write(request[:after_bytes])
                await writer.drain()
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.drop()

    def drop(self) -> None:
        """Close without a word."""
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None

    async def _opened(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        return self._streams

    async def _answer(self, reader: asyncio.StreamReader) -> Answer:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers: Mapping[str, str] = {
            name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)
        }
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        if headers.get("connection") == "close":
            self.drop()
        return Answer(int(head[0].split(" ")[1]), body)


class Sender:
    """Delivers until it is answered, to one replica of the gateway after the other; `note` counts what comes back."""

    def __init__(self, ports: Sequence[int], chance: random.Random, note: Callable[[str], None]) -> None:
        self._note = note
        self._ports = ports
        self._connections = [Connection(port) for port in ports]
        self._chance = chance
        self._turn = chance.randrange(len(ports))

    def another(self) -> "Sender":
        """Return a sender with connections of its own that begins at another replica."""
        return Sender(self._ports, self._chance, self._note)

    async def deliver(self, delivery: Delivery) -> bytes:
        """Return the receipt. Raises `RefusedError`, or `NoAnswerError` when patience is over."""
        give_up_at = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        attempt = 0
        while True:
            self._turn = (self._turn + 1) % len(self._connections)
            try:
                answer = await self._connections[self._turn].ask(delivery.request())
            except NoAnswerError:
                self._note("answer: none")
            else:
                self._note(f"answer: {answer.status}")
                if answer.status == _OK:
                    return answer.body
                if answer.status not in _TRY_AGAIN:
                    message = f"{delivery.platform}/{delivery.webhook_id}: {answer.status} {answer.body[:300]!r}"
                    raise RefusedError(message)
            if asyncio.get_running_loop().time() > give_up_at:
                message = f"{delivery.platform}/{delivery.webhook_id}"
                raise NoAnswerError(message)
            await asyncio.sleep(AGAIN_SECONDS[min(attempt, len(AGAIN_SECONDS) - 1)] * (0.5 + self._chance.random()))
            attempt += 1

    async def cut(self, delivery: Delivery, *, whole: bool) -> None:
        """Cut a connection in the middle of a request, or right behind it, before the answer."""
        request = delivery.request()
        end = len(request) if whole else self._chance.randrange(1, len(request))
        await self._connections[self._turn].cut(request, end)

    def close(self) -> None:
        """Drop the connections."""
        for connection in self._connections:
            connection.drop()
