"""Signed requests as a sender makes them, and what a receiver makes of their bytes.

Signing is written here once more, apart from the code under test: content, marks and headers from Standard Webhooks.
"""

import base64
import json
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from tests.fuzz.gateway import Platform
from tests.integration.gateway.stand import record
from xueshi_kit.webhooks import SigningKey

ID, TIMESTAMP, SIGNATURE = b"webhook-id", b"webhook-timestamp", b"webhook-signature"
NAMES = (ID, TIMESTAMP, SIGNATURE)
Headers = tuple[tuple[bytes, bytes], ...]
Clock = Callable[[], int]
"""Gives the moment in seconds since 1970."""
POOL_SIZE = 64
POOL_MUTANTS = 2000
POOL_SECONDS = 60
"""How long a pool of genuine requests is mutated: its timestamps must be far from stale."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as bytes: the platform's part of the path, the webhook's headers, the body.

    `wire` are the bytes that follow the webhook's headers where the request is framed oddly: other headers and body.
    """

    platform: bytes
    headers: Headers
    body: bytes
    wire: bytes | None = None

    def meaning(self) -> tuple[bytes, Headers, bytes, bytes | None]:
        """Return what a receiver reads: names in any case and blanks around a value mean the same."""
        headers = tuple(sorted((name.lower(), value.strip(b" \t")) for name, value in self.headers))
        return unquote_to_bytes(self.platform), headers, self.body, self.wire

    def render(self) -> bytes:
        """Return the bytes to send."""
        head = b"POST /v1/platforms/%b/deliveries HTTP/1.1\r\nHost: gateway\r\n" % self.platform
        head += b"".join(b"%b: %b\r\n" % pair for pair in self.headers)
        if self.wire is not None:
            return head + self.wire
        return head + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(self.body), self.body)


def content(webhook_id: bytes, seconds: bytes, body: bytes) -> bytes:
    """Return what is signed."""
    return b".".join((webhook_id, seconds, body))


def marks(keys: Iterable[SigningKey], signed: bytes) -> bytes:
    """Return the value of the signature header: one mark per key."""
    return b" ".join(each.version + b"," + base64.b64encode(each.signature(signed)) for each in keys)


@dataclass(frozen=True, slots=True)
class Genuine:
    """A delivery that its platform has signed with one or more of its keys."""

    platform: Platform
    webhook_id: bytes
    seconds: bytes
    body: bytes
    keys: tuple[SigningKey, ...]

    @property
    def signed(self) -> bytes:
        """Return what is signed."""
        return content(self.webhook_id, self.seconds, self.body)

    @property
    def signatures(self) -> list[tuple[bytes, bytes]]:
        """Return each signature: its version and its bytes."""
        return [(each.version, each.signature(self.signed)) for each in self.keys]

    def request(
        self,
        *,
        webhook_id: bytes | None = None,
        seconds: bytes | None = None,
        signature: bytes | None = None,
        body: bytes | None = None,
        platform: bytes | None = None,
        wire: bytes | None = None,
    ) -> Request:
        """Return the request; what is given stands in place of the genuine part, and nothing is signed anew."""
        headers = (
            (ID, self.webhook_id if webhook_id is None else webhook_id),
            (TIMESTAMP, self.seconds if seconds is None else seconds),
            (SIGNATURE, marks(self.keys, self.signed) if signature is None else signature),
        )
        name = self.platform.name.encode() if platform is None else platform
        return Request(name, headers, self.body if body is None else body, wire)

    def signed_by(self, keys: Sequence[SigningKey]) -> Request:
        """Return the request as these keys sign it."""
        return self.request(signature=marks(keys, self.signed))

    def signed_at(self, seconds: int) -> Request:
        """Return the request as it is signed at another moment."""
        moment = str(seconds).encode()
        mark = marks(self.keys, content(self.webhook_id, moment, self.body))
        return self.request(seconds=moment, signature=mark)


@dataclass(frozen=True, slots=True)
class Pool:
    """Genuine requests of several platforms, keys and moments, to be mutated and swapped among each other."""

    requests: tuple[Genuine, ...]
    meanings: frozenset[object]
    platforms: tuple[Platform, ...]
    clock: Clock
    drawn_at: int

    @classmethod
    def draw(cls, rng: random.Random, platforms: Sequence[Platform], clock: Clock) -> "Pool":
        """Sign new requests."""
        now = clock()
        drawn = tuple(_draw(rng, rng.choice(platforms), now) for _ in range(POOL_SIZE))
        meanings = frozenset(each.request().meaning() for each in drawn)
        return cls(drawn, meanings, tuple(platforms), clock, now)

    @property
    def is_worn(self) -> bool:
        """Tell whether it is time for another pool."""
        return self.clock() >= self.drawn_at + POOL_SECONDS

    def other(self, rng: random.Random, than: Genuine) -> Genuine:
        """Return another request than this one."""
        return rng.choice([each for each in self.requests if each is not than])


def _draw(rng: random.Random, platform: Platform, now: int) -> Genuine:
    name = f"msg_{rng.getrandbits(64):016x}{rng.choice(['', '-', '_A', '-b7'])}".encode()
    seconds = str(now - rng.randrange(20)).encode()
    keys = tuple(rng.sample(platform.live, rng.choice([1, 1, 1, 2, 3])))
    return Genuine(platform, name, seconds, genuine_body(rng), keys)


def genuine_records(rng: random.Random, count: int) -> list[dict[str, Any]]:
    """Return well-formed records of different people."""
    return [record(f"R{rng.getrandbits(48):012x}", rng.randrange(1000)) for _ in range(count)]


def genuine_body(rng: random.Random) -> bytes:
    """Return a delivery that is accepted: should its signature hold, records come into being."""
    body = {
        "type": "hour_records.completed",
        "timestamp": "2025-06-03T18:20:00+08:00",
        "data": {"records": genuine_records(rng, rng.choice([1, 1, 1, 3]))},
    }
    return json.dumps(body, ensure_ascii=rng.random() < 0.2, separators=rng.choice([None, (",", ":")])).encode()
