"""Finding identity numbers in text that must not carry them (record ids, course ids, titles)."""

import re
import unicodedata
from typing import Final

from xueshi_rulebook.identifiers.resident import birth_exists, checksum_of_digits

_LENGTH: Final = 18
_SEPARATORS: Final = re.compile("[\\s\\-_./\u00ad\u00b7\u200b-\u200d\u2010-\u2015\u2060\u2212\ufeff]+")
# A look-ahead, so that a number is also found inside a longer run of digits. Only plausible years of birth:
# without them one in eleven random 18-digit numbers would be taken for a person.
_CANDIDATE: Final = re.compile(r"(?=([0-9]{6}(?:19|20)[0-9]{9}[0-9Xx]))")


def contains_id_number(text: str) -> bool:
    """Tell whether ``text`` holds an 18-character identity number with a matching check and an existing birth date.

    Looked for after NFKC and with spaces, hyphens, dots, slashes and invisible characters removed, so that a
    number in groups or in full-width digits is found too. Residence permits and permanent-resident cards share
    the form. The 15-digit numbers that ended in 2012 are not looked for: they have no check digit, order
    numbers would be taken for them, and no document of that form is accepted.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    if len(text) < _LENGTH:
        return False
    compact = _SEPARATORS.sub("", text)
    for match in _CANDIDATE.finditer(compact):
        number = match.group(1).upper()
        if number[17] == checksum_of_digits(number[:17]) and birth_exists(number):
            return True
    return False
