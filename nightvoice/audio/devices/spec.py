"""Which of the sound devices is meant."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from nightvoice.errors import NightvoiceError

Kind = Literal["input", "output"]
DeviceSpec = str | int | None
"""A device's number, its name or a part of it; None for the default."""
THING: Final = {"input": "microphone", "output": "loudspeaker"}


@dataclass(frozen=True, slots=True)
class Device:
    """One entry of PortAudio's list."""

    index: int
    name: str
    inputs: int
    outputs: int
    rate: int
    """Its own default, samples a second."""
    default_input: bool = False
    default_output: bool = False

    def channels(self, kind: Kind) -> int:
        return self.inputs if kind == "input" else self.outputs

    def is_default(self, kind: Kind) -> bool:
        return self.default_input if kind == "input" else self.default_output


def choose(devices: Sequence[Device], wanted: DeviceSpec, kind: Kind) -> Device:
    """The microphone or loudspeaker that ``wanted`` means. Raises NightvoiceError that lists what there is."""
    candidates = [device for device in devices if device.channels(kind) > 0]
    thing = THING[kind]
    if not candidates:
        raise NightvoiceError(f"no {thing} found: plug one in, then run: nightvoice doctor")
    there = "; ".join(f"{device.index}: {device.name}" for device in candidates)
    if wanted is None:
        matches = [device for device in candidates if device.is_default(kind)] or candidates[:1]
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
