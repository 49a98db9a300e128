"""How long to wait before something in the network is tried again."""

from collections.abc import Iterator, Sequence
from itertools import chain, repeat
from typing import Final

AGAIN_S: Final = (1.0, 2.0, 5.0, 10.0, 30.0)
"""For what is close by."""


def pauses(seconds: Sequence[float] = AGAIN_S) -> Iterator[float]:
    """Each of them, then the last one for ever."""
    return chain(seconds, repeat(seconds[-1]))
