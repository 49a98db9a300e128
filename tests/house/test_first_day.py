"""The command line before the first night, and what it says first."""

import re
import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from nightvoice.audio.devices.spec import Device
from nightvoice.cli import app, questions
from nightvoice.cli.commands import PANELS
from nightvoice.cli.period import parse_date
from nightvoice.config.reader import load_config
from nightvoice.diary.store import Diary
from nightvoice.errors import NightvoiceError

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run commands on a machine without configuration and diary."""
    for folder in ("CONFIG", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{folder}_HOME", str(tmp_path / folder))
    return lambda *words: CliRunner().invoke(app, words)


def refused(result: Result) -> NightvoiceError:
    assert isinstance(result.exception, NightvoiceError)
    return result.exception


@pytest.mark.parametrize("words", [["summary"], ["episodes", "list"], ["patterns"]])
def test_before_the_first_night_the_first_step_is_told(run: Run, words: list[str]) -> None:
    error = refused(run(*words))
    assert error.exit_code == 0
    assert "nightvoice setup" in str(error)
    assert "nightvoice run" in str(error)


def test_programs_and_changes_are_told_that_there_is_no_diary(run: Run) -> None:
    for words in (["summary", "--format", "json"], ["episodes", "list", "--json"], ["episodes", "delete", "1"]):
        assert refused(run(*words)).exit_code == 2


def test_refused_commands_leave_no_diary(run: Run, tmp_path: Path) -> None:
    for words in (["recover", str(tmp_path / "missing")], ["episodes", "import", str(tmp_path / "missing")]):
        assert refused(run(*words)).exit_code == 2
    assert not list(tmp_path.rglob("*.sqlite"))


@pytest.mark.parametrize("content", [b"", b"{", b"a;b\n1;2\n", b'{"resourceType": "Bundle"}', b"\0" * 5000])
def test_files_that_are_no_diary_leave_no_diary(run: Run, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "strange"
    file.write_bytes(content)
    for command in (["recover"], ["episodes", "import"]):
        assert refused(run(*command, str(file))).exit_code == 2
    assert not list(tmp_path.rglob("diary.sqlite*"))


def test_a_file_that_cannot_be_recovered_keeps_no_other_from_it(run: Run, tmp_path: Path) -> None:
    with Diary.open(str(tmp_path / "good")) as diary:
        diary.append("episode_opened", datetime(2026, 3, 2, 2, tzinfo=UTC), {"site": "calf", "side": "left"})
    (tmp_path / "bad").write_bytes(b"no diary")
    result = run("recover", str(tmp_path / "bad"), str(tmp_path / "good"))
    assert "bad" in str(refused(result))
    assert "1 event of 1 cramp recovered" in result.output


def test_what_could_not_be_recovered_is_counted_and_ends_with_one(run: Run, tmp_path: Path) -> None:
    with Diary.open(str(tmp_path / "bad")) as diary:
        for hour in (2, 3):
            diary.append("episode_opened", datetime(2026, 3, 2, hour, tzinfo=UTC), {"site": "calf"})
            diary.append("episode_closed", datetime(2026, 3, 2, hour, 5, tzinfo=UTC), {"outcome": "gone"})
    with sqlite3.connect(tmp_path / "bad") as sql:
        sql.execute("UPDATE events SET data = 'no JSON' WHERE seq = 1")
    result = run("recover", str(tmp_path / "bad"))
    assert "2 events of 1 cramp recovered; 0 were there already" in result.output
    assert refused(result).exit_code == 1
    assert str(result.exception).endswith("bad: 2 events could not be read")


def test_the_list_names_the_arch_of_the_foot(run: Run) -> None:
    night = str(date.today() - timedelta(2))  # after midnight, 03:12 of yesterday's night lies ahead
    run("episodes", "add", "--time", "03:12", "--night", night, "--site", "foot", "--side", "left")
    assert "left arch of the foot" in run("episodes", "list").output


def test_a_backup_needs_its_folder(run: Run, tmp_path: Path) -> None:
    with Diary.open(str(tmp_path / "book")):
        pass
    error = refused(run("backup", str(tmp_path / "stick" / "copy"), "--diary", str(tmp_path / "book")))
    assert "there is no folder" in str(error)
    assert not (tmp_path / "stick").exists()


def test_doctor_makes_no_diary_and_ends_with_a_verdict(run: Run, tmp_path: Path) -> None:
    from nightvoice.cli.doctor import storage
    from nightvoice.config.schema import Config

    run("profile")
    assert storage.diary(Config()).endswith("begins with the first night")
    assert storage.last_night(Config()) == "it did not listen"
    assert not list(tmp_path.rglob("*.sqlite"))


def test_a_country_is_one(run: Run) -> None:
    for code in ("ZZ", "Narnia"):
        assert "no country has this code" in str(refused(run("profile", "set", f"country={code}")))
    assert run("profile", "set", "country=gb").output == "country: gb\n"


def test_profile_says_what_it_changed(run: Run) -> None:
    assert run("profile", "set", "diabetes", "country=GB").output == "diabetes: yes\ncountry: GB\n"
    assert run("profile", "unset", "diabetes").output == "diabetes: removed\n"


def test_days_may_be_named() -> None:
    assert parse_date("--night", "yesterday") == date.today() - timedelta(1)
    assert parse_date("--night", "Today") == date.today()
    with pytest.raises(NightvoiceError, match="is not a date; write 2026-03-01, today or yesterday"):
        parse_date("--night", "last week")


def test_help_lists_every_command_once(run: Run) -> None:
    named = [name for names in PANELS.values() for name in names]
    listed = re.findall(r"^  ([a-z]+)  ", run("--help").output, flags=re.M)
    assert listed == named
    assert len(set(named)) == len(named)


def test_four_questions_are_kept(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    devices = [Device(0, "USB microphone", 1, 0, 16000), Device(1, "Speaker", 0, 2, 48000)]
    monkeypatch.setattr("nightvoice.audio.devices.listing.list_devices", lambda: devices)
    spoken: list[str] = []
    monkeypatch.setattr("nightvoice.speaking.say.say_aloud", spoken.append)
    app = typer.Typer()
    app.command()(questions.ask)
    run("profile")
    answers = ["9", "1", "0", "louder", "yes", "ZZ", "IE", "y", "y", "n", "n", "n", "n", "n", "n", "n", "n", "n"]
    told = CliRunner().invoke(app, input="\n".join(answers)).output
    config = load_config()
    assert config.audio.input_device == "USB microphone"
    assert config.audio.output_device is None
    assert (config.audio.night_volume, len(spoken)) == (0.5, 2)
    assert (config.safety.country, config.profile.conditions) == ("IE", {"fall_risk"})
    assert "number from 0 to 1" in told
    assert "no country has this code" in told
