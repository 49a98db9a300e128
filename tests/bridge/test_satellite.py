"""A satellite (the wyoming package's own server) as microphone and loudspeaker, through a real PulseAudio."""

import asyncio
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event
from wyoming.satellite import RunSatellite
from wyoming.server import AsyncEventHandler, AsyncTcpServer

from nightvoice.cli import app
from nightvoice.errors import NightvoiceError
from tests.helpers.virtual_room import VirtualRoom, missing_tools
from tests.helpers.waiting import until

RATE = 16_000
TONE = (8000 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)).astype("<i2")


class Satellite:
    """Streams a tone once it is told to run, and keeps what it should play."""

    def __init__(self, port: int) -> None:
        self.played: list[str] = []
        self.sound = b""
        self._loop = asyncio.new_event_loop()
        self._port = port
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._serve()))
        self._thread.start()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    async def _serve(self) -> None:
        satellite = self

        class Handler(AsyncEventHandler):
            async def handle_event(self, event: Event) -> bool:
                if RunSatellite.is_type(event.type):
                    self.streaming = asyncio.create_task(self.stream())
                elif AudioChunk.is_type(event.type):
                    satellite.sound += AudioChunk.from_event(event).audio
                elif AudioStart.is_type(event.type) or AudioStop.is_type(event.type):
                    satellite.played.append(event.type)
                return True

            async def stream(self) -> None:
                while True:
                    for block in TONE.reshape(-1, 1000):
                        chunk = AudioChunk(rate=RATE, width=2, channels=1, audio=block.tobytes())
                        await self.write_event(chunk.event())
                        await asyncio.sleep(1000 / RATE)

            async def disconnect(self) -> None:
                self.streaming.cancel()

        server = AsyncTcpServer("127.0.0.1", self._port)
        await server.start(Handler)
        await self._stop.wait()
        await server.stop()


@pytest.fixture
def room() -> Iterator[VirtualRoom]:
    reason = missing_tools()
    if reason is not None:
        pytest.skip(reason)
    with VirtualRoom() as room:
        yield room


def heard_tone(room: VirtualRoom) -> bool:
    """Whether the satellite's tone is in the microphone now."""
    command = ["parec", "--device=nightvoice_satellite", f"--rate={RATE}", "--channels=1", "--format=s16le", "--raw"]
    with subprocess.Popen(command, env=room.env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as recorder:
        assert recorder.stdout is not None
        sound = np.frombuffer(recorder.stdout.read(RATE * 2), dtype="<i2")
        recorder.kill()
    if len(sound) < RATE:
        return False
    spectrum = np.abs(np.fft.rfft(sound[-RATE // 2 :].astype(float)))
    return bool(spectrum.argmax() == 220 and spectrum.max() > 1e6)


def test_a_satellite_is_microphone_and_loudspeaker_and_is_reconnected(room: VirtualRoom, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    satellite = Satellite(port)
    command = [sys.executable, "-m", "nightvoice", "satellite", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(command, env=room.env)
    try:
        until(lambda: heard_tone(room), "the tone in the microphone")
        soundfile.write(tmp_path / "said.wav", TONE, RATE)
        subprocess.run(
            ["paplay", "--device=nightvoice_satellite_speaker", tmp_path / "said.wav"], env=room.env, check=True
        )
        until(lambda: satellite.played == ["audio-start", "audio-stop"], "the utterance in the loudspeaker")
        played = np.frombuffer(satellite.sound, dtype="<i2")
        assert 0.9 < np.count_nonzero(played) / 22_050 < 1.5
        satellite.close()
        until(lambda: not heard_tone(room), "silence")
        satellite = Satellite(port)
        until(lambda: heard_tone(room), "the tone again")
    finally:
        process.terminate()
        assert process.wait(60) == 0
        satellite.close()
    left = subprocess.run(
        ["pactl", "list", "short", "modules"], env=room.env, capture_output=True, text=True, check=True
    )
    assert "nightvoice_satellite" not in left.stdout


def test_a_satellite_outside_the_local_network_is_refused() -> None:
    result = CliRunner().invoke(app, ["satellite", "8.8.8.8"])
    assert isinstance(result.exception, NightvoiceError)
    assert "not in the local network" in str(result.exception)
