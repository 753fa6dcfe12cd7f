"""Identifiers with check digits of the generator's own reckoning: the code under test is never asked."""

from datetime import date

SAMPLE_AREA = "359900"
SAMPLE_AREAS = (SAMPLE_AREA, "339900", "449900")
"""Area codes that no division bears, of Fujian, Zhejiang and Guangdong: no sample person can be a real one."""

_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_CHECKS = "10X98765432"
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def resident_id(born_on: date, sequence: int, area: str = SAMPLE_AREA) -> str:
    """Return a resident ID number (GB 11643-1999) in a sample area; `sequence` is 0 to 999."""
    body = f"{area}{born_on:%Y%m%d}{sequence:03d}"
    return body + resident_check(body)


def resident_check(body: str) -> str:
    """Return the check character of a resident ID number's first 17 digits."""
    total = sum(weight * int(digit) for weight, digit in zip(_RESIDENT_WEIGHTS, body, strict=True))
    return _RESIDENT_CHECKS[total % 11]


def credit_code(kind: str, region: str, number: int) -> str:
    """Return a unified social credit code (GB 32100-2015): `kind` is its first two characters, 91 or 12.

    The organisation part reads XUE00001 and so on, which is plainly made up; it bears its own check (GB 11714).
    """
    organisation = f"XUE{number:05d}"
    body = f"{kind}{region}{organisation}{_organisation_check(organisation)}"
    return body + credit_check(body)


def credit_check(body: str) -> str:
    """Return the check character of a unified social credit code's first 17 characters."""
    total = sum(_CREDIT_ALPHABET.index(sign) * pow(3, place, 31) for place, sign in enumerate(body))
    return _CREDIT_ALPHABET[(31 - total % 31) % 31]


def _organisation_check(organisation: str) -> str:
    total = sum(weight * int(sign, 36) for weight, sign in zip(_ORGANISATION_WEIGHTS, organisation, strict=True))
    return "0X987654321"[total % 11]
