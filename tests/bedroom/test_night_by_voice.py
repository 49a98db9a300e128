"""The whole night in the virtual bedroom: the installed program, spoken to and listened to."""

import csv
import json
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from pocketsphinx import Decoder
from program import NIGHTVOICE, Program
from virtual_room import RATE, Sound, VirtualRoom

pytestmark = pytest.mark.bedroom

AUDIO = Path(__file__).parents[3] / "shared" / "audio"
SNR_DB = 20.0


@pytest.fixture(scope="module")
def sleeper(tmp_path_factory: pytest.TempPathFactory) -> "Sleeper":
    return Sleeper(tmp_path_factory.mktemp("sleeper"))


class Sleeper:
    """A person's voice (flite), in a room with real noise where there are recordings of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.noise = _noise()

    def says(self, room: VirtualRoom, text: str) -> None:
        file = self._folder / "words.wav"
        try:
            subprocess.run(["flite", "-voice", "slt", "-t", text, "-o", str(file)], check=True)
        except FileNotFoundError:
            pytest.skip("no voice to speak with (package flite)")
        sound, rate = soundfile.read(file, dtype="float32")
        sound = soxr.resample(sound, rate, 16_000) * 0.5
        if self.noise is not None:
            noise = np.resize(self.noise, len(sound))
            level = np.sqrt(np.mean(sound**2)) / np.sqrt(np.mean(noise**2))
            sound = sound + noise * level * 10 ** (-SNR_DB / 20)
        room.say((np.clip(sound, -1, 1) * 32767).astype(np.int16), 16_000)


def _noise() -> Sound | None:
    """A minute of a household's background, of the test split."""
    if not (AUDIO / "MANIFEST.tsv").exists():
        return None
    with (AUDIO / "MANIFEST.tsv").open(encoding="utf-8") as manifest:
        rows = [r for r in csv.DictReader(manifest, delimiter="\t") if r["set"] == "noise_background"]
    return soundfile.read(AUDIO / next(r["file"] for r in rows if r["split"] == "test"), dtype="float32")[0]


def transcribe(sound: Sound, rate: int) -> str:
    """What a recogniser without any grammar of ours makes of it."""
    decoder = Decoder(samprate=16_000, loglevel="FATAL")
    decoder.start_utt()
    decoder.process_raw(soxr.resample(sound, rate, 16_000).tobytes(), full_utt=True)
    decoder.end_utt()
    hypothesis = decoder.hyp()
    return hypothesis.hypstr if hypothesis else ""


def test_a_cramp_is_led_out_of_by_voice_written_down_and_told(
    virtual_room: VirtualRoom, sleeper: Sleeper, tmp_path: Path
) -> None:
    diary = tmp_path / "diary.sqlite"
    with Program(virtual_room, diary) as program:
        program.wait_for("listening")
        time.sleep(0.5)
        tape = virtual_room.record()
        sleeper.says(virtual_room, "I have a cramp in my left calf")
        opened = program.wait_for("episode_opened")
        assert (opened["site"], opened["side"]) == ("calf", "left")
        question = program.wait_for("said", text="Is it like your usual cramp?")
        time.sleep(question["end"] - question["start"] + 0.5)
        reply = transcribe(tape.stop().speaker, RATE)
        assert "your left" in reply, reply
        assert "usual" in reply, reply
        sleeper.says(virtual_room, "yes")
        program.wait_for("step", protocol="calf", step="towel-stretch")
        program.wait_for("said", seconds=30, text="two")
        sleeper.says(virtual_room, "it's gone")  # while it counts
        program.wait_for("episode_closed", seconds=40, outcome="gone")
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
        sleeper.says(virtual_room, "my foot is cramping")
        program.wait_for("said", text="Is it like your usual cramp?")
        sleeper.says(virtual_room, "stop")
        interrupted = program.wait_for("interrupted")
        assert interrupted["text"] == "Is it like your usual cramp?"
        program.wait_for("episode_closed", outcome="stopped")


def test_the_plug_is_pulled_and_the_episode_is_taken_up_again(
    virtual_room: VirtualRoom, sleeper: Sleeper, tmp_path: Path
) -> None:
    diary = tmp_path / "diary.sqlite"
    with Program(virtual_room, diary) as program:
        program.wait_for("listening")
        time.sleep(0.5)
        sleeper.says(virtual_room, "I have a cramp in my right foot")
        program.wait_for("episode_opened", site="arch")
        program.kill()
    with Program(virtual_room, diary) as program:
        assert program.wait_for("said")["text"].startswith("I'm back.")
        program.wait_for("said", text="Is it like your usual cramp?")


def test_a_lost_microphone_is_said_and_written_down(
    virtual_room: VirtualRoom, sleeper: Sleeper, tmp_path: Path
) -> None:
    with Program(virtual_room, tmp_path / "diary.sqlite") as program:
        program.wait_for("listening")
        time.sleep(0.5)
        sleeper.says(virtual_room, "I have a cramp in my left calf")
        program.wait_for("episode_opened")
        virtual_room.unplug_mic()
        program.wait_for("said", text="I can't hear you just now. I go on counting.")
        virtual_room.plug_mic()
        program.wait_for("said", seconds=40, text="I can hear you again.")
        sleeper.says(virtual_room, "stop")
        program.wait_for("episode_closed", outcome="stopped")
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
