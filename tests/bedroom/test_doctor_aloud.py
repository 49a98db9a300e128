"""What ``nightvoice doctor --aloud`` finds out: whether it hears itself, and whoever is in bed."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from nightvoice.cli.doctor import aloud
from nightvoice.cli.doctor.check import CheckFailedError
from nightvoice.config.schema import Config
from nightvoice.errors import NightvoiceError
from tests.bedroom.flite import speak
from tests.helpers.virtual_room import VirtualRoom, missing_tools

pytestmark = pytest.mark.bedroom
PAUSE_S = 2.0
"""Between two times that somebody says it."""


def told(look: Callable[[Config], str]) -> str:
    try:
        return look(Config())
    except (CheckFailedError, NightvoiceError) as error:
        return str(error)


def test_a_quiet_bed_and_a_loudspeaker_far_from_the_microphone(in_the_room: VirtualRoom) -> None:
    assert "does not hear the loudspeaker" in told(aloud.echo)
    assert "nobody was heard" in told(aloud.your_voice)


def test_it_hears_itself_and_who_says_the_phrase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if reason := missing_tools():
        pytest.skip(reason)
    words, done = tmp_path / "words.wav", threading.Event()
    speak("I have a cramp", words)
    with VirtualRoom(echo=0.5) as room:
        for name, value in room.env.items():
            monkeypatch.setenv(name, value)

        def say_it_again_and_again() -> None:
            while not done.wait(PAUSE_S):
                room.play(words)

        # On a busy machine the virtual room itself stutters now and then.
        assert any("voice arrives after" in told(aloud.echo) for _ in range(4))
        somebody = threading.Thread(target=say_it_again_and_again)
        somebody.start()
        try:
            assert any(told(aloud.your_voice).startswith(("heard", "nearly heard")) for _ in range(3))
        finally:
            done.set()
            somebody.join(30)
