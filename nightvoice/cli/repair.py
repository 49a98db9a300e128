"""``nightvoice repair``: correct a diary whose computer had a wrong clock."""

import typer

from nightvoice.cli.diary_option import DiaryOption, open_diary


def repair(diary: DiaryOption = None) -> None:
    """Correct nights that a wrong clock dated, such as 1970 or 2036. Running it again changes nothing."""
    from datetime import datetime

    from nightvoice.diary.repair import repair as correct
    from nightvoice.system.clock import LOCAL

    with open_diary(diary) as book:
        found = correct(book, datetime.now(LOCAL))
    if not (found.changes or found.spans or found.cramps):
        typer.echo("Every night has a possible date: there is nothing to repair.")
        return
    typer.echo(
        f"Changes of the clock: {found.changes}; what was written before them has its true time now. "
        f"Listening that nobody can date: {found.spans} periods, removed."
    )
    for number in found.cramps:
        typer.echo(
            f"Cramp {number} has an impossible date that nothing in the diary corrects. It is kept: "
            f"see nightvoice episodes show {number}."
        )
