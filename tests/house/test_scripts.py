"""Written nights that are not in order get one line: the place, the key, and the nearest right one."""

from pathlib import Path

import pytest

from nightvoice.errors import NightvoiceError
from nightvoice.rehearsal import read_script

NIGHT = "until: 9\nnight:\n  - {at: 1, say: hello}\n"


def script(folder: Path, text: str) -> Path:
    file = folder / "night.yaml"
    file.write_text(text, "utf-8")
    return file


def test_a_profile_takes_the_names_of_the_configuration(tmp_path: Path) -> None:
    written = read_script(script(tmp_path, NIGHT + "profile: {pregnant: true, kidney_disease: yes, diabetes: false}\n"))
    assert written.conditions == {"pregnant", "kidney_disease"}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (NIGHT + "profile:\n  pregnent: true\n", 'line 5: unknown key "profile.pregnent"; did you mean "pregnant"?'),
        (
            NIGHT + "profile:\n  xyzzy: true\n",
            'line 5: unknown key "profile.xyzzy"; one of fall_risk, limited_mobility',
        ),
        (NIGHT + "profile: {diabetes: perhaps}\n", "line 4: profile.diabetes: Input should be a valid boolean"),
        (NIGHT + "form: now\n", 'line 4: unknown key "form"; did you mean "from"?'),
        ("until: 9\nnight:\n  - {at: 1, sai: hello}\n", "line 3: night.0.say: Field required"),
        (
            "until: 9\nnight:\n  - {at: -1, say: hello}\n",
            "line 3: night.0.at: Input should be greater than or equal to 0",
        ),
        ("night: []\n", "night.yaml line 1: until: Field required"),
    ],
)
def test_wrong_scripts_are_one_line(tmp_path: Path, text: str, line: str) -> None:
    with pytest.raises(NightvoiceError) as error:
        read_script(script(tmp_path, text))
    assert line in str(error.value)
    assert "\n" not in str(error.value)
