"""The body is another than the one that was signed."""

import json
import random
import re
from collections.abc import Callable

from tests.fuzz.mutations.kind import Kind, Make, flip, put
from tests.fuzz.requests import Genuine, Pool, Request, genuine_body

Change = Callable[[random.Random, bytes], bytes]

_TAILS = (b" ", b"\n", b"\r\n", b"\t", b"\0", b"}", b"\xef\xbb\xbf", b"  ", b"{}", b"//", b".", b"\xff")


def _changed(change: Change) -> Make:
    def make(rng: random.Random, genuine: Genuine, _pool: Pool) -> Request:
        return genuine.request(body=change(rng, genuine.body))

    return make


def _drop(rng: random.Random, body: bytes) -> bytes:
    start = rng.randrange(len(body))
    return body[:start] + body[start + rng.choice([1, 1, 2, 7, 64]) :]


def _insert(rng: random.Random, body: bytes) -> bytes:
    return put(rng, body, rng.randbytes(rng.choice([1, 1, 2, 16])))


def _replace(rng: random.Random, body: bytes) -> bytes:
    place = rng.randrange(len(body))
    return body[:place] + rng.randbytes(1) + body[place + 1 :]


def _cut_end(rng: random.Random, body: bytes) -> bytes:
    return body[: rng.randrange(len(body))]


def _cut_front(rng: random.Random, body: bytes) -> bytes:
    return body[rng.randrange(1, len(body) + 1) :]


def _append(rng: random.Random, body: bytes) -> bytes:
    return body + rng.choice(_TAILS) * rng.choice([1, 1, 2, 9])


def _prepend(rng: random.Random, body: bytes) -> bytes:
    return rng.choice(_TAILS) * rng.choice([1, 1, 2, 9]) + body


def _swap_halves(rng: random.Random, body: bytes) -> bytes:
    place = rng.randrange(len(body))
    return body[place:] + body[:place]


def _other_spelling(rng: random.Random, body: bytes) -> bytes:
    """Write the same JSON in other bytes."""
    layout = {"indent": rng.choice([None, 0, 1, 2, 4]), "ensure_ascii": rng.random() < 0.5, "sort_keys": True}
    return json.dumps(json.loads(body), **layout).encode()  # type: ignore[arg-type]


def _other_figure(rng: random.Random, body: bytes) -> bytes:
    """Change one digit, as a forger of hours would."""
    place = rng.choice([found.start() for found in re.finditer(rb"[0-9]", body)])
    return body[:place] + str(rng.randrange(10)).encode() + body[place + 1 :]


def _other_encoding(rng: random.Random, body: bytes) -> bytes:
    return body.decode().encode(rng.choice(["utf-16", "utf-16-le", "utf-32", "gb18030", "utf-8-sig"]))


def _another(_rng: random.Random, genuine: Genuine, pool: Pool) -> Request:
    return genuine.request(body=pool.other(_rng, genuine).body)


KINDS = [
    Kind("body: a bit flipped", _changed(flip)),
    Kind("body: bytes dropped", _changed(_drop)),
    Kind("body: bytes put in", _changed(_insert)),
    Kind("body: a byte replaced", _changed(_replace)),
    Kind("body: cut short", _changed(_cut_end)),
    Kind("body: its beginning cut", _changed(_cut_front)),
    Kind("body: empty", _changed(lambda _rng, _body: b"")),
    Kind("body: something appended", _changed(_append)),
    Kind("body: something before it", _changed(_prepend)),
    Kind("body: twice", _changed(lambda _rng, body: body + body)),
    Kind("body: halves swapped", _changed(_swap_halves)),
    Kind("body: the same JSON in other bytes", _changed(_other_spelling)),
    Kind("body: another figure", _changed(_other_figure)),
    Kind("body: in another encoding", _changed(_other_encoding)),
    Kind("body: a new one", _changed(lambda rng, _body: genuine_body(rng))),
    Kind("body: another request's", _another),
]
