"""``nightvoice recover``: copy the readable part of damaged diaries into the current one."""

from pathlib import Path
from typing import Annotated

import typer


def recover(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE]...", help="Damaged diaries; default: all that were quarantined."),
    ] = None,
    diary: Annotated[
        str | None,
        typer.Option(
            "--diary",
            metavar="URL",
            help="Diary to recover into instead of the configured one: a path or a database URL.",
        ),
    ] = None,
) -> None:
    """Recover the readable part of damaged diaries. Nothing is deleted; running it again changes nothing."""
    from rich.console import Console

    from nightvoice.cli.diary_option import diary_url
    from nightvoice.diary.connect import sqlite_file
    from nightvoice.diary.recovery import recover as bring_back
    from nightvoice.diary.salvage import salvage
    from nightvoice.diary.store import Diary
    from nightvoice.diary.write_behind import quarantined
    from nightvoice.errors import NightvoiceError

    url = diary_url(diary)
    file = sqlite_file(url)
    aside = quarantined(file) if file else []
    wanted = files or aside
    if not wanted:
        typer.echo("No damaged diary was set aside: there is nothing to recover.")
        return
    for one in wanted:
        if not one.is_file():
            raise NightvoiceError(f"{one}: no such file")
        if file is not None and file.exists() and one.samefile(file):
            raise NightvoiceError(f"{one}: is the diary in use; move it away first")
    readable, failed = [], []
    for one in wanted:
        with Console(stderr=True).status(f"reading {one.name}"):
            try:
                readable.append((one, salvage(one)))
            except NightvoiceError as error:
                failed.append(error)
    if readable:
        with Diary.open(url) as book:
            for one, found in readable:
                back = bring_back(book, found)
                typer.echo(
                    f"{one}: {back.events} events are back, {back.cramps} cramps among them; "
                    f"{back.known} were there already, {back.lost} could not be read."
                )
                if one in aside:
                    _mark(one)
    if failed:
        raise NightvoiceError("; ".join(map(str, failed)))


def _mark(file: Path) -> None:
    """Rename a damaged diary that was recovered, so that it is not read again."""
    from nightvoice.diary.write_behind import mark_recovered
    from nightvoice.errors import NightvoiceError, reason

    try:
        typer.echo(f"It is kept as {mark_recovered(file)}; delete that when you miss nothing.")
    except OSError as error:
        raise NightvoiceError(f"{file}: cannot be renamed: {reason(error)}") from None
