"""``nightvoice summary`` and ``nightvoice episodes`` over a real diary."""

import csv
import io
import json
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from nightvoice.cli import episodes
from nightvoice.cli.backup import backup
from nightvoice.cli.summary import summary
from nightvoice.diary.store import Diary
from nightvoice.errors import NightvoiceError

AT = datetime(2026, 3, 2, 2, 13, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Create a diary of one night at the default path."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    file = tmp_path / "nightvoice" / "diary.sqlite"
    with Diary.open(str(file)) as diary:
        diary.listening(AT - timedelta(hours=4), AT + timedelta(hours=4))
        diary.append("episode_opened", AT, {"site": "calf", "side": "left"})
        diary.append("episode_closed", AT + timedelta(minutes=4), {"outcome": "gone"})
    return file


def run(*words: str, answer: str = "") -> Result:
    app = typer.Typer()
    app.command()(summary)
    app.command()(backup)
    app.add_typer(episodes.app, name="episodes")
    return CliRunner().invoke(app, words, input=answer)


def refusal(*words: str) -> str:
    error = run(*words).exception
    assert isinstance(error, NightvoiceError)
    assert "\n" not in str(error)
    return str(error)


def test_summary_of_a_night(file: Path) -> None:
    assert run("summary", "--night", "2026-03-01").output == (
        "The night of March 1. You had one cramp, at 2:13, in your left calf. It took four minutes.\n"
    )
    told = json.loads(run("summary", "--night", "2026-03-01", "--format", "json", "--diary", str(file)).output)
    assert (told["night"], told["listened_h"], told["cramps"]) == ("2026-03-01", 8.0, 1)


def test_summary_defaults_to_last_night(file: Path) -> None:
    now = datetime.now().astimezone()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    with Diary.open(str(file)) as diary:
        diary.listening(midnight - timedelta(hours=2), midnight + timedelta(hours=7))
    assert run("summary").output == "Good morning. I listened all night, and you told me of no cramp.\n"


def test_the_afternoon_of_a_day_sleeper_is_told(file: Path) -> None:
    now = datetime.now().astimezone()
    noon = (now - timedelta(hours=30)).replace(hour=12, minute=0, second=0, microsecond=0)
    with Diary.open(str(file), night_ends=time(18)) as diary:
        diary.append("episode_opened", noon + timedelta(hours=1.5), {"site": "calf", "side": "left"})
        diary.append("episode_closed", noon + timedelta(hours=1.6), {"outcome": "gone"})
    night = (noon - timedelta(days=1)).date().isoformat()
    assert "1:30 in the afternoon, in your left calf" in run("summary", "--night", night).output
    assert night in run("episodes", "list", "--since", night).output


def test_list(file: Path) -> None:
    lines = run("episodes", "list").output.splitlines()
    assert [line.split() for line in lines] == [
        ["no.", "night", "time", "where", "minutes", "ended", "severity"],
        ["1", "2026-03-01", "02:13", "left", "calf", "4", "gone"],
    ]
    assert [episode["id"] for episode in json.loads(run("episodes", "list", "--json").output)] == [1]
    assert run("episodes", "list", "--since", "2026-03-02").output == "No cramps in the diary since 2026-03-02.\n"


def test_editing_and_showing(file: Path) -> None:
    assert run("episodes", "edit", "1", "--severity", "6", "--notes", "[bold] hike", "--side", "").exit_code == 0
    shown = json.loads(run("episodes", "show", "1", "--json").output)
    assert (shown["severity"], shown["notes"], shown["side"], shown["site"]) == (6, "[bold] hike", None, "calf")
    page = run("episodes", "show", "1").output
    assert "6 of 10" in page
    assert "[bold] hike" in page


def test_a_cramp_is_added_by_hand(file: Path) -> None:
    more = ("--site", "calf", "--side", "left", "--severity", "6", "--minutes", "5", "--notes", "on the boat")
    added = run("episodes", "add", "--night", "2026-03-01", "--time", "3:12", *more).output
    assert added.startswith("Added as number 3, told later: Monday 2026-03-02 03:12.\n")
    assert "told later" in run("episodes", "list").output.splitlines()[2]
    shown = json.loads(run("episodes", "show", "3", "--json").output)
    assert (shown["told_later"], shown["minutes"], shown["severity"], shown["notes"]) == (True, 5.0, 6, "on the boat")
    assert (shown["onset"], shown["outcome"]) == ("2026-03-02T03:12:00+00:00", "gone")
    *_, row = csv.DictReader(io.StringIO(run("episodes", "export", "--format", "csv").output[1:]))
    assert (row["id"], row["told_later"]) == ("3", "True")
    assert run("summary", "--night", "2026-03-01").output == (
        "The night of March 1. You had two cramps. The first, at 2:13, in your left calf: it took four minutes. "
        "The second, at 3:12, in your left calf: it took five minutes. One of them you told me of later.\n"
    )


def test_time_and_length_of_a_cramp_told_later_are_edited(file: Path) -> None:
    run("episodes", "add", "--night", "2026-03-01", "--time", "3:12", "--minutes", "5")
    run("episodes", "edit", "3", "--time", "4:02", "--minutes", "20")
    shown = json.loads(run("episodes", "show", "3", "--json").output)
    assert (shown["onset"], shown["minutes"], shown["night"]) == ("2026-03-02T04:02:00+00:00", 20.0, "2026-03-01")
    assert "is not a time" in refusal("episodes", "edit", "3", "--time", "25:00")
    assert "were measured" in refusal("episodes", "edit", "1", "--minutes", "5")


def test_a_cramp_of_last_night_may_be_the_first_of_a_diary(file: Path, tmp_path: Path) -> None:
    new = ("--diary", str(tmp_path / "new.sqlite"))
    run("episodes", "add", "--time", "00:00", *new)
    (episode,) = json.loads(run("episodes", "list", "--json", *new).output)
    assert episode["ended"] is None
    assert "not said" in run("episodes", "list", *new).output
    assert run("summary", *new).output == (
        "Good morning. You had one cramp, at 12 o'clock. You did not say how long it took. You told me of it later. "
        "I was not listening last night, so there may have been more.\n"
    )


def test_deleting_asks_first(file: Path) -> None:
    assert run("episodes", "delete", "1", answer="n\n").exit_code == 1
    assert len(json.loads(run("episodes", "list", "--json").output)) == 1
    assert "Episode 1 is deleted." in run("episodes", "delete", "1", answer="y\n").output
    assert json.loads(run("episodes", "list", "--json").output) == []


def test_deleting_without_asking(file: Path) -> None:
    assert run("episodes", "delete", "1", "--yes").output.startswith("Episode 1 is deleted. ")


def test_the_csv_export_has_a_row_per_cramp(file: Path) -> None:
    run("episodes", "edit", "1", "--notes", "=HYPERLINK(1)")
    text = run("episodes", "export", "--format", "csv").output
    assert text[0] == "\ufeff", "or a spreadsheet shows é as Ã©"
    (row,) = csv.DictReader(io.StringIO(text[1:]))
    shown = json.loads(run("episodes", "show", "1", "--json").output)
    assert row.keys() == shown.keys()
    assert row["onset"] == shown["onset"] == "2026-03-02T02:13:00+00:00"
    assert (row["site"], row["minutes"], row["severity"], row["steps"]) == ("calf", "4.0", "", "[]")
    # A spreadsheet must not interpret notes as a formula.
    assert (row["notes"], shown["notes"]) == ("'=HYPERLINK(1)", "=HYPERLINK(1)")


def test_an_export_can_be_imported(file: Path, tmp_path: Path) -> None:
    (tmp_path / "all.jsonl").write_text(run("episodes", "export").output, encoding="utf-8")
    into = ("episodes", "import", str(tmp_path / "all.jsonl"), "--diary", str(tmp_path / "new.sqlite"))
    assert run(*into).output.endswith("new.sqlite: 2 events, 1 cramp.\n")
    assert run(*into).output.endswith("new.sqlite: all of it was imported before.\n")
    with Diary.open(str(file)) as old, Diary.open(str(tmp_path / "new.sqlite")) as new:
        assert new.episodes() == old.episodes()
        assert new.night(date(2026, 3, 1)) == old.night(date(2026, 3, 1))


def test_a_backup_explains_how_to_restore_it(file: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite"
    assert run("backup", str(copy)).output == (
        f"{copy}: 2 events. To restore: move the diary away, then nightvoice episodes import {copy}\n"
    )
    file.unlink()
    assert run("episodes", "import", str(copy)).output == f"{file}: 2 events, 1 cramp.\n"
    assert len(json.loads(run("episodes", "list", "--json").output)) == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("episodes", "show", "99"), "episode 99: there is none; nightvoice episodes list shows them"),
        (("episodes", "show", "first"), "episode first: is not a number; nightvoice episodes list shows them"),
        (("episodes", "export", "--format", "xml"), "--format xml: use jsonl, csv or fhir"),
        (
            ("episodes", "export", "--since", "2026-03-01"),
            "--since: jsonl always exports the whole diary; use --since with csv or fhir",
        ),
        (("episodes", "import", "nowhere.jsonl"), "nowhere.jsonl: no such file"),
        (("episodes", "edit", "1", "--severity", "12"), "severity 12: should be a whole number from 0 to 10"),
        (("episodes", "edit", "1", "--severity", "bad"), "severity 'bad': should be a whole number from 0 to 10"),
        (("episodes", "add", "--time", "3 am"), "--time 3 am: is not a time; write 03:12, or 15:12 for the afternoon"),
        (
            ("episodes", "add", "--time", "25:00"),
            "--time 25:00: is not a time; write 03:12, or 15:12 for the afternoon",
        ),
        (
            ("episodes", "add", "--time", "03:12", "--night", "2026-03-01", "--minutes", "x"),
            "minutes 'x': should be a whole number from 1 to 600",
        ),
        (
            ("episodes", "add", "--time", "02:14", "--night", "2026-03-01"),
            "the diary has a cramp at that time already: number 1, from 2026-03-02 02:13; "
            "nightvoice episodes edit 1 changes it",
        ),
        (("episodes", "edit", "1"), "nothing to change: name a field, such as --severity 6"),
        (("episodes", "list", "--since", "May"), "--since May: is not a date; write 2026-03-01, today or yesterday"),
        (
            ("summary", "--night", "2026-02-30"),
            "--night 2026-02-30: is not a date; write 2026-03-01, today or yesterday",
        ),
        (("summary", "--format", "xls"), "--format xls: use text, json, html or pdf"),
    ],
)
def test_wrong_usage_is_a_one_line_error(file: Path, words: tuple[str, ...], says: str) -> None:
    assert refusal(*words) == says


def test_a_missing_diary_is_named_and_not_created(file: Path, tmp_path: Path) -> None:
    missing = tmp_path / "missing.sqlite"
    assert refusal("summary", "--diary", str(missing)).startswith(f"diary {missing}: not there yet")
    assert not missing.exists()


def test_errors_are_one_line_with_exit_code_2(file: Path) -> None:
    command = [sys.executable, "-m", "nightvoice", "episodes", "show", "99", "--diary", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "nightvoice: episode 99: there is none; nightvoice episodes list shows them\n"
