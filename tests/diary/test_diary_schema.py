"""Migrations, for every database that a diary may live in."""

from pathlib import Path
from threading import Thread

import pytest
from alembic import command

from nightvoice.diary import mapping
from nightvoice.diary.connect import MIGRATIONS, REVISION
from nightvoice.diary.migrating import revisions
from nightvoice.diary.store import Diary

TABLES = {"events": mapping.EVENT, "episodes": mapping.EPISODE, "days": mapping.DAY, "listening": mapping.SPAN}


def test_the_newest_migration_is_the_one_that_is_looked_for() -> None:
    assert revisions(MIGRATIONS)[0] == REVISION


def test_migrations_make_the_tables_that_the_code_has(url: str) -> None:
    with Diary.open(url) as diary:
        assert diary.database.tables() == {*TABLES, "alembic_version"} | (
            {"sqlite_sequence"} if diary.database.dialect == "sqlite" else set()
        )
        with diary.database.reading() as sql:
            for table, columns in TABLES.items():
                assert sql(f"SELECT {columns} FROM {table}") == []


def test_a_diary_of_the_first_version_is_brought_up_to_date_with_all_it_has(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade = command.upgrade
    at = "'2026-03-02 01:13:00.000000', 60, '2026-03-01'"
    with monkeypatch.context() as patch:
        patch.setattr(command, "upgrade", lambda config, _: upgrade(config, "0001"))
        with Diary.open(url) as old, old.database.writing() as sql:
            sql(f"INSERT INTO events (at, at_offset, night, kind, data) VALUES ({at}, 'heard', '{{\"score\": 0.5}}')")
    with Diary.open(url) as diary:
        (event,) = diary.events()
        assert (event.at.isoformat(), event.data) == ("2026-03-02T02:13:00+01:00", {"score": 0.5})
        diary.tag(event.night, {"walk": True})


def test_new_diaries_may_be_made_at_the_same_time(tmp_path: Path) -> None:
    opened: list[Diary] = []
    threads = [
        Thread(target=lambda n=number: opened.append(Diary.open(str(tmp_path / f"{n}.sqlite")))) for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for diary in opened:
        assert diary.events() == []
        diary.close()
    assert len(opened) == 8


@pytest.mark.parametrize("name", [f"{number}.sqlite" for number in range(40)])  # one in twenty was locked
def test_two_that_open_a_new_diary_at_once_make_it_once(tmp_path: Path, name: str) -> None:
    file = str(tmp_path / name)
    opened: list[Diary] = []
    threads = [Thread(target=lambda: opened.append(Diary.open(file))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 4
    for diary in opened:
        assert diary.events() == []
        diary.close()
