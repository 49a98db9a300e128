"""The command line before the first night, and what it says first."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner, Result

from nightvoice.cli import app
from nightvoice.cli.help import PANELS
from nightvoice.cli.period import parse_date
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


@pytest.mark.parametrize("words", [["summary"], ["episodes", "list"]])
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


def test_profile_says_what_it_changed(run: Run) -> None:
    assert run("profile", "set", "diabetes", "country=GB").output == "diabetes: yes\ncountry: GB\n"
    assert run("profile", "unset", "diabetes").output == "diabetes: removed\n"


def test_days_may_be_named() -> None:
    assert parse_date("--night", "yesterday") == date.today() - timedelta(1)
    assert parse_date("--night", "Today") == date.today()
    with pytest.raises(NightvoiceError, match="is not a date; write 2026-03-01, today or yesterday"):
        parse_date("--night", "last week")


def test_help_lists_every_command_once_in_its_panel(run: Run) -> None:
    named = [name for names in PANELS.values() for name in names]
    assert sorted(named) == sorted(get_command(app).commands)  # type: ignore[attr-defined]
    assert "Others" not in run("--help").output
