"""Fits the thresholds for a cramp to one person's voice and room, within limits. Only numbers are stored."""

import json
from dataclasses import asdict, dataclass
from math import ceil, inf, log
from pathlib import Path
from typing import Final

from nightvoice.errors import NightvoiceError, reason
from nightvoice.system.atomic_file import replace_text

MAX_LOWERING: Final = 1.0
"""Maximum lowering of the thresholds, in log odds."""
MAX_RAISING: Final = 0.5
"""Maximum raising of the thresholds, in log odds."""
TARGET_MARGIN: Final = 0.5
"""Margin (log odds) that most repetitions of the phrase should have."""
AMPLE_MARGIN: Final = 2.0
"""Margin beyond which the thresholds may be raised."""
NOISE_MARGIN: Final = 1.5
"""Log odds by which the room's own sounds should stay below the thresholds."""
TARGET_SHARE: Final = 0.8
"""Share of the repetitions that should reach TARGET_MARGIN."""
MIN_REPETITIONS: Final = 3


@dataclass(frozen=True, slots=True)
class Calibration:
    """The stored result of ``nightvoice calibrate``."""

    engine: str
    """The engine that it was measured with and applies to."""
    shift: float
    """Log odds by which the thresholds for a cramp are lowered."""
    said: int
    """Repetitions of the phrase."""
    heard_before: int
    heard_now: int
    nearest_noise: float | None
    """Highest margin of a cramp while nobody spoke; None if there was none."""
    at: str
    """Time of the calibration, ISO 8601."""


def shift_for(said: list[float], noise: list[float]) -> float:
    """Return by how much to lower the thresholds, given the margins of the phrase and of the room's noise.

    A margin of ``-inf`` is a repetition that was not heard at all. The noise limits the shift that the voice needs, and
    MAX_LOWERING and MAX_RAISING limit both. Raises NightvoiceError for too few repetitions.
    """
    if len(said) < MIN_REPETITIONS:
        raise NightvoiceError(f"{len(said)} repetitions are too few: say the phrase at least {MIN_REPETITIONS} times")
    worst = sorted(said, reverse=True)[ceil(TARGET_SHARE * len(said)) - 1]
    if worst == -inf:
        # Lower thresholds do not help if a repetition was not heard at all.
        worst = min((margin for margin in said if margin > -inf), default=TARGET_MARGIN)
    wanted = max(TARGET_MARGIN - worst, 0.0) - max(worst - AMPLE_MARGIN, 0.0)
    allowed = min((-NOISE_MARGIN - margin for margin in noise), default=inf)
    return max(-MAX_RAISING, min(wanted, allowed, MAX_LOWERING))


def margin_of(score: float) -> float:
    """Return the margin in log odds of a recognition result's score."""
    bounded = min(max(score, 1e-6), 1 - 1e-6)
    return log(bounded / (1 - bounded))


def load(file: Path, engine: str) -> Calibration | None:
    """Return the calibration for ``engine``; None if there is none, or it is damaged or beyond the limits."""
    try:
        found = Calibration(**json.loads(file.read_text("utf-8")))
        fits = found.engine == engine and -MAX_RAISING <= found.shift <= MAX_LOWERING
    except (OSError, ValueError, TypeError):
        return None
    return found if fits else None


def store(file: Path, calibration: Calibration) -> None:
    """Write ``calibration`` to ``file``. Raises NightvoiceError if it cannot be written."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        replace_text(file, json.dumps(asdict(calibration), indent=1) + "\n")
    except OSError as error:
        raise NightvoiceError(f"{file}: cannot be written ({reason(error)}); make its folder writable") from error
