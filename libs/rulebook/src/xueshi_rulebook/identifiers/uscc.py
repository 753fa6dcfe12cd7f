"""Unified social credit codes, GB 32100-2015."""

import re
import unicodedata
from operator import mul
from typing import Final

from xueshi_rulebook.errors import IdentifierError
from xueshi_rulebook.identifiers import faults

_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ORDINAL: Final = {character: ordinal for ordinal, character in enumerate(_ALPHABET)}
_MODULUS: Final = 31
_BODY_LENGTH: Final = 17
_WEIGHTS: Final = tuple(pow(3, position, _MODULUS) for position in range(_BODY_LENGTH))
_BODY: Final = re.compile(f"[{_ALPHABET}]{{17}}").fullmatch
_CODE: Final = re.compile(f"[{_ALPHABET}]{{18}}").fullmatch


def uscc_checksum(body: str) -> str:
    """Return the check character for the first 17; characters outside the alphabet (I, O, S, V, Z) give ValueError."""
    if _BODY(body) is None:
        message = "17 characters of the code's alphabet are expected"
        raise ValueError(message)
    total = sum(map(mul, _WEIGHTS, map(_ORDINAL.__getitem__, body)))
    return _ALPHABET[(_MODULUS - total % _MODULUS) % _MODULUS]


def check_uscc(code: str) -> str:
    """Return the code trimmed, NFKC, upper case; raises IdentifierError ``EMPLOYER_CODE_INVALID``."""
    if not code.isascii():
        code = unicodedata.normalize("NFKC", code)
    code = code.strip().upper()
    if _CODE(code) is None:
        raise IdentifierError(*faults.USCC_FORM)
    if uscc_checksum(code[:_BODY_LENGTH]) != code[_BODY_LENGTH]:
        raise IdentifierError(*faults.USCC_CHECK)
    return code
