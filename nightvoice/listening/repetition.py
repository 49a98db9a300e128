"""Somebody who was not believed says it again: what was nearly heard before weighs for the same meaning now."""

from typing import Final

from nightvoice.audio.rate import FRAME_S
from nightvoice.listening.decision import Decision, Verdict
from nightvoice.listening.evidence import Attempt, Evidence

REMEMBERED_S: Final = 15.0
"""Seconds for which an attempt counts: a pause, and perhaps a question of the assistant's in between."""


class LatestAttempt:
    """The latest utterance that was not believed, as long as it counts."""

    def __init__(self, reach: float) -> None:
        """``reach``: log odds by which it may have fallen short and still count (``Thresholds.reach``)."""
        self._reach = reach
        self._attempt: Attempt | None = None
        self._left = 0.0
        """Seconds for which it still counts."""
        self._place = "", ""
        """The state and the open question in which it was made."""

    def push(self) -> None:
        """Let a frame pass."""
        self._left -= FRAME_S

    def forget(self) -> None:
        self._attempt = None

    def at(self, state: str, question: str) -> Attempt | None:
        """Return it if it was made at this place of the dialogue: "yes" to another question is no repetition."""
        return self._attempt if self._left > 0 and self._place == (state, question) else None

    def learn(self, decision: Decision, evidence: Evidence, question: str) -> None:
        """Take the latest decision: what was acted on ends the attempts, and what means nothing is none."""
        candidate = decision.candidate
        if decision.verdict is not Verdict.REJECTED:
            self.forget()
        elif candidate is not None:
            # Its own evidence only, or a noise that comes again and again would be believed in the end.
            supported = evidence.earlier.support_for(candidate) if evidence.earlier is not None else 0.0
            support = self._reach + decision.margin - supported
            if support > 0:
                self._attempt, self._left = Attempt(candidate, support), REMEMBERED_S
                self._place = evidence.state, question
