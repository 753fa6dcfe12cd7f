"""The digest of a record's content: SHA-256 over its RFC 8785 form, the same in every language.

A record that has been brought into canonical form holds only strings without control characters, integers, booleans,
lists and members in code-point order; encoded without white space, it is its own canonical JSON.
"""

from hashlib import sha256

from msgspec.json import Encoder

from xueshi_records.record import Record, Void

_encode = Encoder().encode


def canonical_form(content: Record | Void) -> bytes:
    """Return the RFC 8785 form of a record or void that has passed its checks."""
    return _encode(content)


def digest_of(content: Record | Void) -> bytes:
    """Return the 32 bytes by which two contents are compared."""
    return sha256(_encode(content)).digest()
