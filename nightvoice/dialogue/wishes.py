"""Steps that people ask for by name."""

from collections.abc import Callable, Mapping

from nightvoice.content.schema import Step
from nightvoice.dialogue.state import EpisodeState

STEPS: Mapping[str, Callable[[Step], bool]] = {
    "towel": lambda step: step.towel,
    "dangle": lambda step: step.kind == "dangle",
    "walk": lambda step: step.kind == "walk",
    "massage": lambda step: step.kind == "rub",
    "warm": lambda step: step.kind == "warmth",
}
"""Requests for a step, and which step each means."""


def first_step(episode: EpisodeState) -> int:
    """Return the index of the step to begin with: the one asked for before the steps began, or the first."""
    fits = STEPS.get(episode.wish or "")
    if fits is None:
        return 0
    return next((n for n, step in enumerate(episode.plan) if fits(step) and not step.only_if_eased), 0)


def another_step(episode: EpisodeState) -> int:
    """Return the index of the next stretch, or of the next step if no stretch follows."""
    following = list(enumerate(episode.plan))[max(episode.step_index, 0) + 1 :]
    stretches = (n for n, step in following if step.kind == "stretch")
    return next(stretches, episode.step_index + 1)
