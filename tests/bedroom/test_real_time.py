"""Five minutes in real time through real PortAudio, beside all other tests."""

import json
import subprocess

import pytest

from tests.bedroom.real_time import SECONDS

pytestmark = [pytest.mark.bedroom, pytest.mark.beside]


@pytest.mark.timeout(900)
def test_no_frame_is_lost_in_five_minutes_on_a_busy_machine(night_beside: subprocess.Popen[str]) -> None:
    told, errors = night_beside.communicate(timeout=800)
    assert night_beside.returncode == 0, errors
    night = json.loads(told)
    assert night["lost"] == 0
    assert night["seconds"] > 0.8 * SECONDS
    assert night["events"]["heard"] > 0, "it heard what sounded"
