"""The whole night in the virtual bedroom: the installed program, spoken to and listened to."""

import csv
import json
import re
import subprocess
import time
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from pocketsphinx import Decoder

from tests.bedroom.flite import speak
from tests.helpers.program import NIGHTVOICE, Event, Program
from tests.helpers.virtual_room import RATE, Sound, VirtualRoom
from tests.helpers.waiting import until

pytestmark = pytest.mark.bedroom

AUDIO = Path(__file__).parents[3] / "shared" / "audio"
SNR_DB = 25.0
TRIES = 3
"""Somebody who gets no answer says it again."""
ANSWER_S = 6.0
"""How long somebody waits for an answer: twice as long as it takes on a busy machine."""


@pytest.fixture(scope="module")
def sleeper(tmp_path_factory: pytest.TempPathFactory) -> "Sleeper":
    return Sleeper(tmp_path_factory.mktemp("sleeper"))


class Sleeper:
    """A person's voice (flite), in a room with real noise where there are recordings of it.

    It says what the ears hear of it each time, however the frames fall on it; this robotic voice's bare "yes" they
    miss at times. What they miss scripts/bench/ears.py measures.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.noise = _noise()

    def says(self, room: VirtualRoom, text: str) -> None:
        file = self._folder / "words.wav"
        speak(text, file)
        sound, rate = soundfile.read(file, dtype="float32")
        sound = soxr.resample(sound, rate, 16_000) * 0.5
        if self.noise is not None:
            noise = np.resize(self.noise, len(sound))
            level = np.sqrt(np.mean(sound**2)) / np.sqrt(np.mean(noise**2))
            sound = sound + noise * level * 10 ** (-SNR_DB / 20)
        room.say((np.clip(sound, -1, 1) * 32767).astype(np.int16), 16_000)

    def says_until(
        self, room: VirtualRoom, text: str, program: Program, event: str, patience: float = ANSWER_S, **fields: str
    ) -> Event:
        """Says it up to TRIES times, each ``patience`` seconds after the last, until ``event`` comes."""
        for left in reversed(range(TRIES)):
            self.says(room, text)
            try:
                return program.wait_for(event, seconds=patience, **fields)
            except AssertionError:
                if not left:
                    raise
        raise AssertionError("not reached")

    def has_a_cramp(self, room: VirtualRoom, program: Program) -> Event:
        """In the left calf; where the place was lost in the noise it is said again."""
        opened = self.says_until(room, "I have a cramp in my left calf", program, "episode_opened")
        return opened if opened["site"] else self.says_until(room, "left calf", program, "site")


def _noise() -> Sound | None:
    """A summer night through an open window, of the test split."""
    if not (AUDIO / "MANIFEST.tsv").exists():
        return None
    with (AUDIO / "MANIFEST.tsv").open(encoding="utf-8") as manifest:
        rows = [r for r in csv.DictReader(manifest, delimiter="\t") if r["set"] == "noise_ambient_blanket"]
    return soundfile.read(AUDIO / next(r["file"] for r in rows if "summer-night" in r["file"]), dtype="float32")[0]


def is_quiet(sound: Sound) -> bool:
    """Whether nothing is said: no louder than the faint noise that keeps a loudspeaker awake."""
    full = np.iinfo(sound.dtype).max if np.issubdtype(sound.dtype, np.integer) else 1.0
    return bool(np.abs(sound.astype(np.float64)).max(initial=0.0) < full * 10 ** (-60 / 20))


def transcribe(sound: Sound, rate: int) -> str:
    """What a recogniser without any grammar of ours makes of it."""
    decoder = Decoder(samprate=16_000, loglevel="FATAL")
    decoder.start_utt()
    decoder.process_raw(soxr.resample(sound, rate, 16_000).tobytes(), full_utt=True)
    decoder.end_utt()
    hypothesis = decoder.hyp()
    return hypothesis.hypstr if hypothesis else ""


def words_in_common(said: str, heard: str) -> float:
    """Share of the words of ``said`` that were heard, in order."""
    blocks = SequenceMatcher(None, said.split(), heard.split(), autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) / len(said.split())


def test_a_cramp_is_led_out_of_by_voice_written_down_and_told(
    virtual_room: VirtualRoom, sleeper: Sleeper, tmp_path: Path
) -> None:
    diary = tmp_path / "diary.sqlite"
    with Program(virtual_room, diary) as program:
        program.wait_for("listening")
        time.sleep(0.5)
        tape = virtual_room.record()
        opened = sleeper.has_a_cramp(virtual_room, program)
        assert (opened["site"], opened["side"]) == ("calf", "left")
        question = program.wait_for("said", text="Is it like your usual cramp?")
        length = question["end"] - question["start"]
        asked = tape.seconds() + length
        until(lambda: tape.seconds() > asked and is_quiet(tape.peek().speaker[-RATE // 2 :]), "the question's end")
        sound = tape.stop().speaker
        # Where the place was lost it is asked for, too. It counts on while this is transcribed.
        said = " ".join(e["text"] for e in program.events if e["event"] == "said")
        reply = transcribe(sound, RATE)
        assert words_in_common(re.sub(r"[^a-z' ]", " ", said.lower()), reply) >= 0.5, (said, reply)
        sleeper.says_until(virtual_room, "yes it is", program, "heard", intent="yes")
        program.wait_for("said", text="two")
        sleeper.says_until(virtual_room, "it's gone", program, "episode_closed", outcome="gone")  # while it counts
        assert program.end() == 0
        assert program.events[-1]["event"] == "summary"
    told = subprocess.run(
        [*NIGHTVOICE, "summary", "--diary", str(diary), "--format", "json", "--night", program.events[-1]["night"]],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    summary = json.loads(told.stdout)
    assert summary["cramps"] == 1
    assert "in your left calf" in summary["text"]
    assert "the towel stretch eased it" in summary["text"]


def test_its_speech_stops_when_it_is_told_to(virtual_room: VirtualRoom, sleeper: Sleeper, tmp_path: Path) -> None:
    with Program(virtual_room, tmp_path / "diary.sqlite") as program:
        program.wait_for("listening")
        time.sleep(0.5)
        sleeper.has_a_cramp(virtual_room, program)
        sleeper.says_until(virtual_room, "yes it is", program, "step", step="towel-stretch")
        program.wait_for("said", claim="towel-stretch")
        # A first "stop" may be lost in its speech: the next is said before the sentence is over.
        interrupted = sleeper.says_until(virtual_room, "stop", program, "interrupted", patience=2.0)
        said = [e for e in program.events if e["event"] == "said" and e["start"] < interrupted["t"]]
        assert said[-1]["text"] == interrupted["text"]
        program.wait_for("episode_closed", outcome="stopped")


def test_the_plug_is_pulled_and_the_episode_is_taken_up_again(
    virtual_room: VirtualRoom, sleeper: Sleeper, tmp_path: Path
) -> None:
    diary = tmp_path / "diary.sqlite"
    with Program(virtual_room, diary) as program:
        program.wait_for("listening")
        time.sleep(0.5)
        sleeper.says_until(virtual_room, "I have a cramp in my right foot", program, "episode_opened")
        program.kill()
    with Program(virtual_room, diary) as program:
        assert program.wait_for("said")["text"].startswith("I'm back.")
        program.wait_for("said")


def test_a_lost_microphone_is_said_and_written_down(
    virtual_room: VirtualRoom, sleeper: Sleeper, tmp_path: Path
) -> None:
    with Program(virtual_room, tmp_path / "diary.sqlite") as program:
        program.wait_for("listening")
        time.sleep(0.5)
        sleeper.has_a_cramp(virtual_room, program)
        virtual_room.unplug_mic()
        program.wait_for("said", text="I can't hear you just now. I'll keep counting.")
        virtual_room.plug_mic()
        program.wait_for("said", text="I can hear you again.")
        sleeper.says_until(virtual_room, "stop", program, "episode_closed", outcome="stopped")
        program.end()
        assert program.events[-1]["gaps"], "the time that it was deaf is known"


def test_no_microphone_at_the_start_is_one_line(virtual_room: VirtualRoom, tmp_path: Path) -> None:
    virtual_room.kill_server()
    result = subprocess.run(
        [*NIGHTVOICE, "run", "--diary", str(tmp_path / "d.sqlite")],
        env=virtual_room.env, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert result.returncode == 2
    lines = [line for line in result.stderr.splitlines() if line.startswith("nightvoice:")]
    assert len(lines) == 1
    assert "doctor" in lines[0]
