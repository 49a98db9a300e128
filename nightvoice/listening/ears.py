"""The ears: frames in, perceptions out. A gate wakes a recogniser, and what it gives is believed or not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from nightvoice.audio.frames import FRAME_S, Frame
from nightvoice.listening.barge_in import decide
from nightvoice.listening.engine import Engine
from nightvoice.listening.grammar import Understanding
from nightvoice.listening.vad import SpeechGate

DOUBT = 0.7
"""Share of the acceptance threshold from which on a cramp is worth a soft question."""

ECHO_S = 1.5
"""Seconds of an utterance, begun while the assistant spoke and still without meaning, that are taken for echo."""


class Verdict(StrEnum):
    """What became of an utterance."""

    HEARD = "heard"
    DOUBTFUL = "doubtful"
    REJECTED = "rejected"


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
    """Voice activity, one recogniser, and the decision. ``sensitivity``: 0..1, higher accepts more."""

    def __init__(self, engine: Engine, understanding: Understanding, sensitivity: float = 0.5) -> None:
        self._engine = engine
        self._understanding = understanding
        self._gate = SpeechGate()
        self._bar = 1.0 - sensitivity
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
            self._gate.reset()

    def _judge(self) -> Perception | None:
        hypothesis = self._engine.finish()
        if not hypothesis.text:
            return None
        text, score, name = hypothesis.text, round(hypothesis.score, 3), self._engine.name
        meaning = self._understanding.understand(text, self._state)
        if meaning is None:
            return Perception(Verdict.REJECTED, text, score, name, why="no command")
        decision = decide(text, score, self._bar, self._over)
        if decision.fired:
            return Perception(Verdict.HEARD, text, score, name, meaning.intent, meaning.slots)
        near = self._state == "idle" and meaning.intent == "cramp" and self._over is None and score >= DOUBT * self._bar
        verdict = Verdict.DOUBTFUL if near else Verdict.REJECTED
        return Perception(verdict, text, score, name, meaning.intent, meaning.slots, decision.note)
