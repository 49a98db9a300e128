"""The list of sound devices on the page."""

from threading import Event

import pytest

from nightvoice.audio.devices.spec import Device
from nightvoice.errors import NightvoiceError
from nightvoice.web import sound_devices
from nightvoice.web.sound_devices import DeviceList

MICROPHONE = Device(0, "USB microphone", 1, 0, 48000)


def test_the_page_does_not_wait_for_the_sound_library_twice() -> None:
    may_answer = Event()
    may_answer.set()

    def connected() -> list[Device]:
        may_answer.wait()
        return [MICROPHONE]

    devices = DeviceList(connected)
    assert devices() == [MICROPHONE]
    may_answer.clear()
    assert devices() == [MICROPHONE]
    may_answer.set()


def test_an_old_list_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound_devices, "FRESH_S", 0)
    found: list[list[Device]] = [[], [MICROPHONE]]
    devices = DeviceList(lambda: found.pop(0))
    assert devices() == []
    assert devices() == [MICROPHONE]


def test_a_sound_library_that_fails_is_asked_again() -> None:
    answers: list[list[Device] | NightvoiceError] = [NightvoiceError("no sound"), [MICROPHONE]]

    def connected() -> list[Device]:
        answer = answers.pop(0)
        if isinstance(answer, NightvoiceError):
            raise answer
        return answer

    devices = DeviceList(connected)
    with pytest.raises(NightvoiceError, match="no sound"):
        devices()
    assert devices() == [MICROPHONE]
