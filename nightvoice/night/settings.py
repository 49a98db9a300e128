"""What a night is told before it starts, and the hooks through which it talks to the program around it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any, Final

from nightvoice.dialogue.events import Event
from nightvoice.insight.narrative import NarrativeLine
from nightvoice.insight.night import NightSummary
from nightvoice.system.clock import ClockWatch
from nightvoice.system.control_socket import Order

Sink = Callable[[dict[str, Any]], None]
"""Takes each event of the night: ``t``, ``event`` and the fields of that event."""


def _ignore(*_: object) -> None:
    """Do nothing."""


@dataclass(frozen=True, slots=True)
class NightSettings:
    """What is fixed for the whole night."""

    began: datetime
    """Wall clock at t = 0, aware."""
    narrate: Callable[[NightSummary], list[NarrativeLine]]
    """Tells a night in sentences."""
    daily: Mapping[Callable[[float], Event], time] = field(default_factory=dict)
    """Events of the dialogue that are due every day, and when."""
    only: Event | None = None
    """Happens at once; the night ends with the dialogue that it starts."""
    content: str = ""
    """Which language pack is in use, and whether a clinician has reviewed it."""
    notice: str = ""
    """Spoken at the beginning."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """What a running night reports to, and asks of, the program around it."""

    sink: Sink = _ignore
    alive: Callable[[], None] = _ignore
    """Called every second."""
    orders: Callable[[], list[Order]] = list
    """Returns the orders received since the last call."""
    keep_condition: Callable[[str, bool], None] = _ignore
    """Writes to the profile whether a condition holds. Raises NightvoiceError."""
    clock_watch: ClockWatch | None = None
    """For a night in real time; None for a recorded one."""


NO_HOOKS: Final = Hooks()
"""A night that nobody watches."""
