"""Chooses a sound device by its number, its name or a part of its name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from nightvoice.errors import NightvoiceError

Kind = Literal["input", "output"]
DeviceSpec = str | int | Sequence[str] | None
"""A device's number, its name or a part of its name; None for the default. Several names, the best first, name a device
that was in use before: the first device that fits is taken, even if others fit too."""
KIND_NAMES: Final = {"input": "microphone", "output": "loudspeaker"}


@dataclass(frozen=True, slots=True)
class Device:
    """One entry of PortAudio's list."""

    index: int
    name: str
    inputs: int
    outputs: int
    rate: int
    """Default sample rate in Hz."""
    default_input: bool = False
    default_output: bool = False

    def channels(self, kind: Kind) -> int:
        return self.inputs if kind == "input" else self.outputs

    def is_default(self, kind: Kind) -> bool:
        return self.default_input if kind == "input" else self.default_output


def choose_device(devices: Sequence[Device], spec: DeviceSpec, kind: Kind) -> Device:
    """Return the microphone or loudspeaker that ``spec`` names. Raises NightvoiceError listing those available."""
    candidates = [device for device in devices if device.channels(kind) > 0]
    kind_name = KIND_NAMES[kind]
    if not candidates:
        raise NightvoiceError(f"no {kind_name} found: plug one in, then run: nightvoice doctor")
    listed = "; ".join(f"{device.index}: {device.name}" for device in candidates)
    if spec is None:
        matches = [device for device in candidates if device.is_default(kind)] or candidates[:1]
    elif isinstance(spec, int):
        matches = [device for device in candidates if device.index == spec]
    elif isinstance(spec, str):
        matches = _named(candidates, spec)
    else:
        # Better the other of two devices of one name than none.
        matches = [device for name in spec for device in _named(candidates, name)][:1]
    if not matches:
        raise NightvoiceError(f"no {kind_name} {spec!r}; there are: {listed} (set audio.{kind}_device)")
    if len(matches) > 1:
        raise NightvoiceError(f"{kind_name} {spec!r} could be several of: {listed} (set audio.{kind}_device to one)")
    return matches[0]


def spec_to_reopen(device: Device, spec: DeviceSpec) -> DeviceSpec:
    """Return the spec that finds ``device``, opened as ``spec``, after it was unplugged.

    Numbers change when something is plugged in or out, and so does the ALSA card in a name.
    """
    if spec is None:
        return None
    return (device.name, spec) if isinstance(spec, str) else (device.name,)


def _named(devices: Sequence[Device], name: str) -> list[Device]:
    """Return the devices with this name; if there is none, with this name on another card; else with it as a part."""
    wanted, plain = name.casefold(), _without_card(name)
    return (
        [device for device in devices if device.name.casefold() == wanted]
        or [device for device in devices if _without_card(device.name) == plain]
        or [device for device in devices if wanted in device.name.casefold()]
    )


def _without_card(name: str) -> str:
    """Return ``name`` without the place that ALSA gave the device, like ``(hw:1,0)``."""
    return re.sub(r"\s*\(hw:\d+,\d+\)$", "", name).casefold()
