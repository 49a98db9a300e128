"""Migrations, on SQLite and PostgreSQL."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from threading import Thread

import pytest

from nightvoice.diary import mapping
from nightvoice.diary.connect import MIGRATIONS
from nightvoice.diary.store import Diary
from nightvoice.storage.errors import StorageUnavailable
from nightvoice.storage.migrations import newest, revisions
from tests.helpers.postgres import Server, describe

DATA = Path(__file__).parent / "data"
"""Dumps of diaries made by the first releases, and the PostgreSQL tables they created."""
TABLES = {
    "events": mapping.EVENT_COLUMNS,
    "episodes": mapping.EPISODE_COLUMNS,
    "days": mapping.DAY_COLUMNS,
    "listening": mapping.SPAN_COLUMNS,
}


def restored(dump: str, file: Path) -> str:
    """Restore a diary from its dump; return its path."""
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript((DATA / dump).read_text(encoding="utf-8"))
    return str(file)


def sqlite_schema(file: str) -> dict[str, str]:
    """Return the statement of each table and index, without whitespace."""
    with closing(sqlite3.connect(file)) as connection:
        found = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {name: "".join(sql.split()) for name, sql in found}


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_every_database_has_every_migration(dialect: str) -> None:
    assert list(revisions(MIGRATIONS, dialect)) == ["0001", "0002", "0003", "0004"]
    assert newest(MIGRATIONS) == "0004"


def test_migrations_create_the_tables_that_the_code_uses(url: str) -> None:
    with Diary.open(url) as diary:
        assert diary.database.tables() == {*TABLES, "alembic_version"} | (
            {"sqlite_sequence"} if diary.database.dialect == "sqlite" else set()
        )
        with diary.database.reading() as sql:
            for table, columns in TABLES.items():
                assert sql(f"SELECT {columns} FROM {table}") == []
            assert sql("SELECT version_num FROM alembic_version") == [("0004",)]


@pytest.mark.parametrize("dump", ["diary-0001.sql", "diary-0002.sql"])
def test_a_new_diary_has_the_tables_of_the_first_releases(tmp_path: Path, dump: str) -> None:
    old = restored(dump, tmp_path / "old.sqlite")
    new = str(tmp_path / "new.sqlite")
    for file in (old, new):
        Diary.open(file).close()
    assert sqlite_schema(new) == sqlite_schema(old)


def test_a_new_diary_on_postgresql_has_the_tables_of_the_first_releases_and_an_index(postgresql: Server) -> None:
    place = postgresql.place()
    Diary.open(place).close()
    assert describe(place) == (DATA / "postgresql.txt").read_text(encoding="utf-8")


def test_a_diary_of_the_first_releases_is_read_and_continued(tmp_path: Path) -> None:
    with Diary.open(restored("diary-0002.sql", tmp_path / "old.sqlite")) as diary:
        (episode,) = diary.episodes()
        assert (episode.id, episode.site, episode.severity) == (5, "calf", 6)
        assert episode.notes == "„Wade“ 🦵\nafter the hike"
        night = diary.night(episode.night)
        assert (night.tags, night.note) == ({"walk": True, "alcohol": False}, "warm room")
        assert diary.append("heard", episode.onset, {"intent": "next"}) == 15
        before = diary.episodes(), diary.nights(night.date, night.date)
        diary.rebuild()
        assert (diary.episodes(), diary.nights(night.date, night.date)) == before


def test_a_diary_of_the_first_schema_is_read_and_takes_tags(tmp_path: Path) -> None:
    with Diary.open(restored("diary-0001.sql", tmp_path / "old.sqlite")) as diary:
        (episode,) = diary.episodes()
        assert (episode.id, episode.severity, [flag.flag for flag in episode.flags]) == (2, 6, ["worse"])
        diary.tag(episode.night, {"walk": True})
        assert diary.night(episode.night).tags == {"walk": True}


def test_a_diary_of_the_first_schema_is_migrated_with_its_events(
    url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = tmp_path / "migrations"
    first.mkdir()
    for script in MIGRATIONS.glob("0001*.sql"):
        shutil.copy(script, first)
    at = "'2026-03-02 01:13:00.000000', 60, '2026-03-01'"
    with monkeypatch.context() as patch:
        patch.setattr("nightvoice.diary.connect.MIGRATIONS", first)
        with Diary.open(url) as old, old.database.writing() as sql:
            sql(f"INSERT INTO events (at, at_offset, night, kind, data) VALUES ({at}, 'heard', '{{\"score\": 0.5}}')")
    with Diary.open(url) as diary:
        (event,) = diary.events()
        assert (event.at.isoformat(), event.data) == ("2026-03-02T02:13:00+01:00", {"score": 0.5})
        diary.tag(event.night, {"walk": True})


def test_a_migration_that_fails_leaves_the_diary_as_it_was(
    url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with Diary.open(url) as diary:
        before = diary.database.tables()
    migrations = shutil.copytree(MIGRATIONS, tmp_path / "migrations")
    (migrations / "0005_more.sql").write_text("CREATE TABLE more (a INTEGER);\nCREATE TABLE days (a INTEGER);\n")
    with monkeypatch.context() as patch:
        patch.setattr("nightvoice.diary.connect.MIGRATIONS", migrations)
        with pytest.raises(StorageUnavailable, match="already exists"):
            Diary.open(url)
    with Diary.open(url) as diary:
        assert diary.database.tables() == before


def test_new_diaries_can_be_created_at_the_same_time(tmp_path: Path) -> None:
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
def test_opening_a_new_diary_several_times_at_once_creates_it_once(tmp_path: Path, name: str) -> None:
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
