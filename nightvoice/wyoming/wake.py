"""A Wyoming wake service: satellites stream sound, and are told when somebody says that they have a cramp.

https://github.com/OHF-Voice/wyoming (describe, detect, audio-start, audio-chunk, audio-stop). The protocol knows no
passwords, so only clients of the local network are served.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from ipaddress import ip_address
from typing import Final

import numpy as np
from wyoming.audio import AudioChunk, AudioChunkConverter, AudioStart, AudioStop
from wyoming.event import Event
from wyoming.info import Attribution, Describe, Info, WakeModel, WakeProgram
from wyoming.server import AsyncEventHandler, AsyncTcpServer
from wyoming.wake import Detect, Detection, NotDetected

from nightvoice import __version__
from nightvoice.audio.frames import FRAME_S, FRAME_SAMPLES, RATE, SILENCE, Frame
from nightvoice.listening.decision import Verdict
from nightvoice.listening.pipeline import Listener

NAME: Final = "i_have_a_cramp"
MOST: Final = 4
"""Clients that are heard at once: each has ears of its own, which take memory and time."""
AFTER_FRAMES: Final = round(2.0 / FRAME_S)
"""Silence behind the end of the sound, so that the last words are judged."""


async def serve(host: str, port: int, make_ears: Callable[[], Listener], language: str) -> None:
    """Until cancelled, or SIGTERM. ``language`` of the ears: en. Raises OSError where it cannot listen there."""
    await AsyncTcpServer(host, port).run(
        partial(_Client, make_ears=make_ears, places=_Places(MOST), info=_info(language))
    )


class _Places:
    """How many more clients there are ears for."""

    def __init__(self, free: int) -> None:
        self.free = free


class _Client(AsyncEventHandler):
    """One satellite."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        make_ears: Callable[[], Listener],
        places: _Places,
        info: Info,
    ) -> None:
        super().__init__(reader, writer)
        self._make_ears, self._places, self._info = make_ears, places, info
        self._ears: Listener | None = None
        self._converter = AudioChunkConverter(rate=RATE, width=2, channels=1)
        self._rest = b""
        self._wanted = True
        self._detected = False

    async def handle_event(self, event: Event) -> bool:
        """Answer ``event``; False ends the connection."""
        if not ip_address(self.writer.get_extra_info("peername")[0]).is_private:
            return False
        if Describe.is_type(event.type):
            await self.write_event(self._info.event())
        elif Detect.is_type(event.type):
            names = Detect.from_event(event).names
            self._wanted = not names or NAME in names
        elif AudioStart.is_type(event.type):
            self._rest, self._detected = b"", False
            self._converter = AudioChunkConverter(rate=RATE, width=2, channels=1)
        elif AudioChunk.is_type(event.type):
            return await self._listen(AudioChunk.from_event(event))
        elif AudioStop.is_type(event.type):
            await self._end()
        return True

    async def disconnect(self) -> None:
        if self._ears is not None:
            self._ears = None
            self._places.free += 1

    async def _listen(self, chunk: AudioChunk) -> bool:
        """Whether there are ears for it."""
        if not self._wanted:
            return True
        if self._ears is None:
            if not self._places.free:
                return False
            self._places.free -= 1
            self._ears = await asyncio.to_thread(self._make_ears)
        self._rest += self._converter.convert(chunk).audio
        whole = len(self._rest) - len(self._rest) % (2 * FRAME_SAMPLES)
        sound, self._rest = np.frombuffer(self._rest[:whole], dtype="<i2"), self._rest[whole:]
        if await asyncio.to_thread(self._hear, self._ears, list(sound.reshape(-1, FRAME_SAMPLES))):
            self._detected = True
            await self.write_event(Detection(name=NAME, timestamp=chunk.timestamp).event())
        return True

    async def _end(self) -> None:
        """No more sound: what was said last may still be a cramp."""
        if self._ears is not None and await asyncio.to_thread(self._hear, self._ears, [SILENCE] * AFTER_FRAMES):
            self._detected = True
            await self.write_event(Detection(name=NAME).event())
        if not self._detected:
            await self.write_event(NotDetected().event())

    @staticmethod
    def _hear(ears: Listener, frames: list[Frame]) -> bool:
        """Whether a cramp was heard in ``frames``."""
        perceived = [ears.hear(frame, "idle", None) for frame in frames]
        return any(found and found.verdict is Verdict.HEARD and found.intent == "cramp" for found in perceived)


def _info(language: str) -> Info:
    by = Attribution(name="nightvoice", url="https://pypi.org/project/nightvoice/")
    model = WakeModel(
        name=NAME, attribution=by, installed=True, description="I have a cramp", version=__version__,
        languages=[language], phrase="I have a cramp",
    )  # fmt: skip
    program = WakeProgram(
        name="nightvoice", attribution=by, installed=True, description="Wakes when somebody has a cramp",
        version=__version__, models=[model],
    )  # fmt: skip
    return Info(wake=[program])
