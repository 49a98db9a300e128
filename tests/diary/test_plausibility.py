"""Files with values that no diary writes: refused or shown safely, in one line."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from nightvoice.cli import app
from nightvoice.diary import backup
from nightvoice.diary.backup import HEADER, back_up, import_records, read_records
from nightvoice.diary.recovery import recover
from nightvoice.diary.salvage import salvage
from nightvoice.diary.store import Diary
from nightvoice.errors import NightvoiceError
from nightvoice.listening.near_misses import NearMiss, NearMisses

AT = "2026-03-02T02:13:00+01:00"
OPENED = {"site": "calf", "side": "left"}


def event(kind: str = "episode_opened", seq: int = 1, data: Any = None, **fields: Any) -> dict[str, Any]:
    found = {"seq": seq, "at": AT, "night": "2026-03-01", "episode": 1, "kind": kind, "data": OPENED}
    return {"event": found | ({} if data is None else {"data": data}) | fields}


def edited(**data: Any) -> tuple[dict[str, Any], ...]:
    return event(), event("episode_edited", 2, data)


def listening(start: str, end: str) -> tuple[dict[str, Any], ...]:
    return ({"listening": {"start": f"{start}T22:00:00+00:00", "end": f"{end}T06:00:00+00:00"}},)


ODD: dict[str, tuple[tuple[dict[str, Any], ...], str]] = {
    "year 1": ((event(at="0001-01-01T00:00:00+00:00"),), "the year 1 should"),
    "year 1, east of Greenwich": ((event(at="0001-01-01T00:00:00+14:00"),), ""),
    "year 9999": ((event(at="9999-12-31T23:00:00+00:00"),), "the year 9999 should"),
    "a night in 9999": ((event(night="9999-12-31"),), "the year 9999 should"),
    "NaN": ((event("heard", 1, {"intent": "next", "score": float("nan")}, episode=None),), "a usual size"),
    "endless": ((event("heard", 1, {"intent": "next", "score": 1e999}, episode=None),), "a usual size"),
    "severity 10^30": (edited(severity=10**30), "a usual size"),
    "severity 11": (edited(severity=11), "a whole number from 0 to 10"),
    "severity in words": (edited(severity="bad"), "a whole number from 0 to 10"),
    "severity in words, soreness in a list": (edited(severity=None, soreness=[1]), "a whole number from 0 to 10"),
    "a long note": (edited(notes="x" * 200_000), "has 200000 letters"),
    "a site with a command": ((event(data={"site": "\x1b[2J", "side": None}),), "site"),
    "a step with a command": ((event(), event("step", 2, {"protocol": "calf", "step": "\x1b[2J"})), "on one line"),
    "a danger sign that is a number": ((event(), event("flag", 2, {"flag": 5, "action": "urgent"})), "flag should be"),
    "an unknown outcome": ((event(), event("episode_closed", 2, {"outcome": "\x9b2J"})), "on one line"),
    "a tag of many lines": ((event("night_tagged", 1, {"a\nb": True}, episode=None),), "one line"),
    "a thousand years": (listening("1026-03-01", "2026-03-02"), "the year 1026 should"),
    "a night of years": (listening("1990-03-01", "2026-03-02"), "is no span of a night"),
    "a night that ends before it begins": (listening("2026-03-02", "2026-03-01"), "is no span of a night"),
}


@pytest.mark.parametrize("name", ODD)
def test_what_no_diary_writes_is_refused_in_one_line(name: str, tmp_path: Path) -> None:
    records, says = ODD[name]
    file = tmp_path / "odd.jsonl"
    file.write_text("".join(json.dumps(record) + "\n" for record in (HEADER, *records)), encoding="utf-8")
    with Diary.open() as diary:
        with pytest.raises(NightvoiceError) as error:
            import_records(diary, read_records(file), str(file))
        assert says in str(error.value)
        assert str(error.value).isprintable()
        assert (diary.events(), diary.episodes()) == ([], [])


def test_a_line_longer_than_any_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup, "LONGEST_LINE", 1000)
    file = tmp_path / "long.jsonl"
    file.write_text(json.dumps(HEADER) + "\n" + "x" * 2000, encoding="utf-8")
    with pytest.raises(NightvoiceError, match="line 2: is longer than any line"):
        list(read_records(file))


def odd_diary(tmp_path: Path) -> Path:
    """A diary with a severity in words, which an early release took."""
    file = tmp_path / "odd.sqlite"
    with Diary.open(str(file)) as diary:
        import_records(diary, [HEADER, event(), event("episode_edited", 2, {"severity": "bad"})], "", trusted=True)
    return file


def test_a_backup_of_ones_own_diary_is_never_refused(tmp_path: Path) -> None:
    with Diary.open(str(odd_diary(tmp_path))) as diary:
        assert back_up(diary, tmp_path / "copy.sqlite") == 2


def test_what_is_recovered_is_plausible(tmp_path: Path) -> None:
    with Diary.open() as diary:
        found = recover(diary, salvage(odd_diary(tmp_path)))
        assert (found.cramps, found.lost) == (1, 1)
        assert diary.episodes()[0].severity is None


def test_a_note_gives_the_terminal_no_commands(tmp_path: Path) -> None:
    file = str(tmp_path / "diary.sqlite")
    with Diary.open(file) as diary:
        import_records(diary, [HEADER, *edited(notes="first\x1b[2J\x9b1m\nsecond\u202e")], "")
    shown = CliRunner().invoke(app, ["episodes", "show", "1", "--diary", file]).output
    assert not {"\x1b", "\x9b", "\u202e"} & set(shown)
    assert "first" in shown
    assert "second" in shown


def test_near_misses_are_private(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    file = tmp_path / "near_misses.jsonl"
    NearMisses(file).add(NearMiss(datetime.now(UTC), 0.3, "rejected"))
    assert file.stat().st_mode & 0o777 == 0o600
