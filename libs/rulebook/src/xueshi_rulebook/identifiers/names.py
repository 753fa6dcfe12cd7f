"""Names as they are compared: the same person is written with full-width letters, other dots, other spaces."""

import unicodedata
from typing import Final

# U+00B7, U+2022, U+2027, U+2219, U+22C5, U+30FB are middle dots; U+FF0E and U+FF65 fold into "." and U+30FB.
_DOTS: Final = ".\u00b7\u2022\u2027\u2219\u22c5\u30fb"
_INVISIBLE: Final = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_DROPPED: Final = dict.fromkeys(map(ord, _DOTS + _INVISIBLE))


def normalise_name(name: str) -> str:
    """Return the form in which two spellings of one name are equal: NFKC, no spaces or middle dots, case-folded.

    For comparison only; what people read is the name as it was given.
    """
    kept = "".join(_compatible(_compatible(name).casefold()).translate(_DROPPED).split())
    # Letters that a dropped character kept apart may compose now.
    return _compatible(kept)


def _compatible(text: str) -> str:
    return unicodedata.normalize("NFKC", text)
