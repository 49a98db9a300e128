"""The option ``--diary``, and the choice of the diary that a command uses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nightvoice.errors import NightvoiceError

if TYPE_CHECKING:
    from nightvoice.config.schema import Config
    from nightvoice.diary.store import Diary
    from nightvoice.diary.write_behind import WriteBehindDiary

DiaryOption = Annotated[
    str | None,
    typer.Option(
        "--diary", metavar="URL", help="Diary to use instead of the configured one: a path or a database URL."
    ),
]


def diary_url(url: str | None, config: Config | None = None) -> str:
    """Return the first that is set: ``url``, the URL in ``config`` (loaded if None), the file in the data folder."""
    from nightvoice.config.reader import load_config
    from nightvoice.system import paths

    return url or (config or load_config()).diary.url or paths.diary_url()


NOTHING_YET = "nothing is written down yet. First run nightvoice setup; tonight run nightvoice run"


class NothingYetError(NightvoiceError):
    """There is no diary yet, which is no fault before the first night."""

    exit_code = 0

    def __init__(self) -> None:
        super().__init__(NOTHING_YET)


def missing_file(url: str) -> Path | None:
    """Return the file of the diary ``url`` if it is not there yet; None if it is, or for a server."""
    from nightvoice.diary.connect import sqlite_file

    file = sqlite_file(url)
    return file if file is not None and not file.exists() else None


@contextmanager
def fill_diary(url: str | None) -> Iterator[Diary]:
    """Open the diary to fill it, and create it if there is none. If that fails, a created one is removed again."""
    from nightvoice.diary.store import Diary

    configured = diary_url(url)
    created = missing_file(configured)
    try:
        with Diary.open(configured) as diary:
            yield diary
    except BaseException:
        if created is not None:
            for suffix in ("", "-wal", "-shm"):
                Path(f"{created}{suffix}").unlink(missing_ok=True)
        raise


def open_diary(url: str | None, before_first_night: bool = False) -> Diary:
    """Open an existing diary for reading or editing. Raises NightvoiceError, also if there is none yet.

    ``before_first_night``: if the configured diary is not there, say what to do first.
    """
    from nightvoice.diary.spool import spool_of
    from nightvoice.diary.store import Diary

    configured = diary_url(url)
    if waiting := spool_of(configured).waiting():
        typer.echo(f"nightvoice: not complete: {waiting}", err=True)
    if before_first_night and url is None and missing_file(configured):
        raise NothingYetError
    return Diary.open(configured, create=False)


@contextmanager
def written_at_end(diary: WriteBehindDiary) -> Iterator[None]:
    """Close ``diary`` at the end of the block; if events wait to be written, say where, and exit with code 1."""
    try:
        yield
    finally:
        waiting = diary.close()
        if waiting:
            typer.echo(f"nightvoice: {waiting}", err=True)
    if waiting:
        raise typer.Exit(1)
