"""A Wyoming wake service: satellites stream sound to it and are notified when somebody reports a cramp.

Protocol: https://github.com/OHF-Voice/wyoming (describe, detect, audio-start, audio-chunk, audio-stop). It has no
passwords, so only clients in the local network are served.
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
from nightvoice.listening.listener import Listener

WAKE_NAME: Final = "i_have_a_cramp"
MAX_CLIENTS: Final = 4
"""Most clients served at once; each needs the memory and processor time of its own listener."""
PADDING_FRAMES: Final = round(2.0 / FRAME_S)
"""Silence appended after the end of the sound, so that the last words are recognised."""


async def serve(host: str, port: int, make_listener: Callable[[], Listener], language: str) -> None:
    """Serve until cancelled or SIGTERM. Raises OSError if the address cannot be used.

    ``language``: code of the language that the listeners understand, such as ``en``.
    """
    await AsyncTcpServer(host, port).run(
        partial(_Client, make_listener=make_listener, capacity=_Capacity(MAX_CLIENTS), info=_info(language))
    )


class _Capacity:
    """Number of further clients that can be served."""

    def __init__(self, free: int) -> None:
        self.free = free


class _Client(AsyncEventHandler):
    """One satellite."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        make_listener: Callable[[], Listener],
        capacity: _Capacity,
        info: Info,
    ) -> None:
        super().__init__(reader, writer)
        self._make_listener, self._capacity, self._info = make_listener, capacity, info
        self._listener: Listener | None = None
        self._converter = AudioChunkConverter(rate=RATE, width=2, channels=1)
        self._remainder = b""
        """Received bytes that do not fill a frame yet."""
        self._wanted = True
        """Whether the client requested this wake phrase."""
        self._detected = False

    async def handle_event(self, event: Event) -> bool:
        """Answer ``event``; return False to end the connection."""
        if not ip_address(self.writer.get_extra_info("peername")[0]).is_private:
            return False
        if Describe.is_type(event.type):
            await self.write_event(self._info.event())
        elif Detect.is_type(event.type):
            names = Detect.from_event(event).names
            self._wanted = not names or WAKE_NAME in names
        elif AudioStart.is_type(event.type):
            self._remainder, self._detected = b"", False
            self._converter = AudioChunkConverter(rate=RATE, width=2, channels=1)
        elif AudioChunk.is_type(event.type):
            return await self._listen(AudioChunk.from_event(event))
        elif AudioStop.is_type(event.type):
            await self._end()
        return True

    async def disconnect(self) -> None:
        if self._listener is not None:
            self._listener = None
            self._capacity.free += 1

    async def _listen(self, chunk: AudioChunk) -> bool:
        """Detect the wake phrase in ``chunk``. Return False if too many clients are connected."""
        if not self._wanted:
            return True
        if self._listener is None:
            if not self._capacity.free:
                return False
            self._capacity.free -= 1
            self._listener = await asyncio.to_thread(self._make_listener)
        self._remainder += self._converter.convert(chunk).audio
        whole = len(self._remainder) - len(self._remainder) % (2 * FRAME_SAMPLES)
        sound, self._remainder = np.frombuffer(self._remainder[:whole], dtype="<i2"), self._remainder[whole:]
        if await asyncio.to_thread(self._hear, self._listener, list(sound.reshape(-1, FRAME_SAMPLES))):
            self._detected = True
            await self.write_event(Detection(name=WAKE_NAME, timestamp=chunk.timestamp).event())
        return True

    async def _end(self) -> None:
        """Recognise the last words at the end of the sound."""
        if self._listener is not None and await asyncio.to_thread(
            self._hear, self._listener, [SILENCE] * PADDING_FRAMES
        ):
            self._detected = True
            await self.write_event(Detection(name=WAKE_NAME).event())
        if not self._detected:
            await self.write_event(NotDetected().event())

    @staticmethod
    def _hear(listener: Listener, frames: list[Frame]) -> bool:
        """Return whether ``frames`` contain the wake phrase."""
        perceived = [listener.hear(frame, "idle", None) for frame in frames]
        return any(found and found.verdict is Verdict.HEARD and found.intent == "cramp" for found in perceived)


def _info(language: str) -> Info:
    by = Attribution(name="nightvoice", url="https://pypi.org/project/nightvoice/")
    model = WakeModel(
        name=WAKE_NAME, attribution=by, installed=True, description="I have a cramp", version=__version__,
        languages=[language], phrase="I have a cramp",
    )  # fmt: skip
    program = WakeProgram(
        name="nightvoice", attribution=by, installed=True, description="Wakes when somebody has a cramp",
        version=__version__, models=[model],
    )  # fmt: skip
    return Info(wake=[program])
