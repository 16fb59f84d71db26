"""How often one address or account may ask: a bucket for each, the oldest forgotten first."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from typing import Final

__all__ = ["Rates", "group_of"]

_MOST: Final = 50_000  # addresses remembered


def group_of(address: str) -> str:
    """Return what counts as one address: of IPv6 the network of 64 bits, which one client has."""
    if ":" not in address:
        return address
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(IPv6Address(int(found) >> 64 << 64))


class Rates:
    """Counts requests."""

    def __init__(
        self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Remember how many.

        Args:
            rate: A second, in the long run; 0: any number.
            burst: At once.
            clock: Seconds that never go back.
        """
        self._rate = rate
        self._burst = float(burst)
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, address: str, count: int = 1) -> float:
        """Count a request; return 0 if it may be made, else seconds until one may.

        Args:
            address: Who makes it.
            count: For how many it counts.
        """
        if not self._rate or not count:
            return 0.0
        now = self._clock()
        left, at = self._left.pop(address, (self._burst, now))
        left = min(self._burst, left + (now - at) * self._rate)
        granted = left >= count
        self._left[address] = (left - count if granted else left, now)
        if len(self._left) > _MOST:
            self._left.popitem(last=False)
        return 0.0 if granted else (count - left) / self._rate
