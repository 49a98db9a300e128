"""Words that somebody else has recognised already: a script's, or another assistant's."""

from nightvoice.listening.decision import Verdict
from nightvoice.listening.pipeline import RecognitionResult
from nightvoice.understanding.recognizer import IntentRecognizer


def perceive(text: str, state: str, understanding: IntentRecognizer, engine: str) -> RecognitionResult:
    """``text`` as the ears would have perceived it in that state of the dialogue; ``engine``: who recognised it."""
    meaning = understanding.recognize(text, state)
    if meaning is None:
        return RecognitionResult(Verdict.REJECTED, text, 0.0, engine, why="no command")
    return RecognitionResult(Verdict.HEARD, text, 1.0, engine, meaning.intent, meaning.slots)
