"""What one look at the machine is, and what it gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nightvoice.config.schema import Config


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the answer."""

    name: str
    ok: bool
    detail: str
    advice: str
    """What to do; empty where there is nothing to do."""


@dataclass(frozen=True, slots=True)
class Examination:
    """Something to look at."""

    name: str
    look: Callable[[Config], str]
    """Gives the detail where all is good; raises an exception with it where not."""
    advice: str


class NotGoodError(Exception):
    """What was looked at is not in order; ``vital``: the night cannot be listened to like that."""

    def __init__(self, detail: str, vital: bool = True) -> None:
        super().__init__(detail)
        self.vital = vital
