"""Sealing of secrets at rest, and keyed digests to look them up by.

A sealed value describes itself, so that keys and algorithms can change while old values still open:

    algorithm (1 byte) | length of key id (1) | key id (ASCII) | nonce (12) | ciphertext | tag (16)

What stands before the nonce, and the caller's context, is authenticated together with the ciphertext. The context names
the place of the value (table, column, row's key): a sealed value that was copied to another place does not open there.

    CryptoError
    ├── BadKeyError        a key, key id or set of keys that cannot be used
    ├── UnknownKeyError    the value was sealed under a key that this process does not hold
    ├── SealBrokenError    the value or its context was changed, or it never was a sealed value
    └── BadPartError       a keyed digest of no parts, or of a part that contains the separator
"""

import os
import re
import uuid
from collections.abc import Mapping
from enum import IntEnum
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

_NONCE_BYTES = 12
_TAG_BYTES = 16
_INDEX_KEY_BYTES = 32
_KEY_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_SEPARATOR = b"\0"


class CryptoError(Exception):
    """Root of what this module raises; the tree stands in the module's docstring."""


class BadKeyError(CryptoError):
    """A key has the wrong length, a key id the wrong form, or the current key is not among the keys."""


class UnknownKeyError(CryptoError):
    """A value was sealed under a key that this process does not hold; `key_id` names it."""

    def __init__(self, key_id: str) -> None:
        """Name the missing key, so that an operator can bring it back."""
        super().__init__(f"no sealing key {key_id!r} in this process")
        self.key_id = key_id


class SealBrokenError(CryptoError):
    """A sealed value does not open: it or its context was changed, or it never was a sealed value."""


class BadPartError(CryptoError):
    """A keyed digest needs at least one part, and no part may contain a zero byte."""


class Algorithm(IntEnum):
    """How a value is sealed. The number is the first byte of the value and never changes its meaning."""

    AES_256_GCM = 1
    SM4_GCM = 2

    @property
    def key_bytes(self) -> int:
        """The length of this algorithm's key in bytes; it also tells the algorithm of a key."""
        return 32 if self is Algorithm.AES_256_GCM else 16


_ALGORITHM_BYTES = frozenset(int(algorithm) for algorithm in Algorithm)


class _Aead(Protocol):
    """Authenticated encryption under one key; the tag stands at the end of the ciphertext."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes: ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes: ...


class _Sm4Gcm:
    """SM4 in GCM (GB/T 32907, RFC 8998), which `cryptography` offers as a cipher and not as an AEAD object."""

    def __init__(self, key: bytes) -> None:
        self._algorithm = algorithms.SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes:
        encryptor = Cipher(self._algorithm, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(associated_data)
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes:
        mode = modes.GCM(nonce, data[-_TAG_BYTES:], min_tag_length=_TAG_BYTES)
        decryptor = Cipher(self._algorithm, mode).decryptor()
        decryptor.authenticate_additional_data(associated_data)
        return decryptor.update(data[:-_TAG_BYTES]) + decryptor.finalize()


class Sealer:
    """Seals and opens values under keys named by id. Safe to share between threads and across a fork.

    Nonces are drawn at random for each value, so one key may seal up to 2^32 values (NIST SP 800-38D, 8.3); rotate
    long before. The operating system is asked for every nonce (0.6 µs): a buffer of nonces would be spent twice
    after a fork.
    """

    def __init__(self, keys: Mapping[str, bytes], current: str) -> None:
        """Take keys by id, and the id of the one that seals.

        The length of a key tells its algorithm: 32 bytes AES-256-GCM, 16 bytes SM4-GCM. Key ids are
        `[a-z0-9][a-z0-9-]{0,31}`. Raises `BadKeyError`.
        """
        if current not in keys:
            message = f"the current sealing key {current!r} is not among the keys"
            raise BadKeyError(message)
        self.current = current
        self._aeads = {_header(key_id, key): _aead(key) for key_id, key in keys.items()}
        self._header = _header(current, keys[current])
        self._aead = self._aeads[self._header]
        self._ids = frozenset(keys)

    def seal(self, plain: bytes, context: bytes) -> bytes:
        """Return `plain` sealed under the current key, bound to `context`; 30 bytes and the key id longer."""
        nonce = os.urandom(_NONCE_BYTES)
        header = self._header
        return header + nonce + self._aead.encrypt(nonce, plain, header + context)

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """Return what was sealed with the same `context`. Raises `UnknownKeyError` or `SealBrokenError`."""
        header, body = _split(sealed)
        aead = self._aeads.get(header)
        if aead is None:
            key_id = _named_key(header)
            if key_id in self._ids:
                message = "the value names a key of another algorithm"
                raise SealBrokenError(message)
            raise UnknownKeyError(key_id)
        try:
            return aead.decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], header + context)
        except InvalidTag:
            message = "the sealed value or its context was changed"
            raise SealBrokenError(message) from None

    def is_current(self, sealed: bytes) -> bool:
        """Tell whether a value is sealed under the current key, so that a rotation finds what is left to do."""
        return sealed.startswith(self._header)


class KeyedIndex:
    """HMAC-SHA-256 under one key, over parts joined by a zero byte: finds equal values without storing them."""

    def __init__(self, key: bytes) -> None:
        """Take a key of at least 32 bytes. Raises `BadKeyError`."""
        if len(key) < _INDEX_KEY_BYTES:
            message = f"an index key needs {_INDEX_KEY_BYTES} bytes at least"
            raise BadKeyError(message)
        # Copying a keyed state costs a third of keying one.
        self._keyed = HMAC(key, SHA256())

    def digest(self, *parts: bytes) -> bytes:
        """Return the 32 bytes of the digest. Raises `BadPartError` for no part, or a part with a zero byte."""
        message = _SEPARATOR.join(parts)
        if message.count(_SEPARATOR) != len(parts) - 1:
            problem = "a keyed digest needs at least one part, and no part may contain a zero byte"
            raise BadPartError(problem)
        mac = self._keyed.copy()
        mac.update(message)
        return mac.finalize()

    def digest16(self, *parts: bytes) -> uuid.UUID:
        """Return the first 16 bytes of the digest, in the shape of a UUID column (no version bits are set)."""
        return uuid.UUID(bytes=self.digest(*parts)[:16])


def check_key_id(key_id: str) -> str:
    """Return `key_id` if it may stand in a sealed value, else raise `BadKeyError`."""
    if not _KEY_ID.fullmatch(key_id):
        message = "a key id is one to 32 of a-z, 0-9 and -, and begins with no -"
        raise BadKeyError(message)
    return key_id


def algorithm_of(key: bytes) -> Algorithm:
    """Return the algorithm that a key of this length belongs to, else raise `BadKeyError`."""
    for algorithm in Algorithm:
        if len(key) == algorithm.key_bytes:
            return algorithm
    message = "a sealing key has 32 bytes (AES-256-GCM) or 16 (SM4-GCM)"
    raise BadKeyError(message)


def _aead(key: bytes) -> _Aead:
    return AESGCM(key) if algorithm_of(key) is Algorithm.AES_256_GCM else _Sm4Gcm(key)


def _header(key_id: str, key: bytes) -> bytes:
    name = check_key_id(key_id).encode("ascii")
    return bytes((algorithm_of(key), len(name))) + name


def _split(sealed: bytes) -> tuple[bytes, bytes]:
    """Part a sealed value into its header and the rest, which holds a nonce and a tag at least."""
    end = 2 + sealed[1] if len(sealed) > 1 else 0
    if not end or sealed[0] not in _ALGORITHM_BYTES or len(sealed) < end + _NONCE_BYTES + _TAG_BYTES:
        message = "this is not a sealed value"
        raise SealBrokenError(message)
    return sealed[:end], sealed[end:]


def _named_key(header: bytes) -> str:
    """Return the key id of a header that no key of this process matches."""
    key_id = header[2:].decode("ascii", errors="replace")
    if not _KEY_ID.fullmatch(key_id):
        message = "this is not a sealed value"
        raise SealBrokenError(message)
    return key_id
