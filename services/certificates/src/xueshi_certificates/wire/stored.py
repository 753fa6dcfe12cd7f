"""The content of a proof as it is stored: JSON with codes, whole numbers and ISO dates. It names nobody.

`format` rises when a field changes its meaning; contents of every earlier format stay readable for ever.
"""

from dataclasses import dataclass

import msgspec

from xueshi_certificates.domain.content import Content

FORMAT = 1


@dataclass(frozen=True, slots=True)
class _Stored:
    format: int
    facts: Content


_decoder = msgspec.json.Decoder(_Stored)


def dump_content(content: Content) -> str:
    """Return the JSON text of a content."""
    return msgspec.json.encode(_Stored(FORMAT, content)).decode()


def load_content(text: str) -> Content:
    """Return the content of a JSON text that `dump_content` wrote."""
    return _decoder.decode(text).facts
