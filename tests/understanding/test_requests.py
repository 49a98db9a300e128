"""What people ask for, or tell, in a hold."""

import pytest

from nightvoice.content.loader import load_pack
from nightvoice.understanding.recognizer import IntentRecognizer

PACK = load_pack()
RECOGNIZER = IntentRecognizer(PACK.intents, PACK.triage, requests=PACK.requests)


@pytest.mark.parametrize(
    ("text", "intent", "slots"),
    [
        ("could I pull my toes with the scarf", "asked", {"what": "towel"}),
        ("no, not the massage, the towel", "asked", {"what": "towel"}),
        ("I really can't bend that far", "asked", {"what": "cannot_reach"}),
        ("should I call a doctor?", "asked", {"what": "doctor"}),
        ("can you call an ambulance", "flag", {"flag": "emergency"}),
        ("my husband can't breathe", "flag", {"flag": "chest"}),
        ("ok it's gone", "gone", {}),
        ("it's gone, thank you", "gone", {}),
        ("yes the usual", "yes", {}),
        ("always the same", "yes", {}),
        ("no, much worse", "worse", {}),
        ("huh?", "repeat", {}),
        ("it's not working", "asked", {"what": "not_working"}),
        ("that hurts", "asked", {"what": "hurts"}),
        ("no, the right one", "moved", {"side": "right"}),
        ("now it's in the other leg", "moved", {"side": "other"}),
        ("it's my foot now", "cramp", {"site": "arch"}),
        ("my calf hurts so much", "cramp", {"site": "calf"}),
        ("he has a cramp", "cramp", {}),
    ],
)
def test_kinds_that_got_nothing_are_understood(text: str, intent: str, slots: dict[str, str]) -> None:
    result = RECOGNIZER.recognize(text, "guiding")
    assert result is not None
    assert (result.intent, dict(result.slots)) == (intent, slots)


def test_a_request_means_nothing_while_no_cramp_is_told() -> None:
    assert RECOGNIZER.recognize("why do I get these, a massage would be nice", "idle") is None
