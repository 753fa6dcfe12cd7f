"""Receivers that are lax in one way each, as real ones have been."""

import base64
import json
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from tests.fuzz.gateway import Platform
from tests.fuzz.receiver import Receiver
from tests.fuzz.requests import ID, SIGNATURE, Headers
from xueshi_kit.webhooks import HmacKey, PrivateKey, SigningKey, VerifyingKey, WebhookError, parse_verifying_key, verify


class Product(Receiver):
    """The verifier of the product, behind the same door: not lax at all."""

    def judge(self, platform: Platform | None, headers: Headers, body: bytes) -> str:
        """Let the product decide."""
        given = super().keys(platform)
        keys = [_verifying(key, str(place)) for place, key in enumerate(given)]
        raw = [(name.lower(), value.strip(b" \t")) for name, value in headers]
        try:
            verified = verify(raw, body, keys, datetime.fromtimestamp(self._clock(), UTC))
        except WebhookError:
            return "SIGNATURE_INVALID"
        if verified.is_stale:
            return "TIMESTAMP_STALE"
        return "KEY_REVOKED" if platform and given[int(verified.key_id)] in platform.ended else ""


def _verifying(key: SigningKey, key_id: str) -> VerifyingKey:
    if isinstance(key, PrivateKey):
        return parse_verifying_key(key.public(), key_id)
    assert isinstance(key, HmacKey)
    return HmacKey(key_id, key.secret)


class FirstHeaderCounts(Receiver):
    """Reads one of several headers of a name."""

    def pick(self, headers: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
        """Take the first."""
        return super().pick(dict(reversed(list(headers))).items())


class DotsInIds(Receiver):
    """Takes ids in which the parts of the content run into each other."""

    def read_id(self, value: bytes) -> bytes:
        """Allow dots."""
        return self.matched(rb"[A-Za-z0-9_.-]{1,100}", value)


class IdsInAnyCase(Receiver):
    """Compares ids without their case."""

    def judge(self, platform: Platform | None, headers: Headers, body: bytes) -> str:
        """Try the id in lower case too."""
        lower = tuple((name, value.lower() if name == ID else value) for name, value in headers)
        return min(super(IdsInAnyCase, self).judge(platform, each, body) for each in (headers, lower))


class MomentsAsNumbers(Receiver):
    """Reads a timestamp as the language reads numbers."""

    def read_seconds(self, value: bytes) -> bytes:
        """Sign what the number says."""
        return str(int(value)).encode()


class NeverStale(Receiver):
    """Takes a request of any age."""

    def is_stale(self, seconds: int) -> bool:
        """Say no."""
        return seconds < 0


class StaleTooLate(Receiver):
    """Takes a request two seconds longer than it should."""

    def is_stale(self, seconds: int) -> bool:
        """Be off by two."""
        return abs(self._clock() - seconds) > 302


class LeadingBytes(Receiver):
    """Compares as far as the given signature reaches."""

    def decode(self, text: bytes, size: int) -> bytes:
        """Take any length."""
        return base64.b64decode(text, validate=True)[:size]

    def is_made_by(self, key: SigningKey, signed: bytes, signature: bytes) -> bool:
        """Stop at the end of the shorter one."""
        return bool(signature) and key.signature(signed).startswith(signature)


class LenientBase64(Receiver):
    """Decodes as the standard library does by default."""

    def decode(self, text: bytes, size: int) -> bytes:
        """Pass over what is not of the alphabet, and mend the padding."""
        return base64.b64decode(text + b"==")[:size]


class BothAlphabets(Receiver):
    """Decodes either alphabet of base64."""

    def decode(self, text: bytes, size: int) -> bytes:
        """Take the URL's for the standard one."""
        return super().decode(text.translate(bytes.maketrans(b"-_", b"+/")), size)


class SpareBits(Receiver):
    """Does not see the bits that decoding drops."""

    def decode(self, text: bytes, size: int) -> bytes:
        """Compare nothing with the encoding of what was decoded."""
        raw = base64.b64decode(text, validate=True)
        return raw if len(raw) == size else b""


class ManySignatures(Receiver):
    """Reads signatures without an end."""

    def read_signatures(self, value: bytes) -> list[tuple[bytes, bytes]]:
        """Read each by itself."""
        return [
            signature for entry in value.split(b" ") for signature in super(ManySignatures, self).read_signatures(entry)
        ]


class BodyAlone(Receiver):
    """Knows an older form too, in which the body alone is signed."""

    def judge(self, platform: Platform | None, headers: Headers, body: bytes) -> str:
        """Try both."""
        code = super().judge(platform, headers, body)
        return (
            code
            if code != "SIGNATURE_INVALID"
            else _OfBodies(list(self._platforms.values()), self._clock).old(platform, headers, body)
        )


class _OfBodies(Receiver):
    def old(self, platform: Platform | None, headers: Headers, body: bytes) -> str:
        return super().judge(platform, headers, body)

    def content(self, name: bytes, seconds: bytes, body: bytes) -> bytes:
        assert name
        assert seconds
        return body


class JsonInsteadOfBytes(Receiver):
    """Signs the JSON that it has parsed and written again."""

    def judge(self, platform: Platform | None, headers: Headers, body: bytes) -> str:
        """Try the usual spellings."""
        said = json.loads(body)
        spellings = [
            json.dumps(said, ensure_ascii=ascii_only, separators=parts).encode()
            for ascii_only in (False, True)
            for parts in (None, (",", ":"))
        ]
        return min(super(JsonInsteadOfBytes, self).judge(platform, headers, each) for each in spellings)


class BodyWithoutBlanks(Receiver):
    """Strips the body before it looks."""

    def read_body(self, body: bytes) -> bytes:
        """Strip it."""
        return body.strip()


class AnyPlatformsKeys(Receiver):
    """Looks a key up by itself, wherever the request was sent."""

    def keys(self, platform: Platform | None) -> Sequence[SigningKey]:
        """Return everybody's keys."""
        return [key for each in self._platforms.values() for key in each.live] if platform else []


class EndedKeysCount(Receiver):
    """Forgets to ask whether a key still counts."""

    def judge(self, platform: Platform | None, headers: Headers, body: bytes) -> str:
        """Take it all the same."""
        return super().judge(platform, headers, body).replace("KEY_REVOKED", "")


class PlatformsInAnyCase(Receiver):
    """Finds a platform whose name is nearly the one in the path."""

    def judge(self, platform: Platform | None, headers: Headers, body: bytes) -> str:
        """Try each."""
        near = [platform, *self._platforms.values()]
        return min(super(PlatformsInAnyCase, self).judge(each, headers, body) for each in near)


class PublicKeyAsSecret(Receiver):
    """Lets the sender say how to check, and takes whatever key stands there as a secret."""

    def holds(self, key: SigningKey, signed: bytes, signatures: Sequence[tuple[bytes, bytes]]) -> bool:
        """Check `v1` with the bytes of a public key too."""
        if isinstance(key, PrivateKey):
            secret = HmacKey("", key.key.public_key().public_bytes_raw())
            return super().holds(key, signed, signatures) or super().holds(secret, signed, signatures)
        return super().holds(key, signed, signatures)


class BlanksDropped(Receiver):
    """Drops blanks from id and timestamp."""

    def judge(self, platform: Platform | None, headers: Headers, body: bytes) -> str:
        """Drop them."""
        kept = tuple((name, value if name == SIGNATURE else re.sub(rb"\s", b"", value)) for name, value in headers)
        return super().judge(platform, kept, body)


LAX = [each for each in Receiver.__subclasses__() if each not in (Product, _OfBodies)]
