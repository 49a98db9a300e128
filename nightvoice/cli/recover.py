"""``nightvoice recover``: copy the readable part of damaged diaries into the current one."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nightvoice.errors import NightvoiceError
from nightvoice.system.counting import plural

if TYPE_CHECKING:
    from nightvoice.diary.recovery import Recovered


class PartlyRecoveredError(NightvoiceError):
    """Something of a damaged diary is lost."""

    exit_code = 1


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
    """Recover the readable part of damaged diaries. Nothing is deleted; running it again changes nothing.

    Ends with 1 if something of them could not be read.
    """
    from rich.console import Console

    from nightvoice.cli.diary_option import diary_url
    from nightvoice.diary.connect import sqlite_file
    from nightvoice.diary.recovery import recover as bring_back
    from nightvoice.diary.salvage import salvage
    from nightvoice.diary.store import Diary
    from nightvoice.diary.write_behind import quarantined

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
    partly: list[str] = []
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
                    f"{one}: {plural(back.events, 'event')} of {plural(back.cramps, 'cramp')} recovered; "
                    f"{back.known} were there already."
                )
                if not back.complete:
                    partly.append(f"{one}: {_losses(back)} could not be read")
                if one in aside and (back.events or back.known):
                    _mark(one)
    if failed:
        raise NightvoiceError("; ".join([*map(str, failed), *partly]))
    if partly:
        raise PartlyRecoveredError("; ".join(partly))


def _losses(back: "Recovered") -> str:
    hours = ["hours of listening"] if back.spans_lost else []
    return " and ".join(([plural(back.lost, "event")] if back.lost else []) + hours)


def _mark(file: Path) -> None:
    """Rename a damaged diary that was recovered, so that it is not read again."""
    from nightvoice.diary.write_behind import mark_recovered
    from nightvoice.errors import reason

    try:
        typer.echo(f"It is kept as {mark_recovered(file)}; delete that when you miss nothing.")
    except OSError as error:
        raise NightvoiceError(f"{file}: cannot be renamed: {reason(error)}") from None
