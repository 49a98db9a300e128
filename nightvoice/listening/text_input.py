"""Recognises intents in text from elsewhere: a script, or another assistant's speech recogniser."""

from nightvoice.listening.decision import Verdict
from nightvoice.listening.listener import RecognitionResult
from nightvoice.understanding.recognizer import IntentRecognizer


def result_of(
    text: str, state: str, recognizer: IntentRecognizer, engine: str, question: str = ""
) -> RecognitionResult:
    """Return the result of ``text`` in a dialogue state, as if it had been heard.

    ``engine``: where the text comes from. ``question``: the open question.
    """
    result = recognizer.recognize(text, state, question)
    if result is None:
        return RecognitionResult(Verdict.REJECTED, text, 0.0, engine, why="no command")
    return RecognitionResult(Verdict.HEARD, text, 1.0, engine, result.intent, result.slots)
