"""The webhooks' own keys against published vectors: HMAC by Wycheproof, Ed25519 signatures by the W3C.

Ed25519 verification by Wycheproof stands in `test_kit_webhooks_ed25519`. HMAC-SM3 is no version of ours: its tags are
further signatures that must not hold.
"""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from xueshi_kit.webhooks import HmacKey, PrivateKey, PublicKey

VECTORS = Path(__file__).parents[2] / "vectors"
W3C = VECTORS / "w3c-vc-di-eddsa"
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
MULTICODEC_BYTES = 2
FULL_TAG_BITS = 256


def hmac_vectors(digest: str) -> list[tuple[int, dict[str, Any]]]:
    """Return each vector with the length of its tag in bits."""
    groups = json.loads((VECTORS / f"wycheproof_hmac_{digest}_test.json").read_text())["testGroups"]
    return [(group["tagSize"], test) for group in groups for test in group["tests"]]


def test_hmac_signatures_agree_with_the_published_vectors() -> None:
    """A tag that is cut to half its length is valid in the vectors; of a webhook it is none."""
    vectors = hmac_vectors("sha256")
    assert len(vectors) == 174
    for bits, vector in vectors:
        key, message, tag = (bytes.fromhex(vector[name]) for name in ("key", "msg", "tag"))
        is_valid = vector["result"] == "valid"
        signer = HmacKey("k", key)
        assert (signer.signature(message)[: bits // 8] == tag) == is_valid, vector["tcId"]
        assert signer.holds(message, [tag]) == (is_valid and bits == FULL_TAG_BITS), vector["tcId"]
        assert signer.holds(message, [bytes(32), tag, b""]) == (is_valid and bits == FULL_TAG_BITS), vector["tcId"]


def test_tags_of_another_hash_do_not_hold() -> None:
    vectors = hmac_vectors("sm3")
    assert len(vectors) == 174
    for _, vector in vectors:
        key, message, tag = (bytes.fromhex(vector[name]) for name in ("key", "msg", "tag"))
        assert not HmacKey("k", key).holds(message, [tag]), vector["tcId"]


def multibase(text: str) -> bytes:
    """Return the 32 bytes of a key that is written in base58 behind its codec."""
    number = 0
    for character in text.removeprefix("z"):
        number = number * 58 + ALPHABET.index(character)
    return number.to_bytes(32 + MULTICODEC_BYTES, "big")[MULTICODEC_BYTES:]


@pytest.mark.parametrize("suite", ["eddsa-jcs-2022", "eddsa-rdfc-2022"])
def test_ed25519_signatures_are_those_of_the_published_vectors(suite: str) -> None:
    keys = json.loads((W3C / "keyPair.json").read_text())
    seed, public = (base64.b64encode(multibase(keys[f"{name}KeyMultibase"])).decode() for name in ("private", "public"))
    (signed,), (expected,) = (
        [bytes.fromhex(file.read_text()) for file in (W3C / suite).glob(pattern)]
        for pattern in ("combinedHash*", "sigHex*")
    )
    signer = PrivateKey.parse(f"whsk_{seed}")
    assert signer.public() == f"whpk_{public}"
    assert signer.signature(signed) == expected
    verifier = PublicKey.parse(f"whpk_{public}")
    assert verifier.holds(signed, [expected])
    assert not verifier.holds(signed[:-1], [expected])
