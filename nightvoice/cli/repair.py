"""``nightvoice repair``: correct a diary whose computer had a wrong clock."""

import typer

from nightvoice.cli.diary_option import DiaryOption, open_diary
from nightvoice.system.counting import plural


def repair(diary: DiaryOption = None) -> None:
    """Correct nights that a wrong clock dated, such as 1970 or 2036, and file all of them by daily.night_ends.

    Running it again changes nothing.
    """
    from datetime import datetime

    from nightvoice.config.reader import load_config
    from nightvoice.diary.repair import repair as correct
    from nightvoice.system.clock import LOCAL

    ends = load_config().daily.night_ends
    with open_diary(diary) as book:
        changed = diary is None and book.night_end() != ends  # a diary that is not the person's own keeps its nights
        if changed:
            book.end_nights_at(ends)
        found = correct(book, datetime.now(LOCAL))
    if changed:
        typer.echo(f"All nights are filed again: they end at {ends:%H:%M} (daily.night_ends).")
    elif found.refiled:
        typer.echo(f"Filed under another night: {plural(found.refiled, 'event')}.")
    elif not (found.changes or found.spans or found.cramps):
        typer.echo("Every night has a possible date: there is nothing to repair.")
    if found.changes or found.spans:
        typer.echo(
            f"Changes of the clock: {found.changes}; what was written before them has its true time now. "
            f"Listening that nobody can date: {plural(found.spans, 'period')}, removed."
        )
    for number in found.cramps:
        typer.echo(
            f"Cramp {number} has an impossible date that nothing in the diary corrects. It is kept: "
            f"see nightvoice episodes show {number}."
        )
