"""Chooses a sound device by its number, its name or a part of its name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from nightvoice.errors import NightvoiceError

Kind = Literal["input", "output"]
DeviceSpec = str | int | None
"""A device's number, its name or a part of its name; None for the default."""
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
    else:
        name = spec.casefold()
        matches = [device for device in candidates if device.name.casefold() == name] or [
            device for device in candidates if name in device.name.casefold()
        ]
    if not matches:
        raise NightvoiceError(f"no {kind_name} {spec!r}; there are: {listed} (set audio.{kind}_device)")
    if len(matches) > 1:
        raise NightvoiceError(f"{kind_name} {spec!r} could be several of: {listed} (set audio.{kind}_device to one)")
    return matches[0]
