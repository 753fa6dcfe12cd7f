"""A client that sends bytes as they are, on a connection that it keeps, and reads what comes back."""

import asyncio
import contextlib
import json
from dataclasses import dataclass
from typing import Any, Self

ANSWER_SECONDS = 120.0
MAX_ANSWER_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer. `status` 0: the connection ended without one."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """Return the first header of this lower-case name."""
        return next((value for key, value in self.headers if key == name), None)

    @property
    def closes(self) -> bool:
        """Tell whether the server ends the connection."""
        return self.status == 0 or self.header("connection") == "close"

    @property
    def code(self) -> str:
        """Return the stable code of a problem, or an empty text where there is none."""
        if self.header("content-type") != "application/problem+json":
            return ""
        return str(self.json().get("code", ""))

    def json(self) -> dict[str, Any]:
        """Return the body's object."""
        found: dict[str, Any] = json.loads(self.body)
        return found


NO_ANSWER = Answer(0)


class Connection:
    """One connection, opened when it is needed and opened anew after the server has ended it."""

    def __init__(self, host: str, port: int) -> None:
        """Connect at the first request."""
        self._address = host, port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def __aenter__(self) -> Self:
        """Use it in a block."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """End it."""
        await self.close()

    async def close(self) -> None:
        """End the connection."""
        if self._streams is not None:
            self._streams[1].close()
            with contextlib.suppress(OSError):
                await self._streams[1].wait_closed()
            self._streams = None

    async def send(self, request: bytes) -> None:
        """Send bytes, a whole request or a part of one. Raises OSError where the server has ended the connection."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(*self._address, limit=MAX_ANSWER_BYTES)
        writer = self._streams[1]
        writer.write(request)
        await writer.drain()

    async def ask(self, request: bytes, *, keep: bool = True) -> Answer:
        """Send a request and return its answer. `keep` False: what follows the answer is not waited for."""
        fresh = self._streams is None
        with contextlib.suppress(OSError):  # a refused request may still have its answer
            await self.send(request)
        answer = await self.read()
        if answer.closes or not keep:
            await self.close()
        if answer.status == 0 and not fresh:  # the server had ended a kept connection before it saw the request
            return await self.ask(request, keep=keep)
        return answer

    async def read(self) -> Answer:
        """Return the next answer on the connection; `NO_ANSWER` where it ends first."""
        assert self._streams is not None
        reader = self._streams[0]
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                status_line, *lines = head.decode("latin-1").split("\r\n")[:-2]
                headers = tuple(
                    (name.lower(), value.strip()) for name, _, value in (each.partition(":") for each in lines)
                )
                answer = Answer(int(status_line.split(" ")[1]), headers)
                length = int(answer.header("content-length") or 0)
                return Answer(answer.status, headers, await reader.readexactly(length))
        except (asyncio.IncompleteReadError, OSError) as error:
            if isinstance(error, TimeoutError):
                raise
            return NO_ANSWER
