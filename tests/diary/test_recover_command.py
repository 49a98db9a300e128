"""``nightvoice recover``, from the damage to the diary in use."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nightvoice.assembly import open_diary
from nightvoice.cli import app
from nightvoice.cli.recover import PartlyRecoveredError
from nightvoice.diary.store import Diary
from nightvoice.diary.write_behind import quarantined

AT = datetime(2026, 3, 1, 22, 30, tzinfo=UTC)


def told(*words: str) -> str:
    return CliRunner().invoke(app, words, catch_exceptions=False).stdout


def test_a_night_on_a_damaged_diary_begins_a_new_one_and_the_old_one_comes_back(tmp_path: Path) -> None:
    file = tmp_path / "diary.sqlite"
    with Diary.open(str(file)) as old:
        for number in range(300):
            old.append("heard", AT, {"intent": "next", "score": number / 300})
        old.append("episode_opened", AT, {"site": "calf", "side": None})
        old.append("episode_closed", AT, {"outcome": "gone"})
    content = bytearray(file.read_bytes())
    leaf = content.rindex(b"heard") // 4096 * 4096
    content[leaf : leaf + 4096] = b"\xff" * 4096
    file.write_bytes(content)
    journal = open_diary(str(file))
    for _ in range(3):
        journal.write("heard", AT, {"intent": "back"})
    journal.close()
    assert quarantined(file), "the night met the damage"
    with pytest.raises(PartlyRecoveredError, match="could not be read"):
        told("recover", "--diary", str(file))
    assert quarantined(file) == []
    (kept,) = tmp_path.glob("diary.sqlite.recovered-*")
    with Diary.open(str(file)) as diary:
        back = [event.data["intent"] for event in diary.events() if event.kind == "heard"]
    assert back[:3] == ["back"] * 3
    assert len(back) > 150
    assert "nothing to recover" in told("recover", "--diary", str(file))
    again = CliRunner().invoke(app, ["recover", str(kept), "--diary", str(file)])
    assert "0 events of 0 cramps recovered" in again.output
