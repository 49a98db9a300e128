"""A bedroom without a sound card: a PulseAudio server of our own, with a microphone to speak into and a loudspeaker.

Both sides are the two channels of one null sink: left is what sounds in the room (the microphone hears it), right is
what the loudspeaker plays. One stereo recording therefore holds both on one clock, exact to the sample, and the time
from the end of a phrase to the reply can be read off it without any error of alignment.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from tests.helpers.waiting import came_true, until

RATE = 48_000
Sound = NDArray[np.int16]

_ALSA = """
pcm.default {{ type asym playback.pcm "bedside_speaker" capture.pcm "bedside_microphone" }}
ctl.default {{ type pulse server "{server}" }}
pcm.bedside_microphone {{ type pulse server "{server}" device "microphone" }}
pcm.bedside_speaker {{ type pulse server "{server}" device "speaker" }}
"""


def missing_tools() -> str | None:
    """Why there can be no virtual room on this machine, or None."""
    absent = [tool for tool in ("pulseaudio", "pactl", "parec", "paplay") if shutil.which(tool) is None]
    if absent:
        return f"no virtual bedroom: {', '.join(absent)} missing (packages pulseaudio, pulseaudio-utils)"
    if not list(Path("/usr/lib").glob("**/alsa-lib/libasound_module_pcm_pulse.so")):
        return "no virtual bedroom: ALSA cannot reach PulseAudio (package libasound2-plugins)"
    return None


@dataclass(frozen=True, slots=True)
class Tape:
    """What was recorded, at RATE, on one clock."""

    room: Sound
    """What the microphone heard, shape (n,)."""
    speaker: Sound
    """What the loudspeaker played, shape (n,)."""


class Recorder:
    """Records both sides of the room until ``stop``."""

    def __init__(self, env: dict[str, str]) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (open until stop)
        self._process = subprocess.Popen(
            [
                "parec",
                "--device=bedroom.monitor",
                f"--rate={RATE}",
                "--channels=2",
                "--format=s16le",
                "--raw",
                "--latency-msec=10",
            ],
            env=env,
            stdout=self._file,
        )
        until(lambda: os.fstat(self._file.fileno()).st_size > 0, "sound from the recorder")

    def seconds(self) -> float:
        """How much was recorded so far."""
        return os.fstat(self._file.fileno()).st_size / 4 / RATE

    def peek(self) -> Tape:
        """What was recorded so far."""
        size = os.fstat(self._file.fileno()).st_size // 4 * 4
        both = np.frombuffer(os.pread(self._file.fileno(), size, 0), dtype="<i2").reshape(-1, 2)
        return Tape(both[:, 0], both[:, 1])

    def stop(self) -> Tape:
        if self._process.poll() is None:
            time.sleep(0.1)
            self._process.terminate()
        self._process.wait(10)
        tape = self.peek()
        self._file.close()
        return tape


class VirtualRoom:
    """A context manager; programs that are started with ``env`` live in this room.

    ``echo``: how loud (0..1) the microphone hears the loudspeaker.
    """

    def __init__(self, echo: float = 0.0) -> None:
        self._echo = echo
        self._folder = Path(tempfile.mkdtemp(prefix="bedroom-"))
        self._server: subprocess.Popen[bytes] | None = None
        self._awake: Recorder | None = None
        self._echoing: list[subprocess.Popen[bytes]] = []
        """The processes that carry the loudspeaker's sound to the microphone."""
        server = f"unix:{self._folder}/socket"
        # The whole of ALSA's configuration: the system's would put its own default in the place of ours.
        alsa = self._folder / "asound.conf"
        alsa.write_text(_ALSA.format(server=server))
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("PULSE_", "ALSA_", "PIPEWIRE_"))
        }
        self.env = kept | {
            "HOME": str(self._folder),
            "XDG_RUNTIME_DIR": str(self._folder),
            "XDG_CONFIG_HOME": str(self._folder / "config"),
            "PULSE_SERVER": server,
            "ALSA_CONFIG_PATH": str(alsa),
        }

    def __enter__(self) -> Self:
        try:
            self.start_server()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.kill_server()
        shutil.rmtree(self._folder, ignore_errors=True)

    def start_server(self) -> None:
        """Start the sound server with an empty, quiet room."""
        self._server = subprocess.Popen(
            [
                *(
                    "pulseaudio",
                    "-n",
                    "--daemonize=no",
                    "--exit-idle-time=-1",
                    "--use-pid-file=no",
                    "--disable-shm=yes",
                    "--realtime=no",  # the kernel kills a real-time thread that runs for 200 ms (RLIMIT_RTTIME)
                ),
                *("--log-target=stderr", "--log-level=error"),
                *("-L", f"module-native-protocol-unix socket={self._folder}/socket auth-anonymous=1"),
                *("-L", f"module-cli-protocol-unix socket={self._folder}/console"),
            ],
            env=self.env,
            stderr=(self._folder / "pulse.log").open("wb"),
        )
        until(lambda: self._pactl("info", check=False).returncode == 0, "an answer of the sound server")
        self._load(
            "module-null-sink", "sink_name=bedroom", f"rate={RATE}", "channels=2", "channel_map=front-left,front-right"
        )
        for name, side in (("room", "front-left"), ("speaker", "front-right")):
            self._load("module-remap-sink", f"sink_name={name}", "master=bedroom", "channels=1", "remix=no",
                       "channel_map=mono", f"master_channel_map={side}")  # fmt: skip
        # The null sink works in steps of up to 2 s unless somebody wants it quicker, so somebody always does.
        self._awake = Recorder(self.env)
        self._pactl("set-default-sink", "speaker")
        self._microphone = ""
        self.plug_mic()
        if self._echo:
            self._load_tap("speaker_tap", "front-right")
            self._pactl("set-source-volume", "speaker_tap", f"{self._echo:.3f}")
            self._start_echo()

    def _start_echo(self) -> None:
        """Carry the loudspeaker's sound to the microphone.

        Not with module-loopback: between two sides of one sink it rewinds more and more, until it takes the whole
        processor and the room loses its sound.
        """
        sound = ("--raw", f"--rate={RATE}", "--channels=1", "--format=s16le", "--latency-msec=20")
        tap = subprocess.Popen(["parec", "--device=speaker_tap", *sound], env=self.env, stdout=subprocess.PIPE)
        self._echoing = [tap, subprocess.Popen(["pacat", "--device=room", *sound], env=self.env, stdin=tap.stdout)]

    def kill_server(self) -> None:
        """The sound server is gone at once."""
        if self._server is not None:
            if self.died:
                log = (self._folder / "pulse.log").read_text(errors="replace")
                print(f"the sound server ended by itself ({self._server.returncode}): {log[-2000:]}", file=sys.stderr)
            if self._awake is not None:
                self._awake.stop()
                self._awake = None
            for process in self._echoing:
                process.kill()
                process.wait()
            self._echoing = []
            self._server.kill()
            self._server.wait()
            self._server = None

    @property
    def died(self) -> bool:
        """Whether the sound server ended although nobody stopped it."""
        return self._server is not None and self._server.poll() is not None

    def plug_mic(self) -> None:
        self._microphone = self._load_tap("microphone", "front-left")
        self._pactl("set-default-source", "microphone")

    def unplug_mic(self, and_its_readers: bool = True) -> None:
        """The microphone is gone, and so is every stream that reads it.

        Without ``and_its_readers`` PulseAudio moves those streams to another source: the loudspeaker's monitor.
        """
        sources = dict(line.split("\t")[1::-1] for line in self._pactl("list", "short", "sources").stdout.splitlines())
        outputs = [line.split("\t")[:2] for line in self._pactl("list", "short", "source-outputs").stdout.splitlines()]
        readers = [number for number, source in outputs if source == sources["microphone"]]
        self._pactl("unload-module", self._microphone)
        if not and_its_readers:
            return
        with socket.socket(socket.AF_UNIX) as console:
            console.connect(f"{self._folder}/console")
            console.sendall("".join(f"kill-source-output {reader}\n" for reader in readers).encode())
            console.shutdown(socket.SHUT_WR)
            console.settimeout(5)
            while console.recv(4096):
                pass

    def play(self, wav: Path) -> None:
        """Let ``wav`` sound in the room, at the microphone; returns when it is over."""
        command = ["paplay", "--device=room", "--latency-msec=20", str(wav)]
        subprocess.run(command, env=self.env, check=True, timeout=soundfile.info(wav).duration + 120)

    def say(self, sound: Sound, rate: int) -> None:
        """As ``play``, from samples."""
        path = self._folder / "said.wav"
        soundfile.write(path, sound, rate)
        self.play(path)

    def record(self) -> Recorder:
        return Recorder(self.env)

    def sounds(self) -> bool:
        """Whether what is played in the room is recorded there; not so on a machine that is too busy."""
        click = np.full(RATE // 2, 9000, np.int16)
        try:
            tape = self.record()
            self.say(click, RATE)
            heard = came_true(lambda: np.abs(tape.peek().room).max() > 8000, 5)
            tape.stop()
        except (AssertionError, subprocess.SubprocessError):
            return False
        return heard

    def _load(self, *module: str) -> str:
        return self._pactl("load-module", *module).stdout.strip()

    def _load_tap(self, name: str, side: str) -> str:
        return self._load("module-remap-source", f"source_name={name}", "master=bedroom.monitor", "channels=1",
                          "remix=no", "channel_map=mono", f"master_channel_map={side}")  # fmt: skip

    def _pactl(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["pactl", *command], env=self.env, check=check, capture_output=True, text=True, timeout=60
        )


def onset(sound: Sound, start: int = 0, threshold: float = 0.003) -> int | None:
    """Index of the first sample from ``start`` that is louder than ``threshold`` (of full scale), or None."""
    loud = np.flatnonzero(np.abs(sound[start:].astype(np.int32)) > threshold * 32768)
    return start + int(loud[0]) if len(loud) else None


def find(phrase: Sound, rate: int, inside: Sound) -> tuple[int, int]:
    """Where ``phrase`` (at ``rate``) lies ``inside`` a recording at RATE: first sample and one past the last sample.

    By cross-correlation, so noise and echo do not mislead it.
    """
    pattern = soxr.resample(phrase.astype(np.float32), rate, RATE)
    size = 1 << (len(inside) + len(pattern)).bit_length()
    correlation = np.fft.irfft(np.fft.rfft(inside.astype(np.float32), size) * np.conj(np.fft.rfft(pattern, size)), size)
    start = int(np.argmax(correlation[: len(inside)]))
    return start, start + len(pattern)


def reply_latency(tape: Tape, phrase: Sound, rate: int) -> float | None:
    """Seconds from the last sample of ``phrase`` in the room to the first sample from the loudspeaker after it."""
    _, end = find(phrase, rate, tape.room)
    first = onset(tape.speaker, end)
    return None if first is None else (first - end) / RATE
