"""From frames to recognised intents: voice activity detection, decoder and classifiers, and the decision."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import exp, inf
from typing import Final

import numpy as np

from nightvoice.audio.frames import FRAME_S, Frame, Samples
from nightvoice.listening.calls_for_help import CallsForHelp
from nightvoice.listening.decision import Decision, Verdict, decide
from nightvoice.listening.engines.base import Alternative, Engine, Hypothesis
from nightvoice.listening.evidence import Candidate, Evidence
from nightvoice.listening.listener import RecognitionResult
from nightvoice.listening.person_level import PersonLevel
from nightvoice.listening.repetition import LatestAttempt
from nightvoice.listening.streaming_classifier import StreamingClassifier
from nightvoice.listening.thresholds import Thresholds
from nightvoice.listening.transcribers.base import READINGS, Reading, Transcriber
from nightvoice.listening.vad import SpeechGate
from nightvoice.listening.whisper import is_whispered
from nightvoice.understanding.recognizer import IntentRecognizer, RecognizeResult

ECHO_S: Final = 1.5
"""Seconds after which an utterance that began during the assistant's speech and has no intent yet counts as echo."""
FIRST_PARTIAL_FRAMES: Final = 1
"""Frames of pause after which a short utterance is decoded speculatively."""
EARLY_DECISION_FRAMES: Final = 2
"""Frames of pause after which a partial result may be believed, so that a clear command is answered at once."""
SECOND_PARTIAL_FRAMES: Final = 7
"""Frames of pause after which a short utterance is decoded again: the first partial may lack the last sound."""
DANGERS: Final = ("flag", "suspicion")
_WITHOUT_SECOND_EAR: Final = ("idle", "morning")
"""States of the dialogue in which nobody is in pain; a television may go on for hours."""
SPECULATIVE_S: Final = 3.0
"""Longest utterance in seconds that is decoded at each pause; longer ones are mostly a television."""


class SpeechPipeline:
    """A listener that gates speech, decodes and classifies it with one engine, and decides whether to believe it."""

    def __init__(
        self,
        engine: Engine,
        thresholds: Thresholds,
        recognizer: IntentRecognizer,
        classifier: StreamingClassifier | None = None,
        sensitivity: float = 0.5,
        bias: float = 0.0,
        transcriber: Transcriber | None = None,
    ) -> None:
        """``classifier`` scores intents for an engine that does not do so itself.

        ``transcriber``: the second ear, which reads what is said in an episode and was not understood; while idle, it
        looks for calls for help only.

        ``sensitivity``: 0..1, higher accepts more. ``bias``: log odds by which calibration lowers the thresholds.
        """
        self._engine, self._classifier, self._recognizer = engine, classifier, recognizer
        self._transcriber = transcriber
        self._calls = CallsForHelp(transcriber, recognizer) if transcriber is not None else None
        self._thresholds = thresholds.with_bias(bias)
        self._gate = SpeechGate()
        self._person, self._attempt = PersonLevel(), LatestAttempt(thresholds.reach)
        self._sensitivity, self._state = sensitivity, "idle"
        self._question = ""
        """The question that was open when this utterance began."""
        self._speaking: str | None = None
        """What the assistant was saying during this utterance."""
        self._is_own_voice = False
        """Whether the utterance, up to the next frame, is echo of the assistant's voice."""
        self._words_so_far = ""
        self._partial: tuple[Hypothesis, Evidence] | None = None
        """The latest partial result of this pause, and its evidence."""
        self._sound: list[Samples] = []
        self._frames = 0
        """Length of the utterance."""

    @property
    def name(self) -> str:
        return self._engine.name

    @property
    def input_lost(self) -> bool:
        return False

    @property
    def idle(self) -> bool:
        return not self._gate.open

    def hear(self, frame: Frame, state: str, speaking: str | None, question: str = "") -> RecognitionResult | None:
        gate = self._gate.push(frame, speaking is not None)
        self._attempt.push()
        call = self._calls.push(gate, state == "idle" and speaking is None) if self._calls is not None else None
        if gate.opened:
            if state == "idle":
                self._person = PersonLevel()  # whoever begins the next episode; it may be a button, too
            self._state, self._question, self._speaking = state, question, None
            self._frames, self._sound = 0, []
            self._words_so_far, self._partial = "", None
            self._engine.start(self._recognizer.grammar(state))
            if self._transcriber is not None and state not in _WITHOUT_SECOND_EAR:
                self._transcriber.prepare()
        if self._classifier is not None:
            self._classify(self._classifier, frame, gate.opened, bool(len(gate.samples)))
        if speaking is not None:
            self._speaking = speaking
        if len(gate.samples):
            self._frames += 1
            self._sound.append(gate.samples)
            self._words_so_far = self._engine.accept(gate.samples)
        own_voice, self._is_own_voice = self._is_own_voice, False
        if own_voice:
            result = None
        elif gate.closed:
            hypothesis = self._engine.final()
            result = self._decide_final(hypothesis)
            if self._calls is not None and self._is_unheard_while_idle(result):
                self._calls.read(np.concatenate(self._sound), hypothesis)
        else:
            result = self._decide_early(self._gate.quiet_frames)
        return result if call is None or (result is not None and result.verdict is Verdict.HEARD) else call

    def on_own_voice(self) -> None:
        self._is_own_voice = True

    def on_playback_end(self) -> None:
        """Drop a long utterance that has no intent: it is echo, and would swallow the answer."""
        if not self._gate.open or self._frames * FRAME_S < ECHO_S:
            return
        if self._recognize(self._words_so_far) is None:
            self._reset()

    def forget(self) -> None:
        """Forget all that was heard, also the noise floor and running talk: another recording follows."""
        if self._classifier is not None:
            self._classifier.reset()
        if self._calls is not None:
            self._calls.forget()
        self._engine.forget()
        self._gate, self._person = SpeechGate(), PersonLevel()
        self._attempt.forget()

    def _classify(self, classifier: StreamingClassifier, frame: Frame, opened: bool, open_: bool) -> None:
        if opened:
            classifier.wait(frame)
            classifier.start()
        elif open_:
            classifier.push(frame)
        else:
            classifier.wait(frame)

    def _decide_early(self, quiet_frames: int) -> RecognitionResult | None:
        """Return a result that is clear already during a pause; None leaves the decision to the end."""
        short = self._frames * FRAME_S < SPECULATIVE_S
        if quiet_frames == FIRST_PARTIAL_FRAMES:
            self._partial = None
        undecoded = quiet_frames == EARLY_DECISION_FRAMES and self._partial is None
        again = quiet_frames == SECOND_PARTIAL_FRAMES and not self._nothing_so_far()
        if undecoded or (short and (quiet_frames == FIRST_PARTIAL_FRAMES or again)):
            self._partial = self._decode_partial()
        if quiet_frames < EARLY_DECISION_FRAMES or self._partial is None:
            return None
        hypothesis, evidence = self._partial
        evidence = replace(evidence, speaking=self._speaking, pause_progress=self._gate.pause_progress)
        decision = decide(evidence, self._thresholds, self._sensitivity)
        if decision.verdict is not Verdict.HEARD or (
            self._transcriber is not None and self._needs_second_ear(decision)
        ):
            return None
        self._learn(decision, evidence)
        self._reset()
        return self._result(hypothesis, decision)

    def _decode_partial(self) -> tuple[Hypothesis, Evidence] | None:
        hypothesis = self._engine.partial()
        return None if hypothesis is None else (hypothesis, self._evidence(hypothesis))

    def _nothing_so_far(self) -> bool:
        return self._partial is not None and self._partial[0].intents is not None and self._partial[1].means_nothing

    def _decide_final(self, hypothesis: Hypothesis) -> RecognitionResult | None:
        evidence = self._evidence(hypothesis)
        decision = decide(evidence, self._thresholds, self._sensitivity)
        if self._transcriber is not None and self._needs_second_ear(decision):
            readings = self._transcriber.read(np.concatenate(self._sound))
            if readings:
                decision = decide(self._with_readings(evidence, readings), self._thresholds, self._sensitivity)
        self._learn(decision, evidence)
        if decision.verdict is Verdict.HEARD and self._classifier is not None:
            self._classifier.reset()  # sound already acted on must not count again
        if decision.verdict is Verdict.REJECTED and not hypothesis.best.text and not hypothesis.transcript.text:
            return None
        return self._result(hypothesis, decision)

    def _evidence(self, hypothesis: Hypothesis) -> Evidence:
        """Return the evidence of a finished utterance."""
        scores = hypothesis.intents if hypothesis.intents is not None else self._classifier_scores()
        return Evidence(
            tuple(self._candidates(hypothesis, scores)),
            self._classifier_only(scores),
            self._state,
            self._speaking,
            word_confidence=hypothesis.word_confidence,
            transcript=hypothesis.transcript.text,
            in_talk=self._gate.in_talk(self._frames),
            earlier=self._attempt.at(self._state, self._question),
            is_far=self._state != "idle"
            and self._speaking is None
            and self._person.is_far(self._gate.level(self._frames)),
        )

    def _learn(self, decision: Decision, evidence: Evidence) -> None:
        """Learn how loud the person is, whom television or neighbours are not, and what they may say again."""
        self._attempt.learn(decision, evidence, self._question)
        believed = decision.verdict is not Verdict.REJECTED
        if believed and evidence.speaking is None and (evidence.state == "idle" or not evidence.in_talk):
            self._person.learn(self._gate.level(self._frames))

    def _needs_second_ear(self, decision: Decision) -> bool:
        """Whether somebody in an episode said what was not understood. Its own voice is not read: it names dangers."""
        unclear = decision.verdict is not Verdict.HEARD or decision.intent == "suspicion"
        return unclear and self._state not in _WITHOUT_SECOND_EAR and self._speaking is None and bool(self._sound)

    def _is_unheard_while_idle(self, result: RecognitionResult | None) -> bool:
        """Whether words were heard while idle, and not believed."""
        rejected = result is not None and result.verdict is Verdict.REJECTED
        return rejected and self._state == "idle" and self._speaking is None

    def _with_readings(self, evidence: Evidence, readings: list[Reading]) -> Evidence:
        """Return ``evidence`` with the second ear's readings in the place of dangers that the first was not sure of.

        Of the readings after the likeliest, only a danger sign counts.
        """
        scores = self._classifier_scores()
        candidates = [
            candidate
            for number, reading in enumerate(readings[:READINGS])
            for candidate in self._candidates(Hypothesis(transcript=Alternative(reading.text, reading.score)), scores)
            if number == 0 or candidate.intent in DANGERS
        ]
        return replace(
            evidence,
            candidates=(*(each for each in evidence.candidates if each.intent not in DANGERS), *candidates),
            word_confidence=max(evidence.word_confidence, exp(readings[0].log_probability)),
            transcript=readings[0].text,
        )

    def _classifier_scores(self) -> dict[str, float]:
        return {name: peak.score for name, peak in self._classifier.best.items()} if self._classifier else {}

    def _classifier_only(self, scores: Mapping[str, float]) -> Candidate | None:
        """Return the best guess by sound: a cramp or help, or during an episode the likeliest that needs no slot."""
        if self._state == "idle":
            knows_help = self._thresholds.help_classifier_only < inf
            intent = "help" if knows_help and scores.get("help", 0.0) > scores.get("cramp", 0.0) else "cramp"
            return Candidate(intent, "", 0.0, scores.get(intent, 0.0))
        allowed = [intent for intent in scores if self._recognizer.stands_alone(intent, self._state)]
        if not allowed:
            return None
        intent = max(allowed, key=lambda name: scores[name])
        return Candidate(intent, "", 0.0, scores[intent], expected=self._recognizer.expects(intent, self._state))

    def _candidates(self, hypothesis: Hypothesis, scores: Mapping[str, float]) -> Iterator[Candidate]:
        """Yield the intents of all alternatives and of the transcript, each with its classifier score."""
        for alternative in (*hypothesis.alternatives, hypothesis.transcript):
            result = self._recognize(alternative.text) if alternative.text else None
            if result is not None:
                yield Candidate(
                    result.intent,
                    result.text,
                    alternative.score,
                    scores.get(result.intent) if self._state == "idle" or not result.by_meaning else None,
                    result.slots,
                    self._recognizer.expects(result.intent, self._state),
                    result.by_meaning and self._recognizer.can_ask_about(result),
                )

    def _recognize(self, text: str) -> RecognizeResult | None:
        return self._recognizer.recognize(text, self._state, self._question)

    def _result(self, hypothesis: Hypothesis, decision: Decision) -> RecognitionResult:
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

    def _reset(self) -> None:
        if self._classifier is not None:
            self._classifier.reset()
        self._gate.reset()
