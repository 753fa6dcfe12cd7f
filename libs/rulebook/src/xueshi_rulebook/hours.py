"""Hours as people write them."""

from typing import Final

_CENTI: Final = 100


def format_hours(centihours: int) -> str:
    """Write centihours as a decimal string of hours without trailing zeros: 450 gives "4.5"."""
    whole, rest = divmod(centihours, _CENTI)
    return f"{whole}.{rest:02}".rstrip("0") if rest else str(whole)
