"""`v1a` against the published vectors and against a second implementation of Ed25519.

No library signs `v1a`, so the other side is written here, from RFC 8032 section 5.1, in plain integers.
"""

import base64
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xueshi_kit.webhooks import BadSecretError, PrivateKey, PublicKey, sign, verify

VECTORS = Path(__file__).parents[2] / "vectors"
NOW = datetime(2025, 6, 3, tzinfo=UTC)

PRIME = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
CURVE_D = -121665 * pow(121666, -1, PRIME) % PRIME
ROOT_OF_MINUS_ONE = pow(2, (PRIME - 1) // 4, PRIME)

Point = tuple[int, int]
NEUTRAL: Point = (0, 1)


def add(left: Point, right: Point) -> Point:
    (x1, y1), (x2, y2) = left, right
    bend = CURVE_D * x1 * x2 * y1 * y2 % PRIME
    x = (x1 * y2 + x2 * y1) * pow(1 + bend, -1, PRIME) % PRIME
    y = (y1 * y2 + x1 * x2) * pow(1 - bend, -1, PRIME) % PRIME
    return x, y


def times(factor: int, point: Point) -> Point:
    total = NEUTRAL
    while factor:
        if factor & 1:
            total = add(total, point)
        point = add(point, point)
        factor >>= 1
    return total


def x_of(y: int, *, odd: bool) -> int | None:
    square = (y * y - 1) * pow(CURVE_D * y * y + 1, -1, PRIME) % PRIME
    x = pow(square, (PRIME + 3) // 8, PRIME)
    if x * x % PRIME != square:
        x = x * ROOT_OF_MINUS_ONE % PRIME
    if x * x % PRIME != square:
        return None
    return x if x % 2 == odd else PRIME - x


def base_point() -> Point:
    y = 4 * pow(5, -1, PRIME) % PRIME
    x = x_of(y, odd=False)
    assert x is not None
    return x, y


BASE = base_point()


def encode(point: Point) -> bytes:
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def sign_by_hand(seed: bytes, message: bytes) -> tuple[bytes, bytes]:
    """Return the public key and the signature."""
    stretched = hashlib.sha512(seed).digest()
    scalar = int.from_bytes(stretched[:32], "little") & ((1 << 254) - 8) | 1 << 254
    public = encode(times(scalar, BASE))
    nonce = int.from_bytes(hashlib.sha512(stretched[32:] + message).digest(), "little") % ORDER
    commitment = encode(times(nonce, BASE))
    challenge = int.from_bytes(hashlib.sha512(commitment + public + message).digest(), "little") % ORDER
    answer = (nonce + challenge * scalar) % ORDER
    return public, commitment + answer.to_bytes(32, "little")


def text(prefix: str, key: bytes) -> str:
    return prefix + base64.b64encode(key).decode()


@settings(max_examples=8, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=100))
def test_both_implementations_sign_the_same(seed: bytes, body: bytes) -> None:
    seconds = int(NOW.timestamp())
    public, signature = sign_by_hand(seed, f"msg_1.{seconds}.".encode() + body)
    headers = sign([PrivateKey.parse(text("whsk_", seed))], "msg_1", NOW, body)
    assert headers["webhook-signature"] == text("v1a,", signature)
    assert PrivateKey.parse(text("whsk_", seed)).public() == text("whpk_", public)
    assert PrivateKey.parse(text("whsk_", seed + public)).public() == text("whpk_", public)
    key = PublicKey.parse(text("whpk_", public), "hand")
    assert verify([(name.encode(), value.encode()) for name, value in headers.items()], body, [key], NOW).key_id


def test_a_private_key_with_another_public_half_is_refused() -> None:
    with pytest.raises(BadSecretError):
        PrivateKey.parse(text("whsk_", bytes(64)))


def _vectors() -> list[tuple[str, dict[str, Any]]]:
    groups = json.loads((VECTORS / "wycheproof_ed25519_test.json").read_text())["testGroups"]
    return [(group["publicKey"]["pk"], test) for group in groups for test in group["tests"]]


def test_the_published_vectors_hold() -> None:
    vectors = _vectors()
    assert len(vectors) == 151
    for public, vector in vectors:
        key = PublicKey.parse(text("whpk_", bytes.fromhex(public)))
        holds = key.holds(bytes.fromhex(vector["msg"]), [bytes.fromhex(vector["sig"])])
        assert holds == (vector["result"] == "valid"), vector["tcId"]


def _small_order_keys() -> set[bytes]:
    """Every encoding, reduced or not, of a point whose order divides 8, found by the other implementation."""
    found = set()
    for candidate in range(2, 200):
        x = x_of(candidate, odd=False)
        if x is None:
            continue
        point = times(ORDER, (x, candidate))
        for multiple in range(8):
            x, y = times(multiple, point)
            for written in {y, y + PRIME if y + PRIME < 2**255 else y}:
                found |= {written.to_bytes(32, "little"), (written | 1 << 255).to_bytes(32, "little")}
        if len(found) == 14:
            break
    return found


def test_public_keys_that_prove_nothing_are_refused() -> None:
    keys = _small_order_keys()
    assert len(keys) == 14
    for key in keys:
        with pytest.raises(BadSecretError):
            PublicKey.parse(text("whpk_", key))
