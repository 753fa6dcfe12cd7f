"""What a kind of mutation is: how it is made, and how it must be answered."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from tests.fuzz.requests import Genuine, Pool, Request

Make = Callable[[random.Random, Genuine, Pool], Request | None]
"""Returns the mutated request; None where this request cannot be mutated so."""

Answers = frozenset[tuple[int, str]]
"""Statuses with their problem's code."""

INVALID: Answers = frozenset({(401, "SIGNATURE_INVALID")})
STALE: Answers = frozenset({(401, "TIMESTAMP_STALE")})
ENDED: Answers = frozenset({(401, "KEY_REVOKED")})
MALFORMED: Answers = frozenset({(400, "REQUEST_MALFORMED")})
NOWHERE: Answers = frozenset({(404, "NOT_FOUND"), (405, "METHOD_NOT_ALLOWED")})
TOO_LONG: Answers = frozenset({(431, "HEADERS_TOO_LARGE")})


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of mutation. `answers` are the only ones that are right.

    Anything else has let the request further in than a request that nobody signed may come: even a 400 for the body's
    JSON says that its signature was taken.
    """

    name: str
    make: Make
    answers: Answers = INVALID
    on_wire: bool = False
    """The bytes of HTTP itself are odd, so that only a server can be asked."""


def flip(rng: random.Random, data: bytes) -> bytes:
    """Return the bytes with one bit changed."""
    place = rng.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << rng.randrange(8)]) + data[place + 1 :]


def put(rng: random.Random, data: bytes, what: bytes, *, at: int | None = None) -> bytes:
    """Return the bytes with something put in between."""
    place = rng.randrange(len(data) + 1) if at is None else at
    return data[:place] + what + data[place:]
