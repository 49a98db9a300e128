"""Slows down password guessing."""

from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Final

FREE_ATTEMPTS: Final = 5
"""Wrong passwords allowed for one account from one address before the next has to wait."""
FREE_OF_ADDRESS: Final = 20
"""The same for all accounts together: several people may share an address."""
FREE_OF_ACCOUNT: Final = 90
"""The same for one account from all addresses together: nobody shall lock others out with a few wrong passwords, and
with those that come after the first waits they stay below 100 an hour, as OWASP ASVS asks."""
FIRST_WAIT_S: Final = 30.0
"""First wait in seconds; it doubles with every further wrong password."""
MAX_WAIT_S: Final = 3600.0
"""Longest wait in seconds. What had no wrong password for this long starts from zero."""
MAX_KEYS: Final = 3000
"""Most addresses, accounts and pairs of them remembered at a time."""

_Key = tuple[str | None, str | None]
"""Address and account; None: all."""


class Throttle:
    """Counts wrong passwords by address and account. ``clock`` returns seconds. Methods are thread-safe."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._failures: dict[_Key, tuple[int, float]] = {}
        """Number of failures and time of the last one."""

    def begin(self, address: str, account: str = "") -> float:
        """Return the seconds to wait before an attempt; 0: it may be made, and counts as wrong until ``succeed``.

        Counting it beforehand leaves no gap for many attempts at once.
        """
        with self._lock:
            now = self._clock()
            wait = max(self._wait_s(key, free, now) for key, free in _keys(address, account))
            if wait == 0:
                self._count(address, account, now)
            return wait

    def succeed(self, address: str, account: str = "") -> None:
        """Take back the attempt, and forget earlier ones on this account from this address, but no others."""
        with self._lock:
            self._failures.pop((address, account), None)
            for key in ((address, None), (None, account)):
                if key in self._failures:
                    count, last = self._failures.pop(key)
                    if count > 1:
                        self._failures[key] = (count - 1, last)

    def _wait_s(self, key: _Key, free: int, now: float) -> float:
        count, last = self._failures.get(key, (0, 0.0))
        if count < free or now - last >= MAX_WAIT_S:
            return 0.0
        doublings = min(count - free, 20)
        return max(0.0, last + min(FIRST_WAIT_S * 2.0**doublings, MAX_WAIT_S) - now)

    def _count(self, address: str, account: str, now: float) -> None:
        for key, _ in _keys(address, account):
            count, last = self._failures.pop(key, (0, now))
            self._failures[key] = (1 if now - last >= MAX_WAIT_S else count + 1, now)
        while len(self._failures) > MAX_KEYS:
            del self._failures[next(iter(self._failures))]  # the one without a wrong password for longest


def _keys(address: str, account: str) -> tuple[tuple[_Key, int], ...]:
    pair = ((address, account), FREE_ATTEMPTS)
    return (pair, ((address, None), FREE_OF_ADDRESS), ((None, account), FREE_OF_ACCOUNT)) if account else (pair,)
