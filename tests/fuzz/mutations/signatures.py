"""The signature is another than the one that a key of the platform makes, or is written in another way."""

import base64
import hashlib
import hmac
import random
import string
from collections.abc import Callable

from tests.fuzz.mutations.kind import Kind, Make, flip
from tests.fuzz.requests import Genuine, Pool, Request

HMAC, ED25519 = b"v1", b"v1a"
SIZES = {HMAC: 32, ED25519: 64}
ORDER = 2**252 + 27742317777372353535851937790883648493
MAX_SIGNATURES = 16
_ALPHABET = (string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/").encode()

Raw = Callable[[random.Random, bytes], bytes]


def _encode(version: bytes, raw: bytes) -> bytes:
    return version + b"," + base64.b64encode(raw)


def _raw(change: Raw, only: bytes | None = None) -> Make:
    """Change the bytes of every signature: one that is left as it was would still hold."""

    def make(rng: random.Random, genuine: Genuine, _pool: Pool) -> Request | None:
        if only is not None and any(version != only for version, _ in genuine.signatures):
            return None
        changed = [_encode(version, change(rng, raw)) for version, raw in genuine.signatures]
        return genuine.request(signature=b" ".join(changed))

    return make


def _text(change: Raw) -> Make:
    """Change the base64 of every signature."""

    def make(rng: random.Random, genuine: Genuine, _pool: Pool) -> Request | None:
        texts = [(version, base64.b64encode(raw)) for version, raw in genuine.signatures]
        changed = [(version, change(rng, text)) for version, text in texts]
        # Where one of several cannot be written in this way it would still hold as it is.
        if any(before == after for before, after in zip(texts, changed, strict=True)):
            return None
        return genuine.request(signature=b" ".join(version + b"," + text for version, text in changed))

    return make


def _header(change: Raw) -> Make:
    def make(rng: random.Random, genuine: Genuine, _pool: Pool) -> Request:
        marks = b" ".join(_encode(version, raw) for version, raw in genuine.signatures)
        return genuine.request(signature=change(rng, marks))

    return make


def _shorter(rng: random.Random, raw: bytes) -> bytes:
    return raw[: rng.choice([rng.randrange(1, len(raw)), len(raw) - 1, len(raw) // 2, 1])]


def _longer(rng: random.Random, raw: bytes) -> bytes:
    return raw + rng.choice([b"\0", b"\0" * 32, raw, rng.randbytes(rng.randrange(1, 40))])


def _constant(rng: random.Random, raw: bytes) -> bytes:
    """Return what holds for every message under a weak key, or in a careless comparison."""
    neutral = b"\1" + bytes(31)
    choices = [bytes(len(raw)), b"\xff" * len(raw), (neutral + bytes(32))[: len(raw)], b"\1" * len(raw), raw[::-1]]
    return rng.choice(choices)


def _plus_order(rng: random.Random, raw: bytes) -> bytes:
    """Add the order of the group to S: the same point, and another signature where S is not bounded."""
    scalar = int.from_bytes(raw[32:], "little") + ORDER * rng.choice([1, 1, 2, 7])
    return raw[:32] + scalar.to_bytes(32, "little")


def _minus_s(_rng: random.Random, raw: bytes) -> bytes:
    scalar = (ORDER - int.from_bytes(raw[32:], "little")) % ORDER
    return raw[:32] + scalar.to_bytes(32, "little")


def _replace(rng: random.Random, text: bytes) -> bytes:
    place = rng.randrange(len(text.rstrip(b"=")))
    return text[:place] + bytes([rng.choice(_ALPHABET)]) + text[place + 1 :]


def _unused_bits(rng: random.Random, text: bytes) -> bytes:
    """Set bits of the last character that decoding drops."""
    last = len(text.rstrip(b"=")) - 1
    spare = 4 if text.endswith(b"==") else 2
    value = _ALPHABET.index(text[last]) | rng.randrange(1, 1 << spare)
    return text[:last] + bytes([_ALPHABET[value]]) + text[last + 1 :]


def _blank_in_text(rng: random.Random, text: bytes) -> bytes:
    place = rng.randrange(1, len(text))
    return text[:place] + rng.choice([b" ", b"\t", b"\xa0", b"\\n", b"%20"]) + text[place:]


def _other_spelling(rng: random.Random, text: bytes) -> bytes:
    raw = base64.b64decode(text)
    spellings = [
        raw.hex().encode(),
        raw.hex().upper().encode(),
        base64.b32encode(raw),
        base64.b85encode(raw).replace(b" ", b""),
        text.replace(b"=", b"%3D"),
        text.replace(b"+", b"%2B").replace(b"/", b"%2F"),
        b'"' + text + b'"',
        text[::-1],
        text.swapcase(),
        text + b";",
    ]
    return rng.choice(spellings)


def _versions(rng: random.Random, genuine: Genuine, _pool: Pool) -> Request:
    """Say another version of the right signatures."""
    written = {
        HMAC: (b"v1a", b"V1", b"v01", b"v2", b"1", b"v1 ", b"v1b", b"v1.0", b"hmac-sha256", b""),
        ED25519: (b"v1", b"V1A", b"v1A", b"v2a", b"1a", b"v1a ", b"ed25519", b"v1aa", b"v", b""),
    }
    changed = [rng.choice(written[version]) + b"," + base64.b64encode(raw) for version, raw in genuine.signatures]
    return genuine.request(signature=b" ".join(changed))


def _claimed(rng: random.Random, genuine: Genuine, _pool: Pool) -> Request:
    """Say that an HMAC is an Ed25519 signature, or the other way round, cut or filled to the other's length."""
    changed = []
    for version, raw in genuine.signatures:
        other = ED25519 if version == HMAC else HMAC
        fitted = (raw + rng.choice([bytes(32), raw, rng.randbytes(32)]))[: SIZES[other]]
        changed.append(_encode(other, rng.choice([fitted, raw[-SIZES[other] :].rjust(SIZES[other], b"\0")])))
    return genuine.request(signature=b" ".join(changed))


def _parted(rng: random.Random, marks: bytes) -> bytes:
    """Part version, text and marks in ways that are not those of the format."""
    choices = [
        marks.replace(b",", b", "),
        marks.replace(b",", b"="),
        marks.replace(b",", b":"),
        marks.replace(b",", b""),
        marks.replace(b",", b",,"),
        marks + b"," + marks,
        marks + b"  " + marks,
        marks + b"\t" + marks,
        marks + b", " + marks,
        marks + b";" + marks,
        b"," + marks,
        marks + b",",
        marks.partition(b",")[2],
        b"t=1," + marks.replace(b",", b"="),
    ]
    return rng.choice(choices)


def _many_wrong(rng: random.Random, genuine: Genuine, pool: Pool) -> Request:
    """Send many signatures, each of which would hold for another request or for nothing."""
    wrong = [
        rng.choice(
            [
                _encode(HMAC, rng.randbytes(32)),
                _encode(ED25519, rng.randbytes(64)),
                *(_encode(*each) for each in pool.other(rng, genuine).signatures),
                *(_encode(version, flip(rng, raw)) for version, raw in genuine.signatures),
            ]
        )
        for _ in range(rng.choice([2, 3, 8, MAX_SIGNATURES]))
    ]
    return genuine.request(signature=b" ".join(wrong))


def _too_many(rng: random.Random, marks: bytes) -> bytes:
    """Hide the right signatures among more than are read."""
    filling = [rng.choice([b"v9,eA==", _encode(HMAC, rng.randbytes(32))]) for _ in range(rng.choice([16, 17, 40]))]
    filling.insert(rng.randrange(len(filling) + 1), marks)
    return b" ".join(filling)


def _too_long(rng: random.Random, marks: bytes) -> bytes:
    """Put the right signatures behind or before one that is longer than the header may be."""
    filler = b"v9," + b"A" * rng.choice([16_384, 17_000, 20_000])
    return rng.choice([filler + b" " + marks, marks + b" " + filler])


def _digests(rng: random.Random, genuine: Genuine, _pool: Pool) -> Request | None:
    """Take another function of the right secret and content, or one that needs no secret."""
    secrets = [key for key in genuine.keys if key.version == HMAC]
    if not secrets:
        return None
    secret: bytes = secrets[0].secret  # type: ignore[attr-defined]
    signed = genuine.signed
    choices = [
        hashlib.sha256(signed).digest(),
        hashlib.sha256(secret + signed).digest(),
        hashlib.sha256(signed + secret).digest(),
        hmac.digest(signed, secret, "sha256"),
        hmac.digest(secret, signed, "sha512")[:32],
        hmac.digest(secret, signed, "sha512"),
        hmac.digest(secret, signed, "sha1"),
        hmac.digest(secret, signed, "sha3_256"),
        hmac.digest(secret, hashlib.sha256(signed).digest(), "sha256"),
        hmac.digest(b"", signed, "sha256"),
        hmac.digest(secret, hmac.digest(secret, signed, "sha256").hex().encode(), "sha256"),
    ]
    return genuine.request(signature=_encode(HMAC, rng.choice(choices)))


KINDS = [
    Kind("signature: a bit flipped", _raw(flip)),
    Kind("signature: shorter", _raw(_shorter)),
    Kind("signature: longer", _raw(_longer)),
    Kind("signature: random", _raw(lambda rng, raw: rng.randbytes(len(raw)))),
    Kind("signature: a constant", _raw(_constant)),
    Kind("signature: S beyond the order", _raw(_plus_order, ED25519)),
    Kind("signature: S negated", _raw(_minus_s, ED25519)),
    Kind("signature: a character replaced", _text(_replace)),
    Kind("signature: the URL's alphabet", _text(lambda _rng, text: text.translate(bytes.maketrans(b"+/", b"-_")))),
    Kind("signature: without padding", _text(lambda _rng, text: text.rstrip(b"="))),
    Kind("signature: more padding", _text(lambda rng, text: text + b"=" * rng.choice([1, 2, 3, 4]))),
    Kind("signature: unused bits set", _text(_unused_bits)),
    Kind("signature: a blank in it", _text(_blank_in_text)),
    Kind("signature: spelt otherwise", _text(_other_spelling)),
    Kind("signature: another version said", _versions),
    Kind("signature: one kind claimed as the other", _claimed),
    Kind("signature: parted otherwise", _header(_parted)),
    Kind("signature: many, none right", _many_wrong),
    Kind("signature: the right one among too many", _header(_too_many)),
    Kind("signature: the right one in a header too long", _header(_too_long)),
    Kind("signature: another digest", _digests),
]
