"""Schema of tips.yaml: advice on prevention, one tip per morning or evening and never at night."""

from collections.abc import Sequence
from datetime import date
from typing import Literal

from pydantic import Field

from nightvoice.content.eligibility import Restricted
from nightvoice.content.variants import Variants

TimeOfDay = Literal["morning", "evening"]


class Tip(Restricted):
    """One piece of advice."""

    id: str
    say: Variants
    claim: str
    when: tuple[TimeOfDay, ...] = Field(default=("morning", "evening"), min_length=1)


def tip_for(tips: Sequence[Tip], day: date, when: TimeOfDay, profile: frozenset[str] = frozenset()) -> Tip | None:
    """Return the tip of ``day`` for a person with these conditions (one a day, in turn); None if none suits."""
    fitting = [tip for tip in tips if when in tip.when and tip.allowed_for(profile)]
    return fitting[day.toordinal() % len(fitting)] if fitting else None
