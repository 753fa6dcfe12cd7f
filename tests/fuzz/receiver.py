"""A receiver of webhooks in this process, made to be loosened: what the mutations must find, they are tried on here."""

import base64
import hmac
import json
import re
from collections.abc import Iterable, Sequence
from urllib.parse import unquote

from cryptography.exceptions import InvalidSignature

from tests.fuzz.client import Answer
from tests.fuzz.gateway import Platform
from tests.fuzz.mutations import Mutant
from tests.fuzz.requests import ID, SIGNATURE, TIMESTAMP, Clock, Headers, content
from xueshi_kit.webhooks import HmacKey, PrivateKey, SigningKey

SIZES = {b"v1": 32, b"v1a": 64}


class MalformedError(Exception):
    """A header is not in its format."""


class Receiver:
    """Checks signatures as strictly as the gateway does; each method is one of the strictnesses."""

    def __init__(self, platforms: Sequence[Platform], clock: Clock) -> None:
        """Know these platforms and their keys."""
        self._platforms = {each.name: each for each in platforms}
        self._clock = clock

    async def ask(self, mutant: Mutant) -> Answer:
        """Answer as the gateway would."""
        request = mutant.request
        platform = self._platforms.get(unquote(request.platform.decode("latin-1")))
        try:
            code = self.judge(platform, request.headers, request.body)
        except (MalformedError, ValueError):
            code = "SIGNATURE_INVALID"
        if not code:
            return Answer(200)
        return Answer(401, (("content-type", "application/problem+json"),), json.dumps({"code": code}).encode())

    def judge(self, platform: Platform | None, headers: Headers, body: bytes) -> str:
        """Return the code of the refusal, or nothing. Raises `MalformedError`."""
        found = self.pick((name.lower(), value.strip(b" \t")) for name, value in headers)
        name, seconds = self.read_id(found[ID]), self.read_seconds(found[TIMESTAMP])
        signed = self.content(name, seconds, self.read_body(body))
        signatures = self.read_signatures(found[SIGNATURE])
        for key in self.keys(platform):
            if self.holds(key, signed, signatures):
                if self.is_stale(int(seconds)):
                    return "TIMESTAMP_STALE"
                return "KEY_REVOKED" if platform and key in platform.ended else ""
        return "SIGNATURE_INVALID"

    def pick(self, headers: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
        """Return the three headers, each of which stands once."""
        found: dict[bytes, bytes] = {}
        for name, value in headers:
            if name in found:
                raise MalformedError
            found[name] = value
        if not {ID, TIMESTAMP, SIGNATURE} <= found.keys():
            raise MalformedError
        return found

    def read_id(self, value: bytes) -> bytes:
        """Return the id."""
        return self.matched(rb"[A-Za-z0-9_-]{1,64}", value)

    def read_seconds(self, value: bytes) -> bytes:
        """Return the timestamp."""
        return self.matched(rb"[1-9][0-9]{0,9}", value)

    def matched(self, pattern: bytes, value: bytes) -> bytes:
        """Return a value that matches as a whole."""
        if not re.fullmatch(pattern, value):
            raise MalformedError
        return value

    def read_body(self, body: bytes) -> bytes:
        """Return what of the body is signed."""
        return body

    def content(self, name: bytes, seconds: bytes, body: bytes) -> bytes:
        """Return what is signed."""
        return content(name, seconds, body)

    def read_signatures(self, value: bytes) -> list[tuple[bytes, bytes]]:
        """Return version and bytes of each signature."""
        entries = value.split(b" ")
        if len(entries) > 16 or len(value) > 16_384:
            raise MalformedError
        found = []
        for entry in entries:
            version, _, text = entry.partition(b",")
            if not version or not text:
                raise MalformedError
            if version in SIZES:
                found.append((version, self.decode(text, SIZES[version])))
        return found

    def decode(self, text: bytes, size: int) -> bytes:
        """Return the bytes of a signature, which has one spelling."""
        raw = base64.b64decode(text, validate=True)
        if base64.b64encode(raw) != text or len(raw) != size:
            raise MalformedError
        return raw

    def keys(self, platform: Platform | None) -> Sequence[SigningKey]:
        """Return the keys that count for a platform, then those that have ended."""
        return [] if platform is None else [*platform.live, *platform.ended]

    def holds(self, key: SigningKey, signed: bytes, signatures: Sequence[tuple[bytes, bytes]]) -> bool:
        """Tell whether one of the signatures is the key's."""
        return any(version == key.version and self.is_made_by(key, signed, raw) for version, raw in signatures)

    def is_made_by(self, key: SigningKey, signed: bytes, signature: bytes) -> bool:
        """Tell whether the key has made this signature."""
        if isinstance(key, HmacKey):
            return hmac.compare_digest(key.signature(signed), signature)
        assert isinstance(key, PrivateKey)
        try:
            key.key.public_key().verify(signature, signed)
        except InvalidSignature:
            return False
        return True

    def is_stale(self, seconds: int) -> bool:
        """Tell whether the moment is too far away."""
        return abs(self._clock() - seconds) > 300
