"""Lists and finds the connected sound devices."""

import json

from nightvoice.audio.devices.microphone import CaptureStream
from nightvoice.audio.devices.spec import Device, DeviceSpec, Kind, choose_device
from nightvoice.audio.devices.timeouts import START_S
from nightvoice.audio.devices.worker import DEVICES
from nightvoice.audio.devices.worker_client import WorkerClient
from nightvoice.errors import NightvoiceError


def list_devices() -> list[Device]:
    """Return every device, in PortAudio's order. Raises NightvoiceError if the sound library cannot list them."""
    client = WorkerClient("list")
    try:
        message = client.receive(START_S)
    finally:
        client.close()
    if message is None:
        raise NightvoiceError("the sound system does not answer: is another program blocking it?")
    assert message.startswith(DEVICES)
    return [Device(**entry) for entry in json.loads(message[1:])]


def find_device(spec: DeviceSpec, kind: Kind) -> Device:
    """Return the microphone or loudspeaker that ``spec`` names. Raises NightvoiceError listing those available."""
    return choose_device(list_devices(), spec, kind)


def has_microphone(spec: DeviceSpec = None) -> bool:
    """Whether a microphone delivers sound now."""
    microphone = CaptureStream(spec)
    try:
        microphone.wait()
    except NightvoiceError:
        return False
    finally:
        microphone.close()
    return True
