"""The ears: frames in, perceptions out. A gate wakes a recogniser, and what it gives is believed or not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from nightvoice.audio.frames import FRAME_S, Frame
from nightvoice.listening.decision import Evidence, Verdict, decide
from nightvoice.listening.engine import Engine
from nightvoice.listening.grammar import Understanding
from nightvoice.listening.vad import SpeechGate
from nightvoice.listening.wake_model import WakeModel

ECHO_S = 1.5
"""Seconds of an utterance, begun while the assistant spoke and still without meaning, that are taken for echo."""


@dataclass(frozen=True, slots=True)
class Perception:
    """One utterance, judged."""

    verdict: Verdict
    text: str
    score: float
    engine: str
    intent: str = ""
    slots: Mapping[str, str] = field(default_factory=dict)
    why: str = ""
    """Why it was not accepted."""


class Hearing(Protocol):
    """What the assistant needs of ears."""

    @property
    def name(self) -> str:
        """The engine in use."""

    def hear(self, frame: Frame, state: str, speaking: str | None) -> Perception | None:
        """Take the next frame. ``state``: of the dialogue; ``speaking``: what the assistant is saying now."""

    def spoke(self) -> None:
        """The assistant has finished saying something."""


class Ears:
    """Voice activity, a decoder and classifiers, and the decision. ``sensitivity``: 0..1, higher accepts more."""

    def __init__(self, engine: Engine, wake: WakeModel, understanding: Understanding, sensitivity: float = 0.5) -> None:
        self._engine, self._wake, self._understanding = engine, wake, understanding
        self._gate = SpeechGate()
        self._sensitivity = sensitivity
        self._state = "idle"
        self._over: str | None = None
        """What the assistant was saying during this utterance."""
        self._partial = ""
        self._frames = 0
        """How long the utterance is."""

    @property
    def name(self) -> str:
        return self._engine.name

    def hear(self, frame: Frame, state: str, speaking: str | None) -> Perception | None:
        gate = self._gate.push(frame)
        if gate.opened:
            self._state, self._over, self._frames = state, None, 0
            self._engine.start(self._understanding.grammar(state))
            self._wake.wait(frame)
            self._wake.start()
        elif len(gate.samples):
            self._wake.push(frame)
        else:
            self._wake.wait(frame)
        if speaking is not None:
            self._over = speaking
        if len(gate.samples):
            self._frames += 1
            self._partial = self._engine.accept(gate.samples)
        return self._judge() if gate.closed else None

    def spoke(self) -> None:
        """A long utterance without meaning is echo and would swallow the answer: begin anew."""
        if not self._gate.open or self._frames * FRAME_S < ECHO_S:
            return
        if self._understanding.understand(self._partial, self._state) is None:
            self._engine.finish()
            self._wake.reset()
            self._gate.reset()

    def _judge(self) -> Perception | None:
        hypothesis = self._engine.finish()
        text, words = hypothesis.text, round(hypothesis.score, 3)
        meaning = self._understanding.understand(text, self._state) if text else None
        intent = meaning.intent if meaning else ""
        best = {name: round(peak.score, 3) for name, peak in self._wake.best.items()}
        cramp = best.get("cramp", 0.0)
        evidence = Evidence(intent, text, words, cramp, best.get(intent), self._state, self._over)
        decision = decide(evidence, self._sensitivity)
        if decision.verdict is Verdict.HEARD:
            self._wake.reset()  # what was acted on does not count again
        elif not text:
            return None
        score = max(cramp, words) if self._state == "idle" and decision.intent == "cramp" else words
        slots = meaning.slots if meaning and decision.words_believed else {}
        return Perception(decision.verdict, text, score, self.name, decision.intent, slots, decision.why)
