"""Where one part ends and the next begins: the dots of the signed content, and the framing of HTTP itself."""

import random

from tests.fuzz.mutations.kind import INVALID, MALFORMED, Kind, put
from tests.fuzz.requests import ID, NAMES, SIGNATURE, TIMESTAMP, Genuine, Pool, Request, content, marks

_JSON = b"Content-Type: application/json\r\n"


def _moved_to_the_left(rng: random.Random, genuine: Genuine, _pool: Pool) -> Request:
    """Sign a body that begins like a timestamp, then let the id take the timestamp, and that take the beginning."""
    body = genuine.seconds + b"." + genuine.body
    mark = marks(genuine.keys, content(genuine.webhook_id, genuine.seconds, body))
    taken = rng.choice(
        [genuine.webhook_id + b"." + genuine.seconds, genuine.webhook_id + b"." + genuine.seconds + b"."]
    )
    return genuine.request(webhook_id=taken, seconds=genuine.seconds, body=genuine.body, signature=mark)


def _moved_to_the_right(rng: random.Random, genuine: Genuine, _pool: Pool) -> Request:
    """Let the timestamp give digits to the body, or take bytes of it."""
    place = rng.randrange(1, len(genuine.seconds))
    head, tail = genuine.seconds[:place], genuine.seconds[place:]
    some = rng.randrange(1, 9)
    choices = [
        genuine.request(seconds=head, body=tail + b"." + genuine.body),
        genuine.request(seconds=head, body=b"." + tail + b"." + genuine.body),
        genuine.request(seconds=genuine.seconds + b"." + genuine.body[:some], body=genuine.body[some:]),
        genuine.request(webhook_id=genuine.webhook_id + b".", body=genuine.body),
        genuine.request(
            webhook_id=genuine.webhook_id[:place], seconds=genuine.webhook_id[place:] + b"." + genuine.seconds
        ),
        genuine.request(webhook_id=genuine.signed[: -len(genuine.body) - 1], seconds=b"", body=genuine.body),
        genuine.request(webhook_id=b"", seconds=genuine.webhook_id + b"." + genuine.seconds),
        genuine.request(webhook_id=b"", seconds=b"", body=genuine.signed),
    ]
    return rng.choice(choices)


def _framed(genuine: Genuine, wire: bytes, headers: dict[bytes, bytes] | None = None) -> Request:
    mine = genuine.request()
    changed = headers or {}
    return Request(mine.platform, tuple((key, changed.get(key, value)) for key, value in mine.headers), mine.body, wire)


def _short_length(rng: random.Random, genuine: Genuine, _pool: Pool) -> Request:
    """Announce less than is sent: what is read is not what was signed."""
    length = rng.randrange(len(genuine.body))
    return _framed(genuine, _JSON + b"Content-Length: %d\r\n\r\n%b" % (length, genuine.body))


def _cut_chunks(rng: random.Random, genuine: Genuine, _pool: Pool) -> Request:
    """End a chunked body early."""
    end = rng.randrange(1, len(genuine.body))
    wire = _JSON + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (end, genuine.body[:end])
    return _framed(genuine, wire)


def _trailer(rng: random.Random, genuine: Genuine, _pool: Pool) -> Request:
    """Send one of the headers behind the body, as a trailer."""
    mine, late = genuine.request(), rng.choice(NAMES)
    headers = dict(mine.headers)
    wire = _JSON + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n%b: %b\r\n\r\n" % (
        len(mine.body),
        mine.body,
        late,
        headers.pop(late),
    )
    return Request(mine.platform, tuple(headers.items()), mine.body, wire)


def _length(genuine: Genuine) -> bytes:
    return b"Content-Length: %d\r\n" % len(genuine.body)


def _two_lengths(rng: random.Random, genuine: Genuine, _pool: Pool) -> Request:
    """Say the body's length in two ways, or in one that is not allowed."""
    size = len(genuine.body)
    chunked = b"Transfer-Encoding: chunked\r\n"
    lengths = [
        b"Content-Length: %d\r\nContent-Length: %d\r\n" % (size, size - 1),
        _length(genuine) + chunked,
        chunked + _length(genuine),
        b"Content-Length: +%d\r\n" % size,
        b"Content-Length: -%d\r\n" % size,
        b"Content-Length: 0x%x\r\n" % size,
        b"Content-Length: %d,%d\r\n" % (size, size),
        b"Content-Length: 99999999999999999999999\r\n",
        b"Content-Length: %d a\r\n" % size,
    ]
    return _framed(genuine, _JSON + rng.choice(lengths) + b"\r\n" + genuine.body)


def _bad_chunks(rng: random.Random, genuine: Genuine, _pool: Pool) -> Request:
    body, size = genuine.body, len(genuine.body)
    chunks = [
        b"%x\r\n%b0\r\n\r\n" % (size, body),
        b"-%x\r\n%b\r\n0\r\n\r\n" % (size, body),
        b"0x%x\r\n%b\r\n0\r\n\r\n" % (size, body),
        b"fffffffffffffffff\r\n%b\r\n0\r\n\r\n" % body,
        b"%x\r\n%b\r\n0\r\n\r\n" % (size - 1, body),
        b"zz\r\n%b\r\n0\r\n\r\n" % body,
    ]
    return _framed(genuine, _JSON + b"Transfer-Encoding: chunked\r\n\r\n" + rng.choice(chunks))


def _odd_header(rng: random.Random, genuine: Genuine, _pool: Pool) -> Request:
    """Put into a header what HTTP does not allow there."""
    mine, name = genuine.request(), rng.choice(NAMES)
    value = dict(mine.headers)[name]
    odd = rng.choice([b"\0", b"\r", b"\n", b"\x7f", b"\x01", b"\x0b", b"\r\n ", b"\n\t", b"\r\r"])
    wire = _JSON + _length(genuine) + b"\r\n" + mine.body
    return _framed(genuine, wire, {name: put(rng, value, odd, at=rng.randrange(1, len(value)))})


def _odd_name(rng: random.Random, genuine: Genuine, _pool: Pool) -> Request:
    mine, name = genuine.request(), rng.choice(NAMES)
    odd = rng.choice(
        [name + b" ", b" " + name, name + b"\t", name + b"\0", b"\xef\xbb\xbf" + name, name[:5] + b" " + name[5:]]
    )
    headers = tuple((odd if key == name else key, value) for key, value in mine.headers)
    return Request(mine.platform, headers, mine.body, _JSON + _length(genuine) + b"\r\n" + mine.body)


_SIGNED_PARTS = (ID, TIMESTAMP, SIGNATURE)

KINDS = [
    Kind("boundary: moved to the left", _moved_to_the_left),
    Kind("boundary: moved to the right", _moved_to_the_right),
    Kind("framing: less announced than sent", _short_length, on_wire=True),
    Kind("framing: chunks end early", _cut_chunks, on_wire=True),
    Kind("framing: a header as trailer", _trailer, on_wire=True),
    Kind("framing: two lengths", _two_lengths, MALFORMED, on_wire=True),
    Kind("framing: chunks that are none", _bad_chunks, MALFORMED, on_wire=True),
    Kind("framing: odd bytes in a header", _odd_header, MALFORMED | INVALID, on_wire=True),
    Kind("framing: an odd header name", _odd_name, MALFORMED | INVALID, on_wire=True),
]
