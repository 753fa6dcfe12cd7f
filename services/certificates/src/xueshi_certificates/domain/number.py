"""Numbers of proofs and the tags of their public pages.

A number is `FJ-2025-0000001234-7`: the jurisdiction's letters, the year of issue (Asia/Shanghai), a sequence without
gaps in the order of issue, and a check digit. It says nothing of the person and opens nothing: the public page opens
by the tag alone, which is random.

The check digit is ISO 7064 MOD 11,10 over the letters as two digits each (A = 10 … Z = 35), year and sequence; it
finds every wrong digit and nearly every pair that changed places.
"""

import re
import secrets
from typing import Final

from xueshi_certificates.domain.content import ProofNumber, PublicTag

NUMBER_PATTERN: Final = r"^[A-Z]{2}-[0-9]{4}-[0-9]{10}-[0-9]$"
_NUMBER: Final = re.compile(r"([A-Z]{2})-([0-9]{4})-([0-9]{10})-([0-9])")
_LETTERS: Final = re.compile(r"[A-Z]{2}")
_LAST_SEQUENCE: Final = 9_999_999_999

# Crockford's alphabet: no i, l, o and u, so that a tag can be read aloud and typed.
_TAG_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_TAG_LENGTH: Final = 20
TAG_BITS: Final = 5 * _TAG_LENGTH
_TAG: Final = re.compile(f"[{_TAG_ALPHABET}]{{{_TAG_LENGTH}}}")


def proof_number(letters: str, year: int, sequence: int) -> ProofNumber:
    """Return the number of the `sequence`-th proof (from 1) of a jurisdiction and year. Raises `ValueError`."""
    if not _LETTERS.fullmatch(letters) or not 1 <= sequence <= _LAST_SEQUENCE:
        message = f"no proof number of {letters!r} and {sequence}"
        raise ValueError(message)
    body = f"{letters}{year:04d}{sequence:010d}"
    return ProofNumber(f"{letters}-{year:04d}-{sequence:010d}-{check_digit(body)}")


def check_digit(body: str) -> int:
    """Return the ISO 7064 MOD 11,10 digit of letters and digits."""
    product = 10
    for digit in "".join(str(int(each, 36)) for each in body):
        total = (product + int(digit)) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10


def is_proof_number(text: str) -> bool:
    """Tell whether `text` has the form of a number and the right check digit."""
    parts = _NUMBER.fullmatch(text)
    return parts is not None and check_digit("".join(parts.group(1, 2, 3))) == int(parts[4])


def new_tag() -> PublicTag:
    """Draw a tag of 100 random bits that stands well in a URL."""
    return PublicTag("".join(_TAG_ALPHABET[byte % 32] for byte in secrets.token_bytes(_TAG_LENGTH)))


def is_tag(text: str) -> bool:
    """Tell whether `text` has the form of a tag."""
    return _TAG.fullmatch(text) is not None
