"""Id or timestamp are others than those that were signed, or a header stands where it should not."""

import random
from collections.abc import Callable

from tests.fuzz.mutations.kind import Kind, Make, put
from tests.fuzz.requests import ID, NAMES, SIGNATURE, TIMESTAMP, Genuine, Pool, Request

Change = Callable[[random.Random, bytes], bytes]

_ID_LETTERS = b"ABCXYZabcxyz0189_-"
_BLANKS = (b" ", b"\t", b"\xa0", b"\xc2\xa0", b"\xe2\x80\x8b")
_OTHER_NAMES = (b"webhook_%b", b"svix-%b", b"x-webhook-%b", b"webhook-%b-", b"webhook%b", b"webhooks-%b", b"wehbook-%b")
_OTHER_DIGITS = ("٠١٢٣٤٥٦٧٨٩", "０１２３４５６７８９", "۰۱۲۳۴۵۶۷۸۹", "०१२३४५६७८९")


def _id(change: Change) -> Make:
    def make(rng: random.Random, genuine: Genuine, _pool: Pool) -> Request:
        return genuine.request(webhook_id=change(rng, genuine.webhook_id))

    return make


def _seconds(change: Change) -> Make:
    def make(rng: random.Random, genuine: Genuine, _pool: Pool) -> Request:
        return genuine.request(seconds=change(rng, genuine.seconds))

    return make


def _letter(rng: random.Random) -> bytes:
    return bytes([rng.choice(_ID_LETTERS)])


def _replace(rng: random.Random, text: bytes) -> bytes:
    place = rng.randrange(len(text))
    return text[:place] + _letter(rng) + text[place + 1 :]


def _drop(rng: random.Random, text: bytes) -> bytes:
    place = rng.randrange(len(text))
    return text[:place] + text[place + 1 :]


def _other_case(rng: random.Random, text: bytes) -> bytes:
    return rng.choice([text.upper(), text.lower(), text.swapcase(), text.title()])


def _odd_byte(rng: random.Random, text: bytes) -> bytes:
    return put(rng, text, bytes([rng.choice([*range(0x21, 0x2D), 0x2F, *range(0x3A, 0x41), *range(0x80, 0x100)])]))


def _escaped(rng: random.Random, text: bytes) -> bytes:
    place = rng.randrange(len(text))
    return text[:place] + b"%%%02X" % text[place] + text[place + 1 :]


def _quoted(rng: random.Random, text: bytes) -> bytes:
    left, right = rng.choice([(b'"', b'"'), (b"'", b"'"), (b"<", b">"), (b"[", b"]"), (b"=?utf-8?q?", b"?=")])
    return left + text + right


def _blank_inside(rng: random.Random, text: bytes) -> bytes:
    return put(rng, text, rng.choice(_BLANKS), at=rng.randrange(1, len(text)))


def _longer(rng: random.Random, text: bytes) -> bytes:
    return text + bytes(rng.choices(_ID_LETTERS, k=rng.choice([1, 30, 65, 400])))


def _nudge(rng: random.Random, seconds: bytes) -> bytes:
    return str(int(seconds) + rng.choice([-1, 1]) * rng.randrange(1, 250)).encode()


def _digit(rng: random.Random, seconds: bytes) -> bytes:
    place = rng.randrange(len(seconds))
    return seconds[:place] + str(rng.randrange(10)).encode() + seconds[place + 1 :]


def _other_form(rng: random.Random, seconds: bytes) -> bytes:
    """Write the same moment in another way."""
    number = int(seconds)
    forms = [
        f"+{number}", f"0{number}", f"000{number}", f"{number}.0", f"{number}.", f"{number}e0", f"{number:_}",
        f"{number:,}", f"{number / 1e9}e9", f"0x{number:x}", f"0o{number:o}", f"{number}s", f"{number}000",
        f"{number}L", f"{number};", f"{number},{number}", f"{number} {number}", f"--{number}",
        f"{number}\N{SUPERSCRIPT TWO}", f"\N{ZERO WIDTH SPACE}{number}",
    ]  # fmt: skip
    digits = rng.choice(_OTHER_DIGITS)
    forms.append("".join(digits[int(each)] for each in str(number)))
    return rng.choice(forms).encode()


def _swap(name: bytes) -> Make:
    """Take one header from another request."""

    def make(rng: random.Random, genuine: Genuine, pool: Pool) -> Request:
        theirs = dict(pool.other(rng, genuine).request().headers)
        mine = genuine.request()
        headers = tuple((key, theirs[key] if key == name else value) for key, value in mine.headers)
        return Request(mine.platform, headers, mine.body)

    return make


def _keep_only(kept: bytes) -> Make:
    """Take two headers from another request."""

    def make(rng: random.Random, genuine: Genuine, pool: Pool) -> Request:
        theirs = dict(pool.other(rng, genuine).request().headers)
        mine = genuine.request()
        headers = tuple((key, value if key == kept else theirs[key]) for key, value in mine.headers)
        return Request(mine.platform, headers, mine.body)

    return make


def _without(rng: random.Random, genuine: Genuine, _pool: Pool) -> Request:
    mine = genuine.request()
    gone = rng.choice(
        [{name} for name in NAMES] + [{ID, TIMESTAMP}, {ID, SIGNATURE}, {TIMESTAMP, SIGNATURE}, set(NAMES)]
    )
    return Request(mine.platform, tuple(pair for pair in mine.headers if pair[0] not in gone), mine.body)


def _emptied(rng: random.Random, genuine: Genuine, _pool: Pool) -> Request:
    mine, emptied = genuine.request(), rng.choice(NAMES)
    return Request(
        mine.platform, tuple((key, b"" if key == emptied else value) for key, value in mine.headers), mine.body
    )


def _renamed(rng: random.Random, genuine: Genuine, _pool: Pool) -> Request:
    mine, renamed, form = genuine.request(), rng.choice(NAMES), rng.choice(_OTHER_NAMES)
    headers = tuple(
        (form % key.removeprefix(b"webhook-") if key == renamed else key, value) for key, value in mine.headers
    )
    return Request(mine.platform, headers, mine.body)


def _repeated(rng: random.Random, genuine: Genuine, pool: Pool) -> Request:
    """Send a header twice: the same, or one of another request before or after it."""
    mine, repeated = genuine.request(), rng.choice(NAMES)
    theirs = dict(pool.other(rng, genuine).request().headers)
    extra = (
        rng.choice([repeated, repeated.title()]),
        rng.choice([dict(mine.headers)[repeated], theirs[repeated], b""]),
    )
    place = rng.randrange(len(mine.headers) + 1)
    return Request(mine.platform, (*mine.headers[:place], extra, *mine.headers[place:]), mine.body)


def _joined(rng: random.Random, genuine: Genuine, _pool: Pool) -> Request:
    """Send a header's value twice in one header, as a proxy joins repeated ones."""
    mine, joined = genuine.request(), rng.choice(NAMES)
    between = rng.choice([b", ", b",", b"; "])
    headers = tuple((key, value + between + value if key == joined else value) for key, value in mine.headers)
    return Request(mine.platform, headers, mine.body)


def _exchanged(rng: random.Random, genuine: Genuine, _pool: Pool) -> Request:
    """Put the right values under each other's names."""
    mine = genuine.request()
    names = rng.sample(NAMES, len(NAMES))
    return Request(mine.platform, tuple(zip(names, (value for _, value in mine.headers), strict=True)), mine.body)


KINDS = [
    Kind("id: a character replaced", _id(_replace)),
    Kind("id: a character dropped", _id(_drop)),
    Kind("id: a character put in", _id(lambda rng, text: put(rng, text, _letter(rng)))),
    Kind("id: in another case", _id(_other_case)),
    Kind("id: a dot in it", _id(lambda rng, text: put(rng, text, b"."))),
    Kind("id: an odd byte in it", _id(_odd_byte)),
    Kind("id: a blank in it", _id(_blank_inside)),
    Kind("id: percent-encoded", _id(_escaped)),
    Kind("id: quoted", _id(_quoted)),
    Kind("id: longer", _id(_longer)),
    Kind("id: another request's", _swap(ID)),
    Kind("timestamp: a little earlier or later", _seconds(_nudge)),
    Kind("timestamp: another digit", _seconds(_digit)),
    Kind("timestamp: the same moment written otherwise", _seconds(_other_form)),
    Kind("timestamp: a blank in it", _seconds(_blank_inside)),
    Kind("timestamp: an odd byte in it", _seconds(_odd_byte)),
    Kind("timestamp: a digit dropped", _seconds(_drop)),
    Kind("timestamp: another request's", _swap(TIMESTAMP)),
    Kind("signature: another request's", _swap(SIGNATURE)),
    Kind("headers: all but one another request's", _keep_only(ID)),
    Kind("headers: all but the timestamp another request's", _keep_only(TIMESTAMP)),
    Kind("headers: all but the signature another request's", _keep_only(SIGNATURE)),
    Kind("headers: one or more missing", _without),
    Kind("headers: one empty", _emptied),
    Kind("headers: one under another name", _renamed),
    Kind("headers: one twice", _repeated),
    Kind("headers: a value twice in one", _joined),
    Kind("headers: values exchanged", _exchanged),
]
