"""The industries by which authorities, employers and platforms are told apart (S0 附件5)."""

from functools import cache
from typing import Final

from xueshi_rulebook.model import Industry
from xueshi_rulebook.reading import BASIS_KEYS, read_basis
from xueshi_rulebook.yamlsource import Value, packaged

_MAX_INDUSTRIES: Final = 99


@cache
def industries() -> tuple[Industry, ...]:
    """Return the industries in the order of the notice: the one at index ``n`` has the number ``n + 1``."""
    return read_industries(packaged("industries.yaml"))


def read_industries(file: Value) -> tuple[Industry, ...]:
    """Read the numbered industries; the numbers run from 1 without a gap, as the notice prints them."""
    section = file.fields(("industries",))["industries"]
    fields = section.fields(("list",), BASIS_KEYS)
    basis = read_basis(section, fields)
    found: list[Industry] = []
    for item in fields["list"].items():
        parts = item.fields(("number", "zh", "en"))
        number = parts["number"].integer(1, _MAX_INDUSTRIES)
        if number != len(found) + 1:
            item.fail(f"industry {len(found) + 1} is expected here")
        found.append(Industry(number, parts["zh"].text(), parts["en"].text(), basis))
    return tuple(found)
