"""``nightvoice backup``: a copy of the diary, also while nightvoice listens."""

from pathlib import Path
from typing import Annotated

import typer

from nightvoice.cli.diary_option import DiaryOption, open_diary


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to: one SQLite file, whatever the diary is on.")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace FILE where it is there already.")] = False,
    diary: DiaryOption = None,
) -> None:
    """Copy the whole diary into FILE, consistent while nightvoice runs; FILE is a diary itself.

    Back again: move the diary away, then nightvoice episodes import FILE. To look into it: --diary FILE.
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
    typer.echo(f"{file}: {count} events. Back again: move the diary away, then nightvoice episodes import {file}")
