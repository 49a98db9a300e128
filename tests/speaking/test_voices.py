"""Real voices: hibari, espeak-ng and pyttsx3."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nightvoice.audio.levels import measure
from nightvoice.speaking import espeak_voice
from nightvoice.speaking.espeak_voice import EspeakVoice
from nightvoice.speaking.hibari_voice import HibariVoice
from nightvoice.speaking.loudness import normalise, trim
from nightvoice.speaking.pyttsx3_voice import Pyttsx3Voice
from nightvoice.speaking.registry import choose_voice
from nightvoice.speaking.voice import Speech, Voice, VoiceError

needs_espeak = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
PROMPT = "Now pull your toes towards your shin, gently, and hold. I will count to thirty with you."


@pytest.fixture(scope="module")
def hibari() -> HibariVoice:
    return HibariVoice()


@pytest.fixture(params=["hibari", pytest.param("espeak", marks=needs_espeak)])
def voice(request: pytest.FixtureRequest, hibari: HibariVoice) -> Voice:
    return hibari if request.param == "hibari" else EspeakVoice()


def words_per_minute(speech: Speech, text: str) -> float:
    return len(re.findall(r"[\w']+", text)) / speech.seconds * 60


def test_a_prompt_has_no_silence_at_its_ends_and_is_not_clipped(voice: Voice) -> None:
    speech = voice.render(PROMPT)
    assert speech.samples.dtype == np.int16
    loud = np.flatnonzero(np.abs(speech.samples.astype(int)) > np.abs(speech.samples).max() * 0.02)
    assert loud[0] / speech.rate < 0.06
    assert (len(speech.samples) - loud[-1]) / speech.rate < 0.15
    assert measure(speech.samples).peak <= -0.9


def test_the_same_text_gives_the_same_samples(voice: Voice) -> None:
    first, second = voice.render("Is it easing?"), voice.render("Is it easing?")
    assert (first.samples == second.samples).all()


def test_prompts_are_equally_loud(voice: Voice) -> None:
    prompts = ["Good.", "Is it easing?", "Please call for help now.", PROMPT]
    levels = [spoken_level(voice.render(text)) for text in prompts]
    assert max(levels) - min(levels) < 2


def spoken_level(speech: Speech) -> float:
    """RMS in dBFS of the frames within 20 dB of the loudest."""
    window = speech.rate // 100
    frames = speech.samples[: len(speech.samples) // window * window].reshape(-1, window) / 32_768
    rms = np.sqrt((frames**2).mean(axis=1))
    return float(20 * np.log10(np.sqrt((rms[rms > rms.max() * 0.1] ** 2).mean())))


def test_the_pace_is_calm_and_can_be_chosen(hibari: HibariVoice) -> None:
    assert 130 <= words_per_minute(hibari.render(PROMPT), PROMPT) <= 170
    slow, quick = (words_per_minute(HibariVoice.at_pace(pace).render(PROMPT), PROMPT) for pace in (130, 200))
    assert slow < 150 < quick


def test_numbers_are_spoken(hibari: HibariVoice) -> None:
    assert hibari.render("30").seconds > 0.3


@pytest.mark.parametrize("text", ["", "   "])
def test_nothing_to_say_is_an_error(voice: Voice, text: str) -> None:
    with pytest.raises(VoiceError, match=r"nothing to say|cannot speak"):
        voice.render(text)


@needs_espeak
@pytest.mark.parametrize("make", [EspeakVoice, Pyttsx3Voice])
def test_espeak_speaks_repeatedly(make: type[EspeakVoice | Pyttsx3Voice]) -> None:
    """pyttsx3 hangs on later calls within one process."""
    voice = make(timeout_s=20)
    assert all(voice.render(f"Prompt number {n}.").seconds > 0.5 for n in range(3))


@needs_espeak
@pytest.mark.parametrize("text", ["Is it easing?", "It\u2019s 2:13 \u2014 caf\u00e9; 50 %.", "-v is no option."])
def test_pyttsx3_and_espeak_give_the_same_samples(text: str) -> None:
    """So a prompt sounds the same on a machine that has the library alone."""
    speech = EspeakVoice().render(text)

    def is_the_same() -> bool:
        other = Pyttsx3Voice().render(text)
        return speech.rate == other.rate and np.array_equal(speech.samples, other.samples)

    assert any(is_the_same() for _ in range(3))  # in a few hundred renderings pyttsx3 leaves out the end of one


def test_without_the_program_espeak_pyttsx3_speaks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert isinstance(choose_voice("espeak"), Pyttsx3Voice)
    with pytest.raises(VoiceError, match=r"cannot speak \(no such file.*install the package espeak-ng"):
        EspeakVoice().render(PROMPT)


@needs_espeak
def test_an_espeak_that_hangs_is_killed() -> None:
    with pytest.raises(VoiceError, match="took more than"):
        EspeakVoice(timeout_s=0.01).render(PROMPT)


def test_a_missing_espeak_names_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyttsx3.py").write_text("def init():\n    raise OSError('libespeak-ng.so.1: not found')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(VoiceError, match=r"libespeak-ng.*install the package espeak-ng"):
        Pyttsx3Voice().render(PROMPT)


def test_the_preferred_voice_is_chosen_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(espeak_voice, "has_espeak", lambda: True)
    assert choose_voice("hibari", 150).name.startswith("hibari-heart-0.")
    assert choose_voice("espeak", 140).name == "espeak-en-us-140"
    assert choose_voice("auto").name == choose_voice("hibari").name


def test_choosing_a_voice_loads_no_model() -> None:
    code = (
        "import sys; from nightvoice.speaking.registry import choose_voice; choose_voice().name; "
        "assert not {'onnxruntime', 'hibari', 'pyttsx3'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_trimming_silence_leaves_silence_empty_and_normalising_it_leaves_it_silent() -> None:
    silence = np.zeros(1000, np.float32)
    assert len(trim(silence, 16_000)) == 0
    assert not normalise(silence, 16_000).any()
