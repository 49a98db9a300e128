"""``nightvoice backup``: copy the diary while nightvoice is running."""

from pathlib import Path
from typing import Annotated

import typer

from nightvoice.cli.diary_option import DiaryOption, open_diary
from nightvoice.system.counting import plural


def backup(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="SQLite file to write, even if the diary is on PostgreSQL.")
    ],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace FILE if it exists.")] = False,
    diary: DiaryOption = None,
) -> None:
    """Copy the whole diary to FILE, even while nightvoice is running.

    FILE is itself a diary: read it with --diary FILE. To restore it, move the diary away and run nightvoice episodes
    import FILE.
    """
    from rich import progress
    from rich.console import Console

    from nightvoice.diary.backup import back_up

    console = Console(stderr=True)
    columns = (progress.TextColumn("{task.description}"), progress.BarColumn(), progress.MofNCompleteColumn())
    with (
        open_diary(diary) as book,
        progress.Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar,
    ):
        task = bar.add_task("copying the diary", total=book.last_seq())
        count = back_up(book, file, overwrite, lambda done: bar.update(task, completed=done))
    typer.echo(
        f"{file}: {plural(count, 'event')}. To restore: move the diary away, then nightvoice episodes import {file}"
    )
