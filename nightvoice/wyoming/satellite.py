"""A Wyoming satellite as microphone and loudspeaker: two devices of the local sound server, connected over the network.

It runs in a separate process, so that ``nightvoice run`` opens no internet socket but records from ``MICROPHONE`` and
plays into ``SPEAKER`` as if they were plugged in. For the satellite, this process replaces Home Assistant; only
one of the two can connect to it.
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
from nightvoice.system.backoff import Reconnection

MICROPHONE: Final = "nightvoice_satellite"
SPEAKER: Final = "nightvoice_satellite_speaker"
_WIRE: Final = "nightvoice_satellite_wire"
SPEAKER_RATE: Final = 22_050
"""Sample rate in Hz that satellites expect for voice output."""
_BLOCK: Final = 1024
"""Samples in one message to the loudspeaker."""
_END_OF_SPEECH_BLOCKS: Final = round(0.4 * SPEAKER_RATE / _BLOCK)
"""Number of silent blocks that ends an utterance."""


async def serve(host: str, port: int, report: Callable[[str], None]) -> None:
    """Connect the satellite until cancelled; reconnect after each failure.

    Raises NightvoiceError if the address is outside the local network or there is no sound server.
    """
    await _refuse_remote(host, port)
    reconnection = Reconnection(report)
    with _devices():
        while True:
            try:
                async with AsyncTcpClient(host, port) as satellite:
                    report(f"connected to {host}:{port}")
                    reconnection.connected()
                    await _exchange_sound(satellite)
                why = "it hung up"
            except OSError as error:
                why = reason(error)
            reconnection.failed(f"no satellite at {host}:{port}: {why}")
            await asyncio.sleep(reconnection.next_delay())


async def _refuse_remote(host: str, port: int) -> None:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port)
    except OSError as error:
        raise NightvoiceError(f"{host}: there is no such address: {reason(error)}") from None
    if not all(ip_address(address[0]).is_private for *_, address in found):
        raise NightvoiceError(f"{host}: is not in the local network; the sound of a bedroom goes nowhere else")


@contextmanager
def _devices() -> Iterator[None]:
    """Create the two devices for the duration of the block. Raises NightvoiceError if there is no sound server."""
    modules = (
        ("module-null-sink", f"sink_name={_WIRE} rate={RATE} channels=1"),
        ("module-remap-source", f"source_name={MICROPHONE} master={_WIRE}.monitor"),
        ("module-null-sink", f"sink_name={SPEAKER} rate={SPEAKER_RATE} channels=1"),
    )
    try:
        with pulsectl.Pulse("nightvoice satellite") as pulse:
            for old in pulse.module_list():  # left by a process that was killed
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


async def _exchange_sound(satellite: AsyncTcpClient) -> None:
    """Relay sound in both directions until one side ends. Raises OSError."""
    playing = await _pacat("--playback", f"--device={_WIRE}", f"--rate={RATE}")
    recording = await _pacat("--record", f"--device={SPEAKER}.monitor", f"--rate={SPEAKER_RATE}")
    try:
        await satellite.write_event(RunSatellite().event())
        tasks = [asyncio.create_task(part) for part in (_receive(satellite, playing), _send(satellite, recording))]
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


async def _pacat(*arguments: str) -> Process:
    sound = ("--raw", "--format=s16le", "--channels=1", "--latency-msec=30")
    return await asyncio.create_subprocess_exec("pacat", *arguments, *sound, stdin=PIPE, stdout=PIPE, stderr=DEVNULL)


async def _receive(satellite: AsyncTcpClient, playing: Process) -> None:
    """Play the satellite's microphone into the virtual device."""
    assert playing.stdin is not None
    converter = AudioChunkConverter(rate=RATE, width=2, channels=1)
    while (event := await satellite.read_event()) is not None:
        if AudioChunk.is_type(event.type):
            playing.stdin.write(converter.convert(AudioChunk.from_event(event)).audio)
            await playing.stdin.drain()
        elif Ping.is_type(event.type):
            await satellite.write_event(Pong(text=Ping.from_event(event).text).event())


async def _send(satellite: AsyncTcpClient, recording: Process) -> None:
    """Send the output of the virtual device to the satellite, one utterance at a time without the silence between."""
    assert recording.stdout is not None
    silence, quiet = bytes(2 * _BLOCK), _END_OF_SPEECH_BLOCKS
    sound = {"rate": SPEAKER_RATE, "width": 2, "channels": 1}
    while True:
        try:
            block = await recording.stdout.readexactly(2 * _BLOCK)
        except asyncio.IncompleteReadError:
            raise OSError("the sound server has gone") from None
        before, quiet = quiet, 0 if block != silence else min(quiet + 1, _END_OF_SPEECH_BLOCKS)
        if quiet < _END_OF_SPEECH_BLOCKS:
            if before == _END_OF_SPEECH_BLOCKS:
                await satellite.write_event(AudioStart(**sound).event())
            await satellite.write_event(AudioChunk(**sound, audio=block).event())
        elif before < _END_OF_SPEECH_BLOCKS:
            await satellite.write_event(AudioStop().event())
