"""Decides again, at other thresholds, on what the ears had to go on: a stricter setting may believe it later.

The margin at which the product believed a clip early says little about a stricter setting: in the pause that follows,
the evidence grows. So every clip is heard to its end, with the evidence of each pause kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any, Final, NamedTuple
from unittest.mock import patch

from nightvoice.audio.frames import Samples
from nightvoice.listening import pipeline
from nightvoice.listening.decision import Decision, Verdict, decide
from nightvoice.listening.evidence import Evidence
from nightvoice.listening.thresholds import Thresholds
from scripts.bench.listeners import Product

LOOSEST: Final = -4.0
STRICTEST: Final = 9.0
NEVER: Final = -10.0
"""Margin of what is no cramp at the loosest setting."""
_HALVINGS: Final = 10


@dataclass(frozen=True)
class Utterance:
    """The evidence at each of an utterance's pauses and at its end, and the thresholds that it met."""

    evidence: tuple[Evidence, ...]
    thresholds: Thresholds
    sensitivity: float

    def outcome(self, thresholds: Thresholds | None = None) -> Decision:
        """Return the decision at the first pause where something is believed, otherwise at the end."""
        for evidence in self.evidence:
            decision = decide(evidence, thresholds or self.thresholds, self.sensitivity)
            if decision.verdict is Verdict.HEARD:
                break
        return decision

    def heard(self, shift: float) -> bool:
        """Whether it is believed to be a cramp where a cramp's thresholds are ``shift`` log odds stricter."""
        found = self.outcome(self.thresholds.with_bias(-shift))
        return found.verdict is Verdict.HEARD and found.intent == "cramp"

    @property
    def cramp_margin(self) -> float:
        """The strictest shift at which it is still heard as a cramp."""
        low, high = LOOSEST, STRICTEST
        if not self.heard(low):
            return NEVER
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if self.heard(middle) else (low, middle)
        return low


class _Noted(NamedTuple):
    frame: int
    evidence: Evidence
    thresholds: Thresholds
    sensitivity: float


def overheard(product: Product, sound: Samples, state: str) -> list[Utterance]:
    """Return the evidence of each utterance in ``sound``; nothing that is believed ends one early."""
    noted: list[_Noted] = []
    frames = count()
    frame, hear = next(frames), pipeline.SpeechPipeline.hear

    def counted(*arguments: Any) -> Any:
        nonlocal frame
        frame = next(frames)
        return hear(*arguments)

    def note(evidence: Evidence, thresholds: Thresholds, sensitivity: float = 0.5) -> Decision:
        noted.append(_Noted(frame, evidence, thresholds, sensitivity))
        return decide(evidence, thresholds, sensitivity)

    with (
        patch.object(pipeline, "decide", note),
        patch.object(pipeline.SpeechPipeline, "hear", counted),
        patch.object(pipeline.SpeechPipeline, "_reset"),
    ):
        product.hear(sound, state)
    return list(_utterances(noted))


def _utterances(noted: list[_Noted]) -> Iterator[Utterance]:
    pauses: list[_Noted] = []
    last_of_frames = {each.frame: each for each in noted}  # the others were decided again with a second ear's reading
    for each in last_of_frames.values():
        pauses.append(each)
        if each.evidence.pause_progress == 1 or each is noted[-1]:
            yield Utterance(tuple(one.evidence for one in pauses), each.thresholds, each.sensitivity)
            pauses = []
