"""The option ``--diary``, and the choice of the diary that a command uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from nightvoice.config.schema import Config
    from nightvoice.diary.store import Diary

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


def open_diary(url: str | None) -> Diary:
    """Open an existing diary for reading or editing. Raises NightvoiceError, also if there is none yet."""
    from nightvoice.diary.store import Diary

    return Diary.open(diary_url(url), create=False)
