"""Normalising and checking a person's identity number by its type."""

import re
import unicodedata
from collections.abc import Callable
from typing import Final

from xueshi_rulebook import divisions
from xueshi_rulebook.errors import IdentifierError
from xueshi_rulebook.identifiers import faults
from xueshi_rulebook.identifiers.resident import birth_exists, checksum_of_digits

_RESIDENT: Final = re.compile(r"[0-9]{17}[0-9X]").fullmatch
_OLD_PERMANENT: Final = re.compile(r"[A-Z]{3}[0-9]{12}").fullmatch
_PASSPORT: Final = re.compile(r"(?=.*[0-9])[A-Z0-9]{5,20}").fullmatch
# Hong Kong and Macao: H or M and 8 digits, older cards with 2 more; Taiwan: 8 digits, older ones 10 and a letter.
_TRAVEL_PERMIT: Final = re.compile(r"[HM][0-9]{8}(?:[0-9]{2})?|[0-9]{8}|[0-9]{10}[A-Z]?").fullmatch
_HMT_AREAS: Final = frozenset({"810000", "820000", "830000"})
_MASKED_LENGTH: Final = 18
_SHOWN: Final = 4
# A shorter number could be guessed from four of its characters.
_SHORTEST_SHOWN: Final = 8
_AREA_LENGTH: Final = 6


def _check_eighteen(number: str) -> None:
    """Check form, check character and birth date. The area code is never an error: areas are renamed and merged."""
    if _RESIDENT(number) is None:
        raise IdentifierError(*faults.FORM)
    if number[17] != checksum_of_digits(number[:17]):
        raise IdentifierError(*faults.CHECK)
    if not birth_exists(number):
        raise IdentifierError(*faults.BIRTH)


def _check_hmt_residence(number: str) -> None:
    if number[:6] not in _HMT_AREAS:
        raise IdentifierError(*faults.HMT_AREA)
    _check_eighteen(number)


def _check_permanent_resident(number: str) -> None:
    if _OLD_PERMANENT(number) is not None:
        return
    if not number.startswith("9"):
        raise IdentifierError(*faults.PERMANENT)
    _check_eighteen(number)


def _check_passport(number: str) -> None:
    if _PASSPORT(number) is None:
        raise IdentifierError(*faults.PASSPORT)


def _check_travel_permit(number: str) -> None:
    if _TRAVEL_PERMIT(number) is None:
        raise IdentifierError(*faults.TRAVEL_PERMIT)


_CHECKS: Final[dict[str, Callable[[str], None]]] = {
    "resident_id": _check_eighteen,
    "hmt_residence_permit": _check_hmt_residence,
    "foreign_permanent_resident": _check_permanent_resident,
    "passport": _check_passport,
    "hmt_travel_permit": _check_travel_permit,
}

ID_TYPES: Final[frozenset[str]] = frozenset(_CHECKS)
"""The identity document types that the platform knows."""


def normalise_id(id_type: str, number: str) -> str:
    """Return the number as it is keyed and stored: NFKC, trimmed, upper case.

    Raises IdentifierError ``ID_TYPE_UNKNOWN`` or ``ID_NUMBER_INVALID`` (FJ-07: who learned must be certain).
    """
    check = _CHECKS.get(id_type)
    if check is None:
        raise IdentifierError(*faults.TYPE_UNKNOWN)
    if not number.isascii():
        number = unicodedata.normalize("NFKC", number)
    number = number.strip().upper()
    check(number)
    return number


def id_warning(id_type: str, number: str) -> str:
    """Return the guidance code of what a person should look at in a number that ``normalise_id`` returned, else "".

    ``ID_AREA_UNKNOWN``: the division table lacks the area of a resident ID. Never a reason to refuse: the number keeps
    the area of its first registration, which may have been renamed, merged or retired since.
    """
    if id_type == "resident_id" and not divisions.exists(number[:_AREA_LENGTH]):
        return "ID_AREA_UNKNOWN"
    return ""


def mask_id(number: str) -> str:
    """Return a number fit for pages: of 18 characters the first 6 and last 4, of others from 8 on the first and last 2.

    Nothing of a shorter one is shown.
    """
    if len(number) == _MASKED_LENGTH:
        return f"{number[:6]}********{number[-4:]}"
    if len(number) < _SHORTEST_SHOWN:
        return "*" * len(number)
    return f"{number[:2]}{'*' * (len(number) - _SHOWN)}{number[-2:]}"
