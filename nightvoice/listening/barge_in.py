"""Whether words heard while the assistant speaks are the person's: a pure decision."""

from dataclasses import dataclass

HIGHER_BAR = 0.1
"""Added to the acceptance threshold while it speaks: its own voice in the room makes every score less sure."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether to act on what was heard."""

    fired: bool
    note: str = ""
    """Why not."""


def decide(text: str, score: float, bar: float, spoken: str | None) -> Decision:
    """Decide on ``text``, heard with ``score`` (0..1) where ``bar`` is the threshold in silence.

    ``spoken``: what the assistant was saying meanwhile, or None. Words that are all in that prompt may be its own echo
    and never act; others need a higher score. In silence the score alone decides.
    """
    if spoken is not None:
        own = set(spoken.lower().replace(",", " ").replace(".", " ").replace("?", " ").split())
        if set(text.split()) <= own:
            return Decision(False, "its own words")
        bar += HIGHER_BAR
    if score < bar:
        return Decision(False, f"not sure enough: {score:.2f} under {bar:.2f}")
    return Decision(True)
