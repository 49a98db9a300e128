"""What the guide knows of the person's earlier cramps."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from nightvoice.content.schema import Site
from nightvoice.dialogue.step_history import NO_STEP_HISTORY, StepHistory, StepKey

USUAL_CRAMPS = 3
"""Number of usual cramps without a danger sign, after which the next one in the same place is not asked about."""
FREQUENT_CRAMPS = 3
"""Number of cramps in the same place, from which on the guide asks for that place by name."""


class Place(NamedTuple):
    site: Site
    side: str | None


class EarlierCramp(NamedTuple):
    """One cramp of the diary."""

    place: Place | None
    usual: bool | None
    """What the person said of it; None if it was not asked or not answered."""
    flagged: bool
    """Whether a danger sign was raised, or asked about without a clear answer."""


@dataclass(frozen=True, slots=True)
class CrampHistory:
    """What helped before, and which cramps are usual."""

    steps: StepHistory = NO_STEP_HISTORY
    usual_sites: frozenset[str] = frozenset()
    """The sites at which a cramp needs no question whether it is usual."""
    place: Place | None = None
    """Where the person's cramps are most often."""

    def with_effect(self, key: StepKey, effect: str) -> "CrampHistory":
        """Return the history with one more effect of a step."""
        return replace(self, steps=self.steps.with_effect(key, effect))


NO_HISTORY = CrampHistory()


def usual_sites(cramps: Iterable[EarlierCramp]) -> frozenset[str]:
    """Return the sites of the usual cramps since the last unusual or flagged one, if there are enough of them.

    ``cramps``: in order of onset. A cramp without an answer neither counts nor interrupts.
    """
    usual: list[EarlierCramp] = []
    for cramp in cramps:
        if cramp.usual is False or cramp.flagged:
            usual.clear()
        elif cramp.usual:
            usual.append(cramp)
    if len(usual) < USUAL_CRAMPS:
        return frozenset()
    return frozenset(cramp.place.site for cramp in usual if cramp.place is not None)


def most_frequent_place(cramps: Iterable[EarlierCramp]) -> Place | None:
    """Return the place of at least ``FREQUENT_CRAMPS`` and of more than half of the cramps whose place is known."""
    places = [cramp.place for cramp in cramps if cramp.place is not None]
    for place, count in Counter(places).most_common(1):
        if count >= FREQUENT_CRAMPS and 2 * count > len(places):
            return place
    return None
