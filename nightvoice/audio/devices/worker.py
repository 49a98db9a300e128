"""The process that holds the sound library: ``python -m nightvoice.audio.devices.worker FD TASK SPEC``.

PortAudio and ALSA may hang in any call or kill their process, so they run in a separate one. A new process also sees a
fresh list of devices. TASK is list, input or output; SPEC is the DeviceSpec in JSON. Over the socket FD the worker
sends ``multiprocessing.connection`` messages that start with a type byte (below). It exits with its parent.
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

from nightvoice.audio.devices.jack import restart_on_hang
from nightvoice.audio.devices.monitor_source_watch import watch_for_monitors
from nightvoice.audio.devices.spec import KIND_NAMES, Device, DeviceSpec, Kind, choose_device
from nightvoice.errors import NightvoiceError

DEVICES: Final = b"D"
"""JSON: the list of devices."""
OPENED: Final = b"O"
"""JSON: ``device``, ``rate``, ``channels``, ``latency`` (seconds)."""
SOUND: Final = b"S"
"""Captured samples: one byte with the number of losses before them, then int16 samples of all channels."""
MORE: Final = b"M"
"""Request for the loudspeaker's next block; the answer is float32 samples of all channels, without a type byte."""
FAILED: Final = b"F"
"""The reason why the worker exits: one line to show to the user."""

RATES: Final = {"input": 16_000, "output": 48_000}
"""Preferred sample rates in Hz; a device that does not support them is opened at its default rate."""
BLOCK_S: Final = {"input": 0.032, "output": 0.01}
CHANNELS: Final = {"input": (2, 1, 4, 6, 8), "output": (1, 2)}
"""Numbers of channels to try, the best first. A stereo microphone opened as mono is deaf in one ear, or the sum of two
that may cancel each other."""
DTYPES: Final = {"input": "int16", "output": "float32"}
_MAX_BACKLOG: Final = round(4 / BLOCK_S["input"])
"""Most captured blocks kept for a busy parent, besides some seconds in the socket's buffer; then the oldest is lost."""


def main(fd: int, task: str, spec: DeviceSpec) -> None:
    connection = Connection(fd)
    threading.Thread(target=_exit_with_parent, args=[fd], daemon=True).start()
    try:
        if task == "list":
            connection.send_bytes(DEVICES + json.dumps([asdict(device) for device in _devices()]).encode())
        elif task == "input":
            _capture(connection, spec)
        else:
            _play(connection, spec)
    except NightvoiceError as error:
        connection.send_bytes(FAILED + str(error).encode())
    os._exit(0)  # closing a dead device may hang


def _exit_with_parent(fd: int) -> None:
    poll = select.poll()
    poll.register(fd, 0)
    poll.poll()
    os._exit(0)


@cache
def _portaudio() -> Any:
    try:
        with restart_on_hang():
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


def _open(connection: Connection, spec: DeviceSpec, kind: Kind) -> Any:
    """Start a stream in PortAudio's blocking mode and report it with OPENED."""
    sd = _portaudio()
    device = choose_device(_devices(), spec, kind)
    rate, channels = _supported_format(device, kind)
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


def _supported_format(device: Device, kind: Kind) -> tuple[int, int]:
    """Return the (rate, channels) to open: the preferred rate, else the device's default, and CHANNELS.

    Some microphone arrays open only with all of their channels.
    """
    sd = _portaudio()
    check = sd.check_input_settings if kind == "input" else sd.check_output_settings
    reason = ""
    for rate in (RATES[kind], device.rate):
        for channels in dict.fromkeys([*CHANNELS[kind], device.channels(kind)]):
            try:
                check(device=device.index, samplerate=rate, channels=channels, dtype=DTYPES[kind])
            except (sd.PortAudioError, ValueError) as error:
                reason = str(error)
            else:
                return rate, channels
    raise _unusable(device, kind, reason)


def _unusable(device: Device, kind: Kind, reason: str) -> NightvoiceError:
    return NightvoiceError(
        f"{KIND_NAMES[kind]} {device.name!r} cannot be opened ({reason}): is it plugged in and free? "
        "Run: nightvoice doctor"
    )


def _capture(connection: Connection, spec: DeviceSpec) -> None:
    stream = _open(connection, spec, "input")
    monitored = threading.Event()
    watch_for_monitors(monitored.set)
    backlog: queue.Queue[bytes] = queue.Queue(_MAX_BACKLOG)
    sender = threading.Thread(target=_send, args=[connection, backlog], daemon=True)
    sender.start()
    losses = 0
    try:
        while not monitored.is_set():
            sound, lost = stream.read(stream.blocksize)
            losses += lost
            if backlog.full():
                backlog.get_nowait()
                losses += 1
            backlog.put_nowait(SOUND + bytes([min(losses, 255)]) + bytes(sound))
            losses = 0
        reason = "the sound server gives the loudspeaker's own sound in its place"
    except _portaudio().PortAudioError as error:
        reason = str(error)
    backlog.put(b"")
    sender.join()
    raise NightvoiceError(f"the microphone is gone ({reason})")


def _send(connection: Connection, backlog: queue.Queue[bytes]) -> None:
    """Send blocks from ``backlog`` until an empty one comes."""
    while message := backlog.get():
        connection.send_bytes(message)


def _play(connection: Connection, spec: DeviceSpec) -> None:
    stream = _open(connection, spec, "output")
    try:
        while True:
            connection.send_bytes(MORE)
            stream.write(connection.recv_bytes())
    except _portaudio().PortAudioError as error:
        raise NightvoiceError(f"the loudspeaker takes no more sound ({error})") from error


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3]))
