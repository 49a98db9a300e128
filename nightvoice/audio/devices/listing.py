"""What sound devices there are now."""

import json
from typing import Final

from nightvoice.audio.devices.spec import Device, DeviceSpec, Kind, choose
from nightvoice.audio.devices.worker import DEVICES
from nightvoice.audio.devices.worker_client import WorkerClient
from nightvoice.errors import NightvoiceError

PATIENCE_S: Final = 0.5
"""An open device that gives or takes nothing for so long counts as deaf or mute."""
STALL_S: Final = 1.5
"""One that does so for so long is opened again."""
START_S: Final = 8.0
"""How long a device may take from being opened to its first sound."""


def list_devices() -> list[Device]:
    """Every device, in PortAudio's order. Raises NightvoiceError where the sound library cannot tell."""
    link = WorkerClient("list")
    try:
        message = link.receive(START_S)
    finally:
        link.close()
    if message is None:
        raise NightvoiceError("the sound system does not answer: is another program blocking it?")
    assert message.startswith(DEVICES)
    return [Device(**entry) for entry in json.loads(message[1:])]


def find(wanted: DeviceSpec, kind: Kind) -> Device:
    """The microphone or loudspeaker that ``wanted`` means. Raises NightvoiceError that lists what there is."""
    return choose(list_devices(), wanted, kind)


def has_microphone(wanted: DeviceSpec = None) -> bool:
    """Whether there is a microphone that gives sound now."""
    from nightvoice.audio.devices.microphone import CaptureStream  # noqa: PLC0415 (it needs this module)

    microphone = CaptureStream(wanted)
    try:
        microphone.wait()
    except NightvoiceError:
        return False
    finally:
        microphone.close()
    return True
