"""The ears: frames in, perceptions out. A gate wakes a recogniser, and what it gives is believed or not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

import numpy as np

from nightvoice.audio.frames import FRAME_S, Frame, Samples
from nightvoice.listening.decision import THRESHOLDS, Candidate, Decision, Evidence, Verdict, decide
from nightvoice.listening.engines.base import Engine, Hypothesis
from nightvoice.listening.streaming_classifier import StreamingClassifier
from nightvoice.listening.vad import SpeechGate
from nightvoice.listening.whisper import is_whispered
from nightvoice.understanding.recognizer import IntentRecognizer

ECHO_S: Final = 1.5
"""Seconds of an utterance, begun while the assistant spoke and still without meaning, that are taken for echo."""
PAUSE_FRAMES: Final = 2
"""Frames without speech from which it is looked whether what was said is clear already: nobody waits gladly."""
AHEAD_FRAMES: Final = 1
"""The same, after which what is short is read, so that it is known by then."""
AGAIN_FRAMES: Final = 7
"""The same, after which it is read again: what seemed unclear may have lacked its last sound, and what was misread for
lack of it is read as something else."""
AHEAD_S: Final = 3.0
"""What is longer, a television say, is not read at each of its gaps."""


@dataclass(frozen=True, slots=True)
class RecognitionResult:
    """One utterance, judged."""

    verdict: Verdict
    text: str
    score: float
    """0..1: from 0.5 on it is believed."""
    engine: str
    intent: str = ""
    slots: Mapping[str, str] = field(default_factory=dict)
    why: str = ""
    """Why it was not accepted."""
    whispered: bool = False


class Listener(Protocol):
    """What the assistant needs of ears."""

    @property
    def name(self) -> str:
        """The engine in use."""

    @property
    def input_lost(self) -> bool:
        """Whether nothing can be heard just now."""

    @property
    def idle(self) -> bool:
        """Whether nobody is speaking just now."""

    def hear(self, frame: Frame, state: str, speaking: str | None) -> RecognitionResult | None:
        """Take the next frame. ``state``: of the dialogue; ``speaking``: what the assistant is saying now."""

    def on_playback_end(self) -> None:
        """The assistant has finished saying something."""


class SpeechPipeline:
    """Voice activity, a decoder and classifiers, and the decision. ``sensitivity``: 0..1, higher accepts more."""

    def __init__(
        self,
        engine: Engine,
        wake: StreamingClassifier | None,
        understanding: IntentRecognizer,
        sensitivity: float = 0.5,
        easier: float = 0.0,
    ) -> None:
        """``wake``: for an engine that has no classifier of its own. ``easier``: what calibration found."""
        self._engine, self._wake, self._understanding = engine, wake, understanding
        self._thresholds = THRESHOLDS[engine.name].easier(easier)
        self._gate = SpeechGate()
        self._sensitivity = sensitivity
        self._state = "idle"
        self._over: str | None = None
        """What the assistant was saying during this utterance."""
        self._partial = ""
        self._ahead: tuple[Hypothesis, Evidence] | None = None
        """What was read when the pause began, and what it comes to."""
        self._sound: list[Samples] = []
        self._frames = 0
        """How long the utterance is."""

    @property
    def name(self) -> str:
        return self._engine.name

    @property
    def input_lost(self) -> bool:
        return False

    @property
    def idle(self) -> bool:
        return not self._gate.open

    def hear(self, frame: Frame, state: str, speaking: str | None) -> RecognitionResult | None:
        gate = self._gate.push(frame)
        if gate.opened:
            self._state, self._over, self._frames, self._sound = state, None, 0, []
            self._engine.start(self._understanding.grammar(state))
        if self._wake is not None:
            self._attend(self._wake, frame, gate.opened, bool(len(gate.samples)))
        if speaking is not None:
            self._over = speaking
        if len(gate.samples):
            self._frames += 1
            self._sound.append(gate.samples)
            self._partial = self._engine.accept(gate.samples)
        if gate.closed:
            return self._judge(self._engine.final())
        return self._judge_early(self._gate.quiet_frames)

    def on_playback_end(self) -> None:
        """A long utterance without meaning is echo and would swallow the answer: begin anew."""
        if not self._gate.open or self._frames * FRAME_S < ECHO_S:
            return
        if self._understanding.recognize(self._partial, self._state) is None:
            self._forget()

    def _attend(self, wake: StreamingClassifier, frame: Frame, opened: bool, listening: bool) -> None:
        if opened:
            wake.wait(frame)
            wake.start()
        elif listening:
            wake.push(frame)
        else:
            wake.wait(frame)

    def _judge_early(self, quiet_frames: int) -> RecognitionResult | None:
        """In a pause: what is clear already is answered at once; anything else waits, at most for the end."""
        short = self._frames * FRAME_S < AHEAD_S
        if quiet_frames == AHEAD_FRAMES:
            self._ahead = None
        unread = quiet_frames == PAUSE_FRAMES and self._ahead is None
        if unread or (short and quiet_frames in (AHEAD_FRAMES, AGAIN_FRAMES)):
            self._ahead = self._look()
        if quiet_frames < PAUSE_FRAMES or self._ahead is None:
            return None
        hypothesis, evidence = self._ahead
        evidence = replace(evidence, spoken=self._over, ended=self._gate.ended)
        decision = decide(evidence, self._thresholds, self._sensitivity)
        if decision.verdict is not Verdict.HEARD:
            return None
        self._forget()
        return self._perception(hypothesis, decision)

    def _look(self) -> tuple[Hypothesis, Evidence] | None:
        hypothesis = self._engine.partial()
        return None if hypothesis is None else (hypothesis, self._evidence(hypothesis))

    def _judge(self, hypothesis: Hypothesis) -> RecognitionResult | None:
        decision = decide(self._evidence(hypothesis), self._thresholds, self._sensitivity)
        if decision.verdict is Verdict.HEARD and self._wake is not None:
            self._wake.reset()  # what was acted on does not count again
        if decision.verdict is Verdict.REJECTED and not hypothesis.best.text and not hypothesis.transcript.text:
            return None
        return self._perception(hypothesis, decision)

    def _evidence(self, hypothesis: Hypothesis) -> Evidence:
        """All that is known of an utterance that has ended."""
        sounds = hypothesis.intents if hypothesis.intents is not None else self._wake_scores()
        return Evidence(
            tuple(self._candidates(hypothesis, sounds)),
            self._alone(sounds),
            self._state,
            self._over,
            clarity=hypothesis.clarity,
            transcript=hypothesis.transcript.text,
        )

    def _wake_scores(self) -> dict[str, float]:
        return {name: peak.score for name, peak in self._wake.best.items()} if self._wake else {}

    def _alone(self, sounds: Mapping[str, float]) -> Candidate | None:
        """What it sounds like: a cramp, or, once somebody is being led, the likeliest of what needs no place."""
        if self._state == "idle":
            return Candidate("cramp", "", 0.0, sounds.get("cramp", 0.0))
        allowed = [intent for intent in sounds if self._understanding.stands_alone(intent, self._state)]
        if not allowed:
            return None
        intent = max(allowed, key=lambda name: sounds[name])
        return Candidate(intent, "", 0.0, sounds[intent], expected=self._understanding.expects(intent, self._state))

    def _candidates(self, hypothesis: Hypothesis, sounds: Mapping[str, float]) -> Iterator[Candidate]:
        """What the readings mean; a place in it counts as far as the classifier heard it, too."""
        for reading in (*hypothesis.readings, hypothesis.transcript):
            meaning = self._understanding.recognize(reading.text, self._state) if reading.text else None
            if meaning is not None:
                yield Candidate(
                    meaning.intent,
                    meaning.text,
                    reading.score,
                    sounds.get(meaning.intent),
                    meaning.slots,
                    self._understanding.expects(meaning.intent, self._state),
                )

    def _perception(self, hypothesis: Hypothesis, decision: Decision) -> RecognitionResult:
        candidate = decision.candidate
        text = candidate.text if candidate else ""
        return RecognitionResult(
            decision.verdict,
            text or hypothesis.transcript.text or hypothesis.best.text,
            round(decision.score, 4),
            self.name,
            decision.intent,
            candidate.slots if candidate else {},
            decision.why,
            decision.verdict is not Verdict.REJECTED and is_whispered(np.concatenate(self._sound)),
        )

    def _forget(self) -> None:
        if self._wake is not None:
            self._wake.reset()
        self._gate.reset()
