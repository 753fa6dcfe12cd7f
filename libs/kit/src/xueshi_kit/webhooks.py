"""Standard Webhooks: signing, and a strict verifier over the raw bytes of a request.

A sender puts three headers on a request: `webhook-id`, `webhook-timestamp` (seconds since 1970) and
`webhook-signature`, a list of `<version>,<base64>` parted by single spaces. What is signed is

    <webhook-id> . <webhook-timestamp> . <body>

under `v1` (HMAC-SHA-256, secret `whsec_…`) or `v1a` (Ed25519, keys `whsk_…` and `whpk_…`). Several signatures let a
sender change its key without a gap; versions that are not known are passed over.

Everything that could be read two ways is refused: ids with a dot, signs, spaces or leading zeros in a timestamp, a
repeated header, base64 that is not the one encoding of its bytes.

    WebhookError
    ├── BadSecretError             a secret or key is not in its format, or too weak
    ├── MalformedHeadersError      a header is missing, repeated or not in its format; `header` names it
    └── NoMatchingSignatureError   well formed, but signed by none of the keys
"""

import base64
import binascii
import hmac
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ID_HEADER = "webhook-id"
TIMESTAMP_HEADER = "webhook-timestamp"
SIGNATURE_HEADER = "webhook-signature"

TOLERANCE = timedelta(seconds=300)
MAX_SIGNATURES = 16

_HMAC = b"v1"
_ED25519 = b"v1a"
_SIGNATURE_BYTES = {_HMAC: 32, _ED25519: 64}

_ID = re.compile(rb"[A-Za-z0-9_-]{1,64}")
# Ten digits reach the year 2286. A leading zero would be a second way to write the same moment.
_TIMESTAMP = re.compile(rb"[1-9][0-9]{0,9}")
# A signature of a version to come may be longer than ours; the header as a whole still has an end.
_MAX_SIGNATURE_HEADER_BYTES = 16 * 1024

_SECRET_PREFIX = "whsec_"  # noqa: S105 - the public prefix of the format
_PUBLIC_PREFIX = "whpk_"
_PRIVATE_PREFIX = "whsk_"
_MIN_SECRET_BYTES = 24
_MAX_SECRET_BYTES = 64
_NEW_SECRET_BYTES = 32
_SEED_BYTES = 32

# Under a public key of small order one constant signature holds for every message, so such a key proves nothing.
# These are the y coordinates of the points whose order divides 8; the sign of x does not matter.
_FIELD = 2**255 - 19
_SMALL_ORDER_Y = frozenset(
    {
        0,
        1,
        _FIELD - 1,
        0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
        0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7,
    }
)


class WebhookError(Exception):
    """Root of what this module raises; the tree stands in the module's docstring."""


class BadSecretError(WebhookError):
    """A secret or key is not in its format, or too weak to use. The message never quotes it."""


class MalformedHeadersError(WebhookError):
    """A header is missing, repeated or not in its format."""

    def __init__(self, header: str) -> None:
        """Name the header that is wrong."""
        super().__init__(f"{header} is missing, repeated or malformed")
        self.header = header


class NoMatchingSignatureError(WebhookError):
    """No signature of the request was made by one of the keys."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A request whose signature holds. A stale one must not be acted on; only now is it safe to say why."""

    key_id: str
    timestamp: datetime
    webhook_id: str
    is_stale: bool


class VerifyingKey(Protocol):
    """One key that a sender's signatures are checked with."""

    @property
    def key_id(self) -> str:
        """The receiver's name of this key."""
        ...

    @property
    def version(self) -> bytes:
        """The version of the signatures that this key can check."""
        ...

    def holds(self, signed: bytes, signatures: Sequence[bytes]) -> bool:
        """Tell whether one of `signatures` was made over `signed` with this key, in constant time per signature."""
        ...


class SigningKey(Protocol):
    """One key that a sender signs with."""

    @property
    def version(self) -> bytes:
        """The version of the signatures that this key makes."""
        ...

    def signature(self, signed: bytes) -> bytes:
        """Return the signature over `signed`."""
        ...


@dataclass(frozen=True, slots=True)
class HmacKey:
    """A shared secret, which both signs and verifies `v1`."""

    key_id: str
    secret: bytes = field(repr=False)
    version: bytes = field(default=_HMAC, init=False, repr=False)

    @classmethod
    def parse(cls, text: str, key_id: str = "") -> Self:
        """Read `whsec_<base64>` of 24 to 64 bytes. Raises `BadSecretError`."""
        secret = _decode_key(text, _SECRET_PREFIX)
        if not _MIN_SECRET_BYTES <= len(secret) <= _MAX_SECRET_BYTES:
            message = f"a webhook secret has {_MIN_SECRET_BYTES} to {_MAX_SECRET_BYTES} bytes"
            raise BadSecretError(message)
        return cls(key_id, secret)

    def signature(self, signed: bytes) -> bytes:
        """Return the 32 bytes of the HMAC."""
        return hmac.digest(self.secret, signed, "sha256")

    def holds(self, signed: bytes, signatures: Sequence[bytes]) -> bool:
        """Tell whether one of `signatures` is the HMAC over `signed`."""
        expected = self.signature(signed)
        return any(hmac.compare_digest(expected, given) for given in signatures)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An Ed25519 public key, which verifies `v1a`."""

    key_id: str
    key: Ed25519PublicKey
    version: bytes = field(default=_ED25519, init=False, repr=False)

    @classmethod
    def parse(cls, text: str, key_id: str = "") -> Self:
        """Read `whpk_<base64>` of 32 bytes. Raises `BadSecretError`, also for a key of small order."""
        raw = _decode_key(text, _PUBLIC_PREFIX)
        if len(raw) != _SEED_BYTES or _has_small_order(raw):
            message = "this is no usable Ed25519 public key"
            raise BadSecretError(message)
        return cls(key_id, Ed25519PublicKey.from_public_bytes(raw))

    def holds(self, signed: bytes, signatures: Sequence[bytes]) -> bool:
        """Tell whether one of `signatures` was made over `signed` with the matching private key."""
        return any(self._made(signed, given) for given in signatures)

    def _made(self, signed: bytes, signature: bytes) -> bool:
        try:
            self.key.verify(signature, signed)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """An Ed25519 private key, which signs `v1a`."""

    key: Ed25519PrivateKey = field(repr=False)
    version: bytes = field(default=_ED25519, init=False, repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `whsk_<base64>` of the 32-byte seed, or of the seed and the public key. Raises `BadSecretError`."""
        raw = _decode_key(text, _PRIVATE_PREFIX)
        message = "this is no Ed25519 private key"
        if len(raw) not in (_SEED_BYTES, 2 * _SEED_BYTES):
            raise BadSecretError(message)
        key = Ed25519PrivateKey.from_private_bytes(raw[:_SEED_BYTES])
        if raw[_SEED_BYTES:] not in (b"", key.public_key().public_bytes_raw()):
            raise BadSecretError(message)
        return cls(key)

    def public(self) -> str:
        """Return the public key as `whpk_<base64>`, which is what the receiver is given."""
        return _encode_key(_PUBLIC_PREFIX, self.key.public_key().public_bytes_raw())

    def signature(self, signed: bytes) -> bytes:
        """Return the 64 bytes of the signature."""
        return self.key.sign(signed)


def parse_verifying_key(text: str, key_id: str) -> VerifyingKey:
    """Read what a receiver keeps: `whsec_…` or `whpk_…`. Raises `BadSecretError`."""
    return PublicKey.parse(text, key_id) if text.startswith(_PUBLIC_PREFIX) else HmacKey.parse(text, key_id)


def parse_signing_key(text: str) -> SigningKey:
    """Read what a sender keeps: `whsec_…` or `whsk_…`. Raises `BadSecretError`."""
    return PrivateKey.parse(text) if text.startswith(_PRIVATE_PREFIX) else HmacKey.parse(text)


def generate_secret() -> str:
    """Draw a new shared secret for `v1`, as `whsec_<base64>` of 32 bytes."""
    return _encode_key(_SECRET_PREFIX, secrets.token_bytes(_NEW_SECRET_BYTES))


def generate_private_key() -> str:
    """Draw a new private key for `v1a`, as `whsk_<base64>` of the seed."""
    return _encode_key(_PRIVATE_PREFIX, secrets.token_bytes(_SEED_BYTES))


def sign(keys: Iterable[SigningKey], webhook_id: str, timestamp: datetime, body: bytes) -> dict[str, str]:
    """Return the three headers for a request, with one signature per key.

    `timestamp` is aware and is cut to whole seconds. Raises `MalformedHeadersError` where the verifier would.
    """
    name, moment = webhook_id.encode(errors="replace"), str(int(timestamp.timestamp())).encode()
    _check_form(name, _ID, ID_HEADER)
    _check_form(moment, _TIMESTAMP, TIMESTAMP_HEADER)
    signed = _signed_content(name, moment, body)
    marks = [f"{key.version.decode()},{base64.b64encode(key.signature(signed)).decode()}" for key in keys]
    if not 1 <= len(marks) <= MAX_SIGNATURES:
        raise MalformedHeadersError(SIGNATURE_HEADER)
    return {ID_HEADER: webhook_id, TIMESTAMP_HEADER: moment.decode(), SIGNATURE_HEADER: " ".join(marks)}


def verify(
    headers: Iterable[tuple[bytes, bytes]],
    body: bytes,
    keys: Iterable[VerifyingKey],
    now: datetime,
    tolerance: timedelta = TOLERANCE,
) -> Verified:
    """Check a request against the keys of its sender, tried in turn, and tell which of them signed it.

    `headers` are the raw pairs of the request (`request.headers.raw`), names in any case; `body` its raw bytes; `now`
    aware. Raises `MalformedHeadersError` or `NoMatchingSignatureError`. A request whose timestamp is further than
    `tolerance` from `now`, either way, is returned with `is_stale`.
    """
    found = _pick_headers(headers)
    webhook_id = _check_form(found[ID_HEADER], _ID, ID_HEADER)
    seconds = _check_form(found[TIMESTAMP_HEADER], _TIMESTAMP, TIMESTAMP_HEADER)
    signatures = _read_signatures(found[SIGNATURE_HEADER])
    signed = _signed_content(webhook_id, seconds, body)
    timestamp = datetime.fromtimestamp(int(seconds), UTC)
    for key in keys:
        if key.holds(signed, signatures.get(key.version, ())):
            is_stale = abs(now - timestamp) > tolerance
            return Verified(key.key_id, timestamp, webhook_id.decode(), is_stale)
    raise NoMatchingSignatureError


def _pick_headers(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, bytes]:
    wanted = {name.encode(): name for name in (ID_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER)}
    found: dict[str, bytes] = {}
    for raw_name, value in headers:
        name = wanted.get(raw_name.lower())
        if name is None:
            continue
        if name in found:
            raise MalformedHeadersError(name)
        found[name] = value
    for name in wanted.values():
        if name not in found:
            raise MalformedHeadersError(name)
    return found


def _check_form(value: bytes, form: re.Pattern[bytes], header: str) -> bytes:
    if not form.fullmatch(value):
        raise MalformedHeadersError(header)
    return value


def _read_signatures(value: bytes) -> Mapping[bytes, Sequence[bytes]]:
    """Return the signatures of the known versions, by version."""
    entries = value.split(b" ") if len(value) <= _MAX_SIGNATURE_HEADER_BYTES else []
    if not 1 <= len(entries) <= MAX_SIGNATURES:
        raise MalformedHeadersError(SIGNATURE_HEADER)
    signatures: dict[bytes, list[bytes]] = {}
    for entry in entries:
        version, comma, encoded = entry.partition(b",")
        if not (version and comma and encoded):
            raise MalformedHeadersError(SIGNATURE_HEADER)
        if version in _SIGNATURE_BYTES:
            signature = _decode_canonical(encoded)
            if signature is None or len(signature) != _SIGNATURE_BYTES[version]:
                raise MalformedHeadersError(SIGNATURE_HEADER)
            signatures.setdefault(version, []).append(signature)
    return signatures


def _signed_content(webhook_id: bytes, seconds: bytes, body: bytes) -> bytes:
    return b".".join((webhook_id, seconds, body))


def _decode_canonical(encoded: bytes) -> bytes | None:
    """Decode padded standard base64, or None where `encoded` is not exactly what encoding the bytes gives."""
    try:
        raw = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return None
    return raw if base64.b64encode(raw) == encoded else None


def _decode_key(text: str, prefix: str) -> bytes:
    raw = _decode_canonical(text.removeprefix(prefix).encode(errors="replace")) if text.startswith(prefix) else None
    if raw is None:
        message = f"expected {prefix} and padded base64"
        raise BadSecretError(message)
    return raw


def _encode_key(prefix: str, raw: bytes) -> str:
    return prefix + base64.b64encode(raw).decode()


def _has_small_order(public: bytes) -> bool:
    y = int.from_bytes(public, "little") & (2**255 - 1)
    return y % _FIELD in _SMALL_ORDER_Y
