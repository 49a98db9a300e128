"""A voice nearer than talk that runs on opens an utterance of its own."""

from collections.abc import Callable

import numpy as np
import pytest

from nightvoice.audio.frames import FRAME_SAMPLES, RATE, Samples
from nightvoice.listening.vad import GateOutput, SpeechGate

READ = "The boats came back before dawn, and the whole village went down to the harbour to see what they had caught."


@pytest.fixture(scope="module")
def radio(speak: Callable[..., Samples]) -> Samples:
    """Twelve seconds of a reader without a pause, 20 dB fainter than the words of these tests."""
    sound = speak(READ, 160.0)[RATE:-RATE]
    return np.resize(sound, 12 * RATE // FRAME_SAMPLES * FRAME_SAMPLES)


def run(gate: SpeechGate, sound: Samples, speaking: bool = False) -> list[GateOutput]:
    starts = range(0, len(sound) - FRAME_SAMPLES + 1, FRAME_SAMPLES)
    return [gate.push(sound[start : start + FRAME_SAMPLES], speaking) for start in starts]


def stood_out(gate: SpeechGate, sound: Samples, speaking: bool = False) -> int:
    """Return the number of utterances that began while another was running."""
    open_, found = gate.open, 0
    for output in run(gate, sound, speaking):
        found += open_ and output.opened
        open_ = (open_ or output.opened) and not output.closed
    return found


def test_words_over_a_radio_are_an_utterance_of_their_own(speak: Callable[..., Samples], radio: Samples) -> None:
    words, sound = speak("I have a cramp")[RATE:-RATE], radio.copy()
    begin, end = 9 * RATE, 9 * RATE + len(words)
    sound[begin:end] += words
    outputs = run(SpeechGate(), sound)
    during = range(begin // FRAME_SAMPLES, end // FRAME_SAMPLES)
    (opened,) = [number for number in during if outputs[number].opened]
    closed = next(number for number, each in enumerate(outputs) if each.closed and number > opened)
    start = (opened + 1) * FRAME_SAMPLES - len(outputs[opened].samples)
    assert begin - 0.7 * RATE < start < begin + 0.1 * RATE
    assert end - 0.1 * RATE < (closed + 1) * FRAME_SAMPLES < end + 0.7 * RATE


def test_talk_alone_does_not_stand_out(radio: Samples) -> None:
    assert stood_out(SpeechGate(), np.tile(radio, 2)) == 0


def test_a_voice_raised_before_any_talk_ran_on_does_not_stand_out(speak: Callable[..., Samples]) -> None:
    quiet, loud = (speak("there is a cramp in my left calf", rms)[RATE:-RATE] for rms in (300.0, 1600.0))
    assert stood_out(SpeechGate(), np.concatenate([quiet, loud])) == 0


def test_a_radio_that_was_turned_up_is_learnt_within_a_minute(radio: Samples) -> None:
    gate = SpeechGate()
    assert stood_out(gate, np.concatenate([radio, 4 * radio])) > 0
    run(gate, np.tile(4 * radio, 3))
    assert stood_out(gate, 4 * radio) == 0


def test_a_radio_that_was_switched_off_is_forgotten(speak: Callable[..., Samples], radio: Samples) -> None:
    gate = SpeechGate()
    run(gate, np.concatenate([radio, np.zeros(10 * RATE, np.int16)]))
    assert stood_out(gate, speak("I have a cramp")) == 0


def test_its_own_voice_is_not_running_talk(speak: Callable[..., Samples], radio: Samples) -> None:
    gate = SpeechGate()
    run(gate, radio, speaking=True)
    assert stood_out(gate, speak("I have a cramp")[RATE:-RATE]) == 0


def test_talk_surrounds_what_is_as_loud_but_no_nearer_voice_and_nothing_in_a_quiet_night(
    speak: Callable[..., Samples], radio: Samples
) -> None:
    words = speak("I have a cramp")[RATE:-RATE]
    pause = np.zeros(RATE // FRAME_SAMPLES * FRAME_SAMPLES, np.int16)
    for before, louder, amid in ((radio, 0.1, True), (radio, 1.0, False), (0 * radio, 1.0, False)):
        gate = SpeechGate()
        run(gate, np.concatenate([np.tile(before, 2), pause]))
        outputs = run(gate, np.concatenate([words * louder, pause]).astype(np.int16))
        opened = max(number for number, each in enumerate(outputs) if each.opened)
        assert gate.in_talk(len(outputs) - opened) is amid
