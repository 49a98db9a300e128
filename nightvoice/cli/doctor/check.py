"""A health check and its result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nightvoice.config.schema import Config


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check."""

    name: str
    ok: bool
    detail: str
    advice: str
    """Remedy for the user; empty if the check passed."""


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """A check of one part of the system."""

    name: str
    run: Callable[[Config], str]
    """Return a detail for the result if the check passes; otherwise raise an exception with the detail."""
    advice: str


class CheckFailedError(Exception):
    """The check failed; ``vital`` means that nightvoice cannot listen at night."""

    def __init__(self, detail: str, vital: bool = True) -> None:
        super().__init__(detail)
        self.vital = vital
