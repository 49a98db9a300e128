"""The process in which the sound library lives: ``python -m nightvoice.audio.devices.worker FD TASK WANTED``.

PortAudio and ALSA may hang in any call, or end their process: here they can take nothing with them. A new process also
has a fresh list of the devices. It speaks over the socket FD, in messages of ``multiprocessing.connection`` whose first
byte says what they are (below), and ends when the other side is gone. TASK is list, input or output; WANTED, in JSON,
the device.
"""

import json
import os
import queue
import select
import sys
import threading
from dataclasses import asdict
from functools import cache
from multiprocessing.connection import Connection
from typing import Any, Final

from nightvoice.audio.devices.jack import unlocked
from nightvoice.audio.devices.monitor_source_watch import watch_for_monitors
from nightvoice.audio.devices.spec import THING, Device, DeviceSpec, Kind, choose
from nightvoice.errors import NightvoiceError

DEVICES: Final = b"D"
"""JSON: the list of devices."""
OPENED: Final = b"O"
"""JSON: ``device``, ``rate``, ``channels``, ``latency`` (seconds)."""
SOUND: Final = b"S"
"""From the microphone: a byte that counts the losses before it, then int16 samples of all channels."""
MORE: Final = b"M"
"""The loudspeaker wants its next block: float32 samples of all channels, without a first byte."""
FAILED: Final = b"F"
"""Why this process ends: one line for people."""

RATES: Final = {"input": 16_000, "output": 48_000}
"""At which a device is opened, samples a second; one that does not take it is opened at its own."""
BLOCK_S: Final = {"input": 0.032, "output": 0.01}
DTYPES: Final = {"input": "int16", "output": "float32"}
_WAITING: Final = round(4 / BLOCK_S["input"])
"""Blocks kept for a listener that is busy, beside some seconds that the socket takes; then the oldest is dropped."""


def main(fd: int, task: str, wanted: DeviceSpec) -> None:
    connection = Connection(fd)
    threading.Thread(target=_end_with_the_other_side, args=[fd], daemon=True).start()
    try:
        if task == "list":
            connection.send_bytes(DEVICES + json.dumps([asdict(device) for device in _devices()]).encode())
        elif task == "input":
            _capture(connection, wanted)
        else:
            _play(connection, wanted)
    except NightvoiceError as error:
        connection.send_bytes(FAILED + str(error).encode())
    os._exit(0)  # closing what is dead may take for ever


def _end_with_the_other_side(fd: int) -> None:
    poll = select.poll()
    poll.register(fd, 0)
    poll.poll()
    os._exit(0)


@cache
def _portaudio() -> Any:
    try:
        with unlocked():
            import sounddevice  # noqa: PLC0415 (loading it opens the sound system)
    except OSError as error:
        raise NightvoiceError(f"no sound: {error}; install the package libportaudio2") from error
    return sounddevice


def _devices() -> list[Device]:
    sd = _portaudio()
    try:
        first_input, first_output = (_default(kind) for kind in ("input", "output"))
        return [
            Device(
                index,
                str(entry["name"]),
                int(entry["max_input_channels"]),
                int(entry["max_output_channels"]),
                round(entry["default_samplerate"]),
                index == first_input,
                index == first_output,
            )
            for index, entry in enumerate(sd.query_devices())
        ]
    except sd.PortAudioError as error:
        raise NightvoiceError(f"the sound system cannot be opened ({error})") from error


def _default(kind: str) -> int | None:
    sd = _portaudio()
    try:
        return int(sd.query_devices(kind=kind)["index"])
    except (sd.PortAudioError, ValueError):
        return None


def _open(connection: Connection, wanted: DeviceSpec, kind: Kind) -> Any:
    """A running stream in PortAudio's blocking mode; what was opened is told."""
    sd = _portaudio()
    device = choose(_devices(), wanted, kind)
    rate, channels = _settings(device, kind)
    make = sd.RawInputStream if kind == "input" else sd.RawOutputStream
    try:
        stream = make(
            device=device.index,
            samplerate=rate,
            channels=channels,
            dtype=DTYPES[kind],
            blocksize=round(BLOCK_S[kind] * rate),
            latency="low",
        )
        stream.start()
    except sd.PortAudioError as error:
        raise _unusable(device, kind, str(error)) from error
    opened = {"device": asdict(device), "rate": rate, "channels": channels, "latency": stream.latency}
    connection.send_bytes(OPENED + json.dumps(opened).encode())
    return stream


def _settings(device: Device, kind: Kind) -> tuple[int, int]:
    """(rate, channels) that it takes: the wished rate, else its own; mono, else stereo."""
    sd = _portaudio()
    check = sd.check_input_settings if kind == "input" else sd.check_output_settings
    reason = ""
    for rate in (RATES[kind], device.rate):
        for channels in (1, 2):
            try:
                check(device=device.index, samplerate=rate, channels=channels, dtype=DTYPES[kind])
            except (sd.PortAudioError, ValueError) as error:
                reason = str(error)
            else:
                return rate, channels
    raise _unusable(device, kind, reason)


def _unusable(device: Device, kind: Kind, reason: str) -> NightvoiceError:
    return NightvoiceError(
        f"{THING[kind]} {device.name!r} cannot be opened ({reason}): is it plugged in and free? Run: nightvoice doctor"
    )


def _capture(connection: Connection, wanted: DeviceSpec) -> None:
    stream = _open(connection, wanted, "input")
    moved = threading.Event()
    watch_for_monitors(moved.set)
    waiting: queue.Queue[bytes] = queue.Queue(_WAITING)
    sender = threading.Thread(target=_send, args=[connection, waiting], daemon=True)
    sender.start()
    losses = 0
    try:
        while not moved.is_set():
            sound, lost = stream.read(stream.blocksize)
            losses += lost
            if waiting.full():
                waiting.get_nowait()
                losses += 1
            waiting.put_nowait(SOUND + bytes([min(losses, 255)]) + bytes(sound))
            losses = 0
        reason = "the sound server gives the loudspeaker's own sound in its place"
    except _portaudio().PortAudioError as error:
        reason = str(error)
    waiting.put(b"")
    sender.join()
    raise NightvoiceError(f"the microphone is gone ({reason})")


def _send(connection: Connection, waiting: queue.Queue[bytes]) -> None:
    """Until an empty one comes."""
    while message := waiting.get():
        connection.send_bytes(message)


def _play(connection: Connection, wanted: DeviceSpec) -> None:
    stream = _open(connection, wanted, "output")
    try:
        while True:
            connection.send_bytes(MORE)
            stream.write(connection.recv_bytes())
    except _portaudio().PortAudioError as error:
        raise NightvoiceError(f"the loudspeaker takes no more sound ({error})") from error


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3]))
