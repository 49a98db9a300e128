"""Devices are found by name, also on another ALSA card after they were unplugged."""

import json

import pytest

from nightvoice.audio.devices.spec import Device, DeviceSpec, choose_device, spec_to_reopen
from nightvoice.errors import NightvoiceError

HDA = "HDA Intel PCH: ALC257 (hw:0,0)"
USB = "USB PnP Sound Device: Audio"


def devices(*names: str) -> list[Device]:
    return [Device(number, name, 1, 1, 48000) for number, name in enumerate(names)]


def chosen(names: list[str], spec: DeviceSpec) -> str:
    return choose_device(devices(*names), spec, "input").name


@pytest.mark.parametrize("spec", ["USB PnP", f"{USB} (hw:1,0)", USB, 1])
@pytest.mark.parametrize(
    ("now", "found"),
    [
        ([HDA, f"{USB} (hw:3,0)"], f"{USB} (hw:3,0)"),
        ([f"{USB} (hw:1,0)", HDA], f"{USB} (hw:1,0)"),
        ([HDA, f"{USB} (hw:2,0)", f"{USB} (hw:1,0)"], f"{USB} (hw:1,0)"),
        ([HDA, f"{USB} (hw:2,0)", f"{USB} (hw:3,0)"], f"{USB} (hw:2,0)"),
    ],
    ids=["another card", "another number", "with a twin", "with a twin, on another card"],
)
def test_a_device_that_was_unplugged_is_found_again(spec: DeviceSpec, now: list[str], found: str) -> None:
    used = choose_device(devices(HDA, f"{USB} (hw:1,0)"), spec, "input")
    again = json.loads(json.dumps(spec_to_reopen(used, spec)))  # as the worker gets it
    assert chosen(now, again) == found
    with pytest.raises(NightvoiceError, match="no microphone"):
        chosen([HDA], again)


def test_the_default_stays_the_default() -> None:
    assert spec_to_reopen(devices(USB)[0], None) is None


def test_a_configured_name_fits_on_another_card_but_twins_are_a_question() -> None:
    assert chosen([HDA, f"{USB} (hw:4,0)"], f"{USB} (hw:1,0)") == f"{USB} (hw:4,0)"
    with pytest.raises(NightvoiceError, match="could be several of: 0: USB"):
        chosen([f"{USB} (hw:2,0)", f"{USB} (hw:3,0)"], USB)
    assert chosen([f"{USB} (hw:2,0)", f"{USB} (hw:3,0)"], f"{USB} (hw:3,0)") == f"{USB} (hw:3,0)"
