"""Export, import and backup of the whole diary."""

import json
import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from nightvoice.diary.backup import HEADER, back_up, export_records, import_records, read_records
from nightvoice.diary.store import Diary
from nightvoice.errors import NightvoiceError

CET = timezone(timedelta(hours=1))
EVENING = datetime(2026, 3, 1, 22, 30, tzinfo=CET)
NIGHT = date(2026, 3, 1)


def fill(diary: Diary) -> None:
    """Write one of everything that a diary can hold."""
    diary.append("listening_started", EVENING, {"engine": "vosk", "voice": "none", "version": "0.1.0"})
    diary.tag(NIGHT, {"walk": True, "alcohol": False})
    deleted = diary.append("episode_opened", EVENING + timedelta(hours=1), {"site": "toes", "side": None})
    diary.append("episode_closed", EVENING + timedelta(hours=1.1), {"outcome": "gone"})
    number = diary.append("episode_opened", EVENING + timedelta(hours=4), {"site": "calf", "side": "left"})
    diary.append("heard", EVENING + timedelta(hours=4), {"intent": "yes", "slots": {}, "score": 0.91, "engine": "vosk"})
    diary.append("step", EVENING + timedelta(hours=4), {"protocol": "calf", "step": "towel-stretch"})
    diary.append(
        "effect", EVENING + timedelta(hours=4), {"protocol": "calf", "step": "towel-stretch", "effect": "eased"}
    )
    diary.append("flag", EVENING + timedelta(hours=4), {"flag": "worse", "action": "doctor"})
    diary.append("episode_closed", EVENING + timedelta(hours=4.1), {"outcome": "gone"})
    diary.edit_episode(number, severity=6, soreness=2, sleep_lost_minutes=30, notes="„Wade“ 🦵\nafter the hike")
    diary.note(NIGHT, "warm room")
    diary.delete_episode(deleted)
    # Noon sharp cuts a span in two, one of them of no length.
    diary.heard_until(datetime(2026, 3, 2, 12, tzinfo=CET))
    diary.append("listening_stopped", datetime(2026, 3, 2, 12, 30, tzinfo=CET), {"reason": "ended"})


def everything(diary: Diary) -> tuple[Any, ...]:
    return diary.events(), diary.episodes(), diary.nights(NIGHT, NIGHT + timedelta(days=1))


def written(diary: Diary, file: Path) -> Path:
    file.write_text("".join(json.dumps(line) + "\n" for line in export_records(diary)), encoding="utf-8")
    return file


def test_export_and_import_give_the_same_diary_and_numbers_go_on(url: str, tmp_path: Path) -> None:
    with Diary.open() as first, Diary.open(url) as second:
        fill(first)
        file = written(first, tmp_path / "all.jsonl")
        assert import_records(second, read_records(file), "all.jsonl") == len(first.events())
        assert everything(second) == everything(first)
        assert list(export_records(second)) == list(export_records(first))
        last = first.last_seq()
        assert second.append("heard", EVENING, {"intent": "next"}) == last + 1


def test_a_diary_moves_from_one_database_to_another(url: str, tmp_path: Path) -> None:
    with Diary.open(url) as first, Diary.open() as second:
        fill(first)
        import_records(second, export_records(first), "a diary")
        assert everything(second) == everything(first)


def test_an_empty_diary_can_be_exported_and_imported(url: str) -> None:
    with Diary.open() as first, Diary.open(url) as second:
        assert list(export_records(first)) == [HEADER]
        assert import_records(second, export_records(first), "a diary") == 0
        assert second.append("heard", EVENING, {"intent": "next"}) == 1


def test_importing_the_same_export_twice_changes_nothing(url: str) -> None:
    with Diary.open(url) as diary, Diary.open() as other:
        fill(diary)
        import_records(other, export_records(diary), "a diary")
        before = list(export_records(other))
        assert import_records(other, export_records(diary), "a diary") is None
        assert list(export_records(other)) == before


def test_importing_into_a_diary_with_other_events_is_refused(url: str) -> None:
    with Diary.open() as first, Diary.open(url) as second:
        fill(first)
        second.append("heard", EVENING, {"intent": "next"})
        with pytest.raises(NightvoiceError, match="is not empty; name a new one"):
            import_records(second, export_records(first), "a diary")
        assert [event.kind for event in second.events()] == ["heard"]


def _without_header(lines: list[str]) -> list[str]:
    return lines[1:]


def _torn(lines: list[str]) -> list[str]:
    return [*lines[:3], lines[3][:20]]


def _out_of_order(lines: list[str]) -> list[str]:
    return [lines[0], lines[2], lines[1], *lines[3:]]


def _without_an_opening(lines: list[str]) -> list[str]:
    return [line for line in lines if "episode_opened" not in line]


def _without_a_zone(lines: list[str]) -> list[str]:
    return [line.replace("+01:00", "") for line in lines]


def _without_data(lines: list[str]) -> list[str]:
    return [line.replace('"outcome": "gone"', "") for line in lines]


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_without_header, "is not an export of a diary"),
        (_torn, "line 4: is not a line of an export"),
        (_out_of_order, "is not a complete export of a diary: the number 1 comes after 2"),
        (_without_an_opening, "is not a complete export of a diary"),
        (_without_a_zone, "has no time zone"),
        (_without_data, "is not a complete export of a diary: 'outcome'"),
        (lambda _: ["[1, 2]"], "line 1: is not a line of an export"),
        (lambda _: [], "is not an export of a diary"),
    ],
)
def test_a_broken_export_is_refused_in_one_line_and_imports_nothing(
    url: str, tmp_path: Path, spoil: Callable[[list[str]], list[str]], says: str
) -> None:
    with Diary.open() as first:
        fill(first)
        file = written(first, tmp_path / "all.jsonl")
    file.write_text("\n".join(spoil(file.read_text(encoding="utf-8").splitlines())), encoding="utf-8")
    with Diary.open(url) as diary:
        with pytest.raises(NightvoiceError) as error:
            import_records(diary, read_records(file), str(file))
        assert says in str(error.value)
        assert "\n" not in str(error.value)
        assert list(export_records(diary)) == [HEADER]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NightvoiceError, match=r"missing.jsonl: cannot be read: no such file"):
        list(read_records(tmp_path / "missing.jsonl"))


def test_a_backup_made_while_others_write_is_consistent(url: str, tmp_path: Path) -> None:
    file = tmp_path / "backup.sqlite"
    enough, done = threading.Event(), threading.Event()

    def write_on() -> None:
        with Diary.open(url) as assistant:
            while not done.is_set():
                number = assistant.append("episode_opened", EVENING, {"site": "calf"})
                assistant.append("episode_closed", EVENING, {"outcome": "gone"})
                if number > 10:
                    enough.set()

    with Diary.open(url) as diary:
        fill(diary)
        writer = threading.Thread(target=write_on)
        writer.start()
        assert enough.wait(60)
        count = back_up(diary, file)
        done.set()
        writer.join()
    with Diary.open(str(file), create=False) as backup:
        events, episodes = backup.events(), backup.episodes()
        assert len(events) == count
        assert sum(event.kind == "episode_opened" for event in events) == len(episodes)
    assert sorted(path.name for path in tmp_path.iterdir() if "backup" in path.name) == ["backup.sqlite"]
    assert file.stat().st_mode & 0o077 == 0


def test_a_backup_is_imported_like_an_export(url: str, tmp_path: Path) -> None:
    file = tmp_path / "backup.sqlite"
    with Diary.open(url) as diary:
        fill(diary)
        back_up(diary, file)
        with Diary.open() as restored:
            import_records(restored, read_records(file), str(file))
            assert everything(restored) == everything(diary)


def test_a_backup_overwrites_only_on_request_and_never_the_diary(tmp_path: Path) -> None:
    file, backup = tmp_path / "diary.sqlite", tmp_path / "backup.sqlite"
    with Diary.open(str(file)) as diary:
        fill(diary)
        with pytest.raises(NightvoiceError, match="is the diary itself"):
            back_up(diary, file, overwrite=True)
        back_up(diary, backup)
        with pytest.raises(NightvoiceError, match="exists already"):
            back_up(diary, backup)
        diary.append("heard", EVENING, {"intent": "next"})
        assert back_up(diary, backup, overwrite=True) == len(diary.events())
    with Diary.open(str(backup)) as copy:
        assert copy.events()[-1].data == {"intent": "next"}
