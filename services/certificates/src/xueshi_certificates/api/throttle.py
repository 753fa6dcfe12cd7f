"""A bound on how often one address opens public pages: against guessing tags and against loops, not a shield."""

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

_WINDOW_SECONDS = 60.0
_MAX_ADDRESSES = 20_000
_IPV6_HOST_BITS = 64


@dataclass(slots=True)
class _Window:
    ends_at: float
    taken: int


class Throttle:
    """Counts requests per address and minute in this process; behind several instances each counts its own."""

    def __init__(self, per_minute: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Let `per_minute` requests of one address through in each minute."""
        self._per_minute = per_minute
        self._monotonic = monotonic
        self._windows: OrderedDict[str, _Window] = OrderedDict()

    def wait_seconds(self, address: str) -> int:
        """Count a request; return 0 when it may pass, else after how many seconds to try again."""
        now = self._monotonic()
        network = _network(address)
        window = self._windows.get(network)
        if window is None or window.ends_at <= now:
            window = _Window(now + _WINDOW_SECONDS, 0)
            self._windows[network] = window
            self._windows.move_to_end(network)
            if len(self._windows) > _MAX_ADDRESSES:
                self._windows.popitem(last=False)
        window.taken += 1
        return 0 if window.taken <= self._per_minute else int(window.ends_at - now) + 1


def _network(address: str) -> str:
    """Return what counts as one visitor: an IPv4 address, or the half of an IPv6 address that a site is given."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if known.version == 4:  # noqa: PLR2004 - the protocol's own number
        return address
    return str(ipaddress.ip_network((known, _IPV6_HOST_BITS), strict=False))
