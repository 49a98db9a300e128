"""The page's test of the microphone, with a real one."""

import threading
from pathlib import Path

import pytest

from nightvoice.config.schema import Config
from nightvoice.web.microphone_trial import MicrophoneTrial, Outcome
from tests.bedroom.flite import speak
from tests.helpers.virtual_room import VirtualRoom

pytestmark = pytest.mark.bedroom
PAUSE_S = 2.0
"""Between two times that somebody says it."""


def test_somebody_who_says_the_phrase_is_heard(in_the_room: VirtualRoom, tmp_path: Path) -> None:
    words, done = tmp_path / "words.wav", threading.Event()
    speak("I have a cramp", words)

    def say_it_again_and_again() -> None:
        while not done.wait(PAUSE_S):
            in_the_room.play(words)

    somebody = threading.Thread(target=say_it_again_and_again)
    somebody.start()
    try:
        # On a busy machine the virtual room itself stutters now and then.
        assert any(MicrophoneTrial().run(Config()).outcome is Outcome.HEARD for _ in range(3))
    finally:
        done.set()
        somebody.join(30)
