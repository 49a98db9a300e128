"""One person's voice and one room: by how much the bar for a cramp is moved. Numbers only, and within limits."""

import json
from dataclasses import asdict, dataclass
from math import ceil, inf, log
from pathlib import Path
from typing import Final

from nightvoice.errors import NightvoiceError, reason
from nightvoice.system.atomic_file import replace_text

EASIEST: Final = 1.0
"""Log odds by which the bar is lowered at the most; scripts/bench/calibrate.py says what that does to false alarms."""
HARDEST: Final = 0.5
"""Log odds by which it is raised at the most."""
WANTED: Final = 0.5
"""Margin with which what was said should pass."""
PLENTY: Final = 2.0
"""A bar is raised only as long as what was said passes with so much."""
QUIET: Final = 1.5
"""What sounds in the room by itself should miss the bar by so much."""
SHARE: Final = 0.8
"""Of what was said, that should pass so."""
FEWEST: Final = 3
"""With fewer repetitions nothing is learnt."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What ``nightvoice calibrate`` keeps."""

    engine: str
    """For which ears it holds."""
    shift: float
    """Log odds that are added to every cramp's evidence."""
    said: int
    """Repetitions."""
    heard_before: int
    heard_now: int
    nearest_noise: float | None
    """Margin of what came nearest to a cramp while nobody spoke; None: nothing did."""
    at: str
    """When; ISO."""


def shift_for(said: list[float], noise: list[float]) -> float:
    """By how much to move the bar, from the margins of the phrase (``-inf``: nothing of it was heard) and of the room.

    The room has the last word over the voice, and the limits over both. Raises NightvoiceError for too few.
    """
    if len(said) < FEWEST:
        raise NightvoiceError(f"{len(said)} repetitions are too few: say the phrase at least {FEWEST} times")
    worst = sorted(said, reverse=True)[ceil(SHARE * len(said)) - 1]
    if worst == -inf:
        # What the ears made nothing of is not made audible by believing everything.
        worst = min((margin for margin in said if margin > -inf), default=WANTED)
    wished = max(WANTED - worst, 0.0) - max(worst - PLENTY, 0.0)
    allowed = min((-QUIET - margin for margin in noise), default=inf)
    return max(-HARDEST, min(wished, allowed, EASIEST))


def margin_of(score: float) -> float:
    """The log odds of a perception's score: what it passes or misses the bar by."""
    bounded = min(max(score, 1e-6), 1 - 1e-6)
    return log(bounded / (1 - bounded))


def load(file: Path, engine: str) -> Calibration | None:
    """What was kept for ``engine``; None where there is nothing, or it is for other ears, damaged or beyond limits."""
    try:
        found = Calibration(**json.loads(file.read_text("utf-8")))
        fits = found.engine == engine and -HARDEST <= found.shift <= EASIEST
    except (OSError, ValueError, TypeError):
        return None
    return found if fits else None


def store(file: Path, calibration: Calibration) -> None:
    """Raises NightvoiceError where it cannot be written."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        replace_text(file, json.dumps(asdict(calibration), indent=1) + "\n")
    except OSError as error:
        raise NightvoiceError(f"{file}: cannot be written ({reason(error)}); make its folder writable") from error
