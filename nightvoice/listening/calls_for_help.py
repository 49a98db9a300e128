"""Calls for help while idle: what the first ear did not understand is read again by the second, in the background.

Only a short utterance after a silence is read, and not too many of them: a television is left to talk.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Final, NamedTuple

from nightvoice.audio.frames import FRAME_S, RATE, Samples
from nightvoice.listening.decision import Verdict
from nightvoice.listening.engines.base import Hypothesis
from nightvoice.listening.listener import RecognitionResult
from nightvoice.listening.log_odds import log_odds, score_of
from nightvoice.listening.misread_calls import likeliest_call
from nightvoice.listening.transcribers.base import Reading, Transcriber
from nightvoice.listening.vad import GateOutput
from nightvoice.listening.whisper import is_whispered
from nightvoice.understanding.recognizer import IntentRecognizer

SILENCE_FRAMES: Final = round(1.0 / FRAME_S)
"""Frames without speech after which an utterance is read."""
LONGEST_S: Final = 6.0
"""Longest utterance in seconds that is read. With the gate's lead and pause, calls take 1.0 to 3.5."""
ANSWER_FRAMES: Final = round(1.0 / FRAME_S)
"""Frames from the end of the utterance to its result. Their number is fixed, so that a recorded night gives the same
result each time; a slower computer is waited for."""
BURST: Final = 20
"""Utterances that may be read in a row."""
REST_FRAMES: Final = round(60 / FRAME_S)
"""Frames after which one more may be read: 60 an hour. At 0.4 s each, as on a busy desktop, 0.6 % of one core."""
SURE: Final = 2.5
"""Log odds of a reading from which it counts. None of 481 utterances of other people was taken for a call, even at 2
(training split); at 3.5, 2 of 100 calls fewer are heard (validation voices)."""
SURE_OF_WORDS: Final = 1.0
"""Log odds of the first ear's free transcript from which it counts although no sound agreed. At 0, one of these 481
utterances was taken for a call."""
SURE_OF_SOUND: Final = 0.9
"""The classifier's score of a danger from which it is asked about, if no words are clear. None of 481; at 0.5, 2."""
CLEAR: Final = 4.0
"""Log odds of a reading from which its words, which name no danger, weigh more than a sound like one."""


class Rereading(NamedTuple):
    """What the second ear makes of an utterance."""

    readings: list[Reading]
    misread: str | None
    """The call that was misread, if there is one."""


class CallsForHelp:
    """Reads utterances with ``transcriber``, one at a time, and finds calls for help and danger signs."""

    def __init__(self, transcriber: Transcriber, recognizer: IntentRecognizer) -> None:
        self._transcriber, self._recognizer = transcriber, recognizer
        self._background = ThreadPoolExecutor(1, "calls for help")
        self._most = BURST * REST_FRAMES
        self.forget()

    def forget(self) -> None:
        """Forget all that was heard."""
        self._silence = SILENCE_FRAMES
        """Frames without speech so far."""
        self._after_silence = False
        """Whether the latest utterance began after a silence."""
        self._read: tuple[Samples, Hypothesis, Future[Rereading]] | None = None
        self._waited = 0
        """Frames since the utterance in ``_read`` ended."""
        self._allowance = self._most
        """Frames that are left to be rested, ``REST_FRAMES`` for each utterance that may be read."""

    def push(self, gate: GateOutput, idle: bool) -> RecognitionResult | None:
        """Take the next frame; return the call in the utterance that ended ``ANSWER_FRAMES`` ago, if there is one.

        ``idle``: whether nothing is being said or asked; otherwise what was read is dropped.
        """
        if gate.opened:
            self._after_silence = self._silence >= SILENCE_FRAMES
        self._silence = 0 if len(gate.samples) else self._silence + 1
        self._allowance = min(self._allowance + 1, self._most)
        if self._read is None:
            return None
        self._waited += 1
        sound, first, listening = self._read
        if idle and self._waited < ANSWER_FRAMES:
            return None
        self._read = None
        if not idle:
            listening.cancel()
            return None
        calls = self._calls(first, listening.result())
        likeliest = max(calls, key=lambda call: call.score, default=None)
        return None if likeliest is None else replace(likeliest, whispered=is_whispered(sound))

    def read(self, sound: Samples, first: Hypothesis) -> None:
        """Read the utterance that has just ended, shape (n,), unless it is not worth it.

        ``first``: what the first ear heard, and did not believe.
        """
        worth_it = self._after_silence and len(sound) <= LONGEST_S * RATE and self._allowance >= REST_FRAMES
        if self._read is not None or not worth_it:
            return
        self._allowance -= REST_FRAMES
        self._transcriber.prepare()
        self._read, self._waited = (sound, first, self._background.submit(self._listen, sound, first)), 0

    def _listen(self, sound: Samples, first: Hypothesis) -> Rereading:
        """Read the sound, and look for a call that was misread; runs in the background."""
        readings = self._transcriber.read(sound)
        own = first.transcript.text.lower().strip(" .,?!")
        texts = [text for text in dict.fromkeys([own, *(reading.text for reading in readings)]) if text]
        return Rereading(readings, likeliest_call(sound, texts, self._recognizer.calls, self._transcriber))

    def _calls(self, first: Hypothesis, heard: Rereading) -> Iterator[RecognitionResult]:
        """Yield what is called for. A danger sign is asked about, since nothing else was heard."""
        own, name, readings = first.transcript, self._transcriber.name, heard.readings
        named = [(own.text.lower(), log_odds(own.score) - SURE_OF_WORDS)]
        named += [(reading.text, reading.log_odds - SURE) for reading in readings]
        named += [] if heard.misread is None else [(heard.misread, 0.0)]
        for text, margin in named:
            meaning = self._recognizer.call_for_help(text) if margin >= 0 else None
            if meaning is not None:
                intent = "help" if meaning.intent == "help" else "suspicion"
                yield RecognitionResult(Verdict.HEARD, text, round(score_of(margin), 4), name, intent, meaning.slots)
        sound = (first.intents or {}).get("flag", 0.0)
        if sound >= SURE_OF_SOUND and (not readings or readings[0].log_odds < CLEAR):
            yield RecognitionResult(Verdict.HEARD, own.text, 0.5, name, "help")
