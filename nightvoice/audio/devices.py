"""Sound devices by name or number."""

import atexit
import ctypes
import ctypes.util
import threading
from dataclasses import dataclass
from typing import Any, Final, Literal

from nightvoice.errors import NightvoiceError

PATIENCE_S: Final = 0.5
"""An open device that gives or takes nothing for so long is taken for dead."""
START_S: Final = 3.0
"""A device that gives or takes nothing for so long after it was opened does not work."""
Kind = Literal["input", "output"]
_THING: Final = {"input": "microphone", "output": "loudspeaker"}


@dataclass(frozen=True, slots=True)
class Device:
    """One entry of PortAudio's list."""

    index: int
    name: str
    inputs: int
    outputs: int
    rate: int
    """Its own default, samples a second."""

    def channels(self, kind: Kind) -> int:
        return self.inputs if kind == "input" else self.outputs


def portaudio() -> Any:
    """The module sounddevice. Raises NightvoiceError where the PortAudio library is missing."""
    _quiet_alsa()
    try:
        import sounddevice  # noqa: PLC0415 (loading it opens the sound system: only where sound is wanted)
    except OSError as error:
        raise NightvoiceError(f"no sound: {error}; install the package libportaudio2") from error
    return sounddevice


def list_devices() -> list[Device]:
    """Every device, in PortAudio's order (as it was when the program began or ``reread``)."""
    return [
        Device(
            index,
            str(entry["name"]),
            int(entry["max_input_channels"]),
            int(entry["max_output_channels"]),
            round(entry["default_samplerate"]),
        )
        for index, entry in enumerate(portaudio().query_devices())
    ]


def find(wanted: str | int | None, kind: Kind) -> Device:
    """The microphone or loudspeaker that ``wanted`` means: its number, its name or a part of it, None for the default.

    Raises NightvoiceError that lists what there is.
    """
    candidates = [device for device in list_devices() if device.channels(kind) > 0]
    thing = _THING[kind]
    if not candidates:
        raise NightvoiceError(f"no {thing} found: plug one in, then run: nightvoice doctor")
    there = "; ".join(f"{device.index}: {device.name}" for device in candidates)
    if wanted is None:
        default = _default_index(kind)
        matches = [device for device in candidates if device.index == default] or candidates[:1]
    elif isinstance(wanted, int):
        matches = [device for device in candidates if device.index == wanted]
    else:
        name = wanted.casefold()
        matches = [device for device in candidates if device.name.casefold() == name] or [
            device for device in candidates if name in device.name.casefold()
        ]
    if not matches:
        raise NightvoiceError(f"no {thing} {wanted!r}; there are: {there} (set audio.{kind}_device)")
    if len(matches) > 1:
        raise NightvoiceError(f"{thing} {wanted!r} could be several of: {there} (set audio.{kind}_device to one)")
    return matches[0]


def has_microphone(wanted: str | int | None = None) -> bool:
    """Whether there is a microphone that gives sound now."""
    heard = threading.Event()
    try:
        sd = portaudio()
        device = find(wanted, "input")
        rate, channels = settings(device, "input", rates=())
        with sd.InputStream(
            device=device.index, samplerate=rate, channels=channels, dtype="int16", callback=lambda *_: heard.set()
        ):
            return heard.wait(START_S)
    except (NightvoiceError, sd.PortAudioError):
        return False


def settings(device: Device, kind: Kind, rates: tuple[int, ...]) -> tuple[int, int]:
    """(rate, channels) that ``device`` takes: one of ``rates``, else its own; mono, else stereo.

    Raises NightvoiceError where it takes none (it is gone, or in use by another program).
    """
    sd = portaudio()
    check = sd.check_input_settings if kind == "input" else sd.check_output_settings
    dtype = "int16" if kind == "input" else "float32"
    reason = ""
    for rate in (*rates, device.rate):
        for channels in (1, 2):
            try:
                check(device=device.index, samplerate=rate, channels=channels, dtype=dtype)
            except (sd.PortAudioError, ValueError) as error:
                reason = str(error)
            else:
                return rate, channels
    raise NightvoiceError(
        f"{_THING[kind]} {device.name!r} cannot be opened ({reason}): is it plugged in and free? Run: nightvoice doctor"
    )


def reread() -> None:
    """Have PortAudio look again which devices there are: it does so by itself only once. Every open stream ends."""
    sd = portaudio()
    try:
        sd._terminate()
        sd._initialize()
    except sd.PortAudioError as error:
        raise NightvoiceError(f"the sound system cannot be opened ({error})") from error


def close(stream: Any) -> None:
    """Close ``stream``, dead or alive."""
    # Closing a running stream cancels PortAudio's thread, which may be waiting for the interpreter's lock just then:
    # that lock is never free again. Stopping it first lets the thread end by itself.
    stream.stop(ignore_errors=True)
    stream.close(ignore_errors=True)


def abandon() -> None:
    """Leave a sound library that hangs alone for ever, also when the program ends."""
    atexit.unregister(portaudio()._exit_handler)


def _default_index(kind: Kind) -> int | None:
    sd = portaudio()
    try:
        return int(sd.query_devices(kind=kind)["index"])
    except (sd.PortAudioError, ValueError):
        return None


_ALSA_HANDLER = ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p)(
    lambda *_: None
)


def _quiet_alsa() -> None:
    """Keep ALSA from printing a page about devices that this machine does not have; failures are reported by us."""
    library = ctypes.util.find_library("asound")
    if library is not None:
        ctypes.CDLL(library).snd_lib_error_set_handler(_ALSA_HANDLER)
