"""Invalid night scripts are one-line errors with the location, the key and the nearest valid key."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nightvoice.cli import app
from nightvoice.errors import NightvoiceError
from nightvoice.rehearsal.script import read_script

NIGHT = "until: 9\nnight:\n  - {at: 1, say: hello}\n"


def script(folder: Path, text: str) -> Path:
    file = folder / "night.yaml"
    file.write_text(text, "utf-8")
    return file


def test_a_script_profile_uses_the_names_of_the_configuration(tmp_path: Path) -> None:
    written = read_script(script(tmp_path, NIGHT + "profile: {pregnant: true, kidney_disease: yes, diabetes: false}\n"))
    assert written.conditions == {"pregnant", "kidney_disease"}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (NIGHT + "profile:\n  pregnent: true\n", 'line 5: unknown key "profile pregnent"; did you mean "pregnant"?'),
        (
            NIGHT + "profile:\n  xyzzy: true\n",
            'line 5: unknown key "profile xyzzy"; one of fall_risk, limited_mobility',
        ),
        (NIGHT + "profile: {diabetes: perhaps}\n", "line 4: profile diabetes: should be a valid boolean"),
        (NIGHT + "form: now\n", 'line 4: unknown key "form"; did you mean "from"?'),
        ("until: 9\nnight:\n  - {at: 1, sai: hello}\n", 'line 3: needs the key "say"'),
        (
            "until: 9\nnight:\n  - {at: -1, say: hello}\n",
            "line 3: night entry 1 at: should be greater than or equal to 0",
        ),
        ("night: []\n", 'night.yaml: needs the key "until"'),
        ("until: 9\nnight:\n  - {say: hello}\n", "line 3: night entry 1: needs either at (seconds) or after"),
        (
            "until: 9\nnight:\n  - {say: hello, at: 1, after: you}\n",
            "line 3: night entry 1: needs either at (seconds) or after",
        ),
    ],
)
def test_an_invalid_script_is_a_one_line_error(tmp_path: Path, text: str, line: str) -> None:
    with pytest.raises(NightvoiceError) as error:
        read_script(script(tmp_path, text))
    assert line in str(error.value)
    assert "\n" not in str(error.value)


def test_words_can_wait_for_a_prompt_and_a_prompt_that_never_comes_is_reported(tmp_path: Path) -> None:
    file = script(
        tmp_path,
        """
until: 60
night:
  - {at: 1, say: cramp in my calf}
  - {after: usual cramp, say: "yes"}
  - {after: FIVE, wait: 1, say: stop}
  - {after: bananas, say: next}
""",
    )
    result = CliRunner().invoke(app, ["rehearse", "--json", "--script", str(file)], catch_exceptions=False)
    events = [json.loads(line) for line in result.stdout.splitlines()]
    heard = {event["intent"]: event["t"] for event in events if event["event"] == "heard"}
    asked = next(event["end"] for event in events if event["event"] == "said" and "usual" in event["text"])
    counted = next(event["end"] for event in events if event["event"] == "said" and event["text"] == "five")
    assert list(heard) == ["cramp", "yes", "stop"]
    assert heard["yes"] == pytest.approx(asked + 2, abs=0.1)
    assert heard["stop"] == pytest.approx(counted + 1, abs=0.1)
    assert 'nightvoice: "next" was not said: its time did not come' in result.stderr
