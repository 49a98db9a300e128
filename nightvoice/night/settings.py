"""The settings of a night, and the hooks that connect it to the program around it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any, Final

from nightvoice.content.countries import NO_COUNTRY, HelpNumbers
from nightvoice.dialogue.events import Event
from nightvoice.insight.narrative import NarrativeLine
from nightvoice.insight.night import NightSummary
from nightvoice.system.clock import ClockWatch
from nightvoice.system.control_socket import Order

Sink = Callable[[dict[str, Any]], None]
"""Function that receives each event of the night: ``t``, ``event`` and the event's fields."""


def _ignore(*_: object) -> None:
    """Do nothing."""


@dataclass(frozen=True, slots=True)
class Appointment:
    """A dialogue event at a time of day."""

    at: time
    event: Callable[[float], Event]
    """Makes the event, given ``t``."""


@dataclass(frozen=True, slots=True)
class NightSettings:
    """Settings that stay fixed for the whole night."""

    began: datetime
    """Wall clock time at t = 0, time zone aware."""
    narrate: Callable[[NightSummary, HelpNumbers], list[NarrativeLine]]
    """Puts the summary of a night into sentences, with the numbers to call."""
    numbers: HelpNumbers = NO_COUNTRY
    """The numbers to call at the start."""
    daily: Mapping[str, Appointment] = field(default_factory=dict)
    """Daily appointments by name."""
    only: Event | None = None
    """Event sent at the start; the night ends when the dialogue that it starts is over."""
    content: str = ""
    """The language pack in use, and whether a clinician has reviewed it."""
    notice: str = ""
    """Text spoken at the start."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """Callbacks from a running night to the program around it."""

    sink: Sink = _ignore
    alive: Callable[[], None] = _ignore
    """Called every second."""
    orders: Callable[[], list[Order]] = list
    """Returns the orders received since the last call."""
    keep_condition: Callable[[str, bool], None] = _ignore
    """Writes to the profile whether a condition holds. Raises NightvoiceError."""
    help_numbers: Callable[[], HelpNumbers] | None = None
    """Returns the numbers to call in the present time zone. Raises NightvoiceError. None: they never change."""
    clock_watch: ClockWatch | None = None
    """For a night in real time; None for a recorded one."""


NO_HOOKS: Final = Hooks()
"""Hooks that do nothing."""
