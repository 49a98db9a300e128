"""A Wyoming satellite as microphone and loudspeaker: two devices of this machine's sound server, fed over the network.

A process of its own, so that ``nightvoice run`` opens no internet socket: it hears ``MICROPHONE`` and speaks into
``SPEAKER`` as if they were plugged in. Towards the satellite this is what Home Assistant would be, and only one of the
two can be connected.
"""

import asyncio
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from typing import Final

import pulsectl
from wyoming.audio import AudioChunk, AudioChunkConverter, AudioStart, AudioStop
from wyoming.client import AsyncTcpClient
from wyoming.ping import Ping, Pong
from wyoming.satellite import RunSatellite

from nightvoice.audio.frames import RATE
from nightvoice.errors import NightvoiceError, reason
from nightvoice.system.backoff import pauses

MICROPHONE: Final = "nightvoice_satellite"
SPEAKER: Final = "nightvoice_satellite_speaker"
_WIRE: Final = "nightvoice_satellite_wire"
SPEAKER_RATE: Final = 22_050
"""Samples a second that satellites expect of a voice."""
_BLOCK: Final = 1024
"""Samples of one message to the loudspeaker."""
_QUIET_BLOCKS: Final = round(0.4 * SPEAKER_RATE / _BLOCK)
"""Blocks of nothing after which an utterance is over."""


async def serve(host: str, port: int, tell: Callable[[str], None]) -> None:
    """Until cancelled; a satellite that is gone is tried again.

    Raises NightvoiceError for one outside the local network, and where there is no sound server.
    """
    await _refuse_far_away(host, port)
    waits, trouble = pauses(), ""
    with _devices():
        while True:
            try:
                async with AsyncTcpClient(host, port) as satellite:
                    tell(f"connected to {host}:{port}")
                    waits, trouble = pauses(), ""
                    await _connected(satellite)
                why = "it hung up"
            except OSError as error:
                why = reason(error)
            if why != trouble:
                trouble = why
                tell(f"no satellite at {host}:{port}: {why}")
            await asyncio.sleep(next(waits))


async def _refuse_far_away(host: str, port: int) -> None:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port)
    except OSError as error:
        raise NightvoiceError(f"{host}: there is no such address: {reason(error)}") from None
    if not all(ip_address(address[0]).is_private for *_, address in found):
        raise NightvoiceError(f"{host}: is not in the local network; the sound of a bedroom goes nowhere else")


@contextmanager
def _devices() -> Iterator[None]:
    """The two devices are there while the block runs. Raises NightvoiceError where no sound server is."""
    modules = (
        ("module-null-sink", f"sink_name={_WIRE} rate={RATE} channels=1"),
        ("module-remap-source", f"source_name={MICROPHONE} master={_WIRE}.monitor"),
        ("module-null-sink", f"sink_name={SPEAKER} rate={SPEAKER_RATE} channels=1"),
    )
    try:
        with pulsectl.Pulse("nightvoice satellite") as pulse:
            for old in pulse.module_list():  # of one that was killed
                if any(arguments == old.argument for _, arguments in modules):
                    pulse.module_unload(old.index)
            loaded = [pulse.module_load(name, arguments) for name, arguments in modules]
            try:
                yield
            finally:
                for module in reversed(loaded):
                    with suppress(pulsectl.PulseError):
                        pulse.module_unload(module)
    except pulsectl.PulseError as error:
        raise NightvoiceError(f"no sound server (PulseAudio or PipeWire) to plug the satellite into: {error}") from None


async def _connected(satellite: AsyncTcpClient) -> None:
    """Until either side has ended. Raises OSError."""
    playing = await _program("pacat", "--playback", f"--device={_WIRE}", f"--rate={RATE}")
    recording = await _program("pacat", "--record", f"--device={SPEAKER}.monitor", f"--rate={SPEAKER_RATE}")
    try:
        await satellite.write_event(RunSatellite().event())
        tasks = [asyncio.create_task(part) for part in (_hear(satellite, playing), _speak(satellite, recording))]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        for program in (playing, recording):
            with suppress(ProcessLookupError):
                program.kill()
            await program.wait()


async def _program(*command: str) -> Process:
    sound = ("--raw", "--format=s16le", "--channels=1", "--latency-msec=30")
    return await asyncio.create_subprocess_exec(*command, *sound, stdin=PIPE, stdout=PIPE, stderr=DEVNULL)


async def _hear(satellite: AsyncTcpClient, playing: Process) -> None:
    """Its microphone, into ours."""
    assert playing.stdin is not None
    converter = AudioChunkConverter(rate=RATE, width=2, channels=1)
    while (event := await satellite.read_event()) is not None:
        if AudioChunk.is_type(event.type):
            playing.stdin.write(converter.convert(AudioChunk.from_event(event)).audio)
            await playing.stdin.drain()
        elif Ping.is_type(event.type):
            await satellite.write_event(Pong(text=Ping.from_event(event).text).event())


async def _speak(satellite: AsyncTcpClient, recording: Process) -> None:
    """What is played into our loudspeaker, to its: an utterance at a time, and nothing of the silence between."""
    assert recording.stdout is not None
    silence, quiet = bytes(2 * _BLOCK), _QUIET_BLOCKS
    sound = {"rate": SPEAKER_RATE, "width": 2, "channels": 1}
    while True:
        try:
            block = await recording.stdout.readexactly(2 * _BLOCK)
        except asyncio.IncompleteReadError:
            raise OSError("the sound server has gone") from None
        before, quiet = quiet, 0 if block != silence else min(quiet + 1, _QUIET_BLOCKS)
        if quiet < _QUIET_BLOCKS:
            if before == _QUIET_BLOCKS:
                await satellite.write_event(AudioStart(**sound).event())
            await satellite.write_event(AudioChunk(**sound, audio=block).event())
        elif before < _QUIET_BLOCKS:
            await satellite.write_event(AudioStop().event())
