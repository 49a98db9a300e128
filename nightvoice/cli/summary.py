"""``nightvoice summary``: the morning's words about a night, or the page about a period for a doctor."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from nightvoice.cli.diary_option import DiaryOption, open_diary
from nightvoice.cli.period import parsed
from nightvoice.errors import NightvoiceError

FORMATS = ("text", "json", "html", "pdf")


def summary(
    night: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help="The date on whose evening the night began; a report ends with it. [default: last night]",
        ),
    ] = None,
    format: Annotated[
        str, typer.Option(help="text or json: that night. html or pdf: a report of one page for a doctor.")
    ] = "text",
    since: Annotated[
        str | None,
        typer.Option("--from", metavar="DATE", help="The first night of a report. Else 12 weeks before."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write a report there.", dir_okay=False)
    ] = None,
    speak: Annotated[bool, typer.Option("--speak", help="Say the night aloud as well.")] = False,
    diary: DiaryOption = None,
) -> None:
    """Tell about a night: its cramps, what eased them, danger signs. Or report weeks of nights, for a doctor."""
    from nightvoice.insight.night import last_night

    if format not in FORMATS:
        raise NightvoiceError(f"--format {format}: use {', '.join(FORMATS[:-1])} or {FORMATS[-1]}")
    today = datetime.now()
    day = parsed("--night", night) if night else last_night(today)
    if format in ("html", "pdf"):
        if speak:
            raise NightvoiceError(f"--speak: a report is not spoken; leave out --format {format}")
        from nightvoice.cli.report import write_report

        write_report(format, diary, parsed("--from", since) if since else None, day, today.date(), output)
        return
    if since or output:
        raise NightvoiceError(f"{'--from' if since else '--output'}: is for a report; add --format pdf")
    _tell(day, day != last_night(today), format, speak, diary)


def _tell(day: date, earlier: bool, format: str, speak: bool, diary: str | None) -> None:
    from nightvoice.config.reader import load_config
    from nightvoice.content.loader import load_pack
    from nightvoice.insight.narrative import as_json, as_text, tell
    from nightvoice.insight.night import summarize

    config = load_config()
    pack = load_pack(config.language)
    with open_diary(diary) as book:
        told = summarize(book.night(day))
    lines = tell(told, pack, config.safety.emergency_number, earlier)
    if format == "json":
        import json

        typer.echo(json.dumps(as_json(told, lines), ensure_ascii=False, indent=2))
    else:
        typer.echo(as_text(lines))
    if speak:
        from nightvoice.content.prompts import spell
        from nightvoice.speaking.say import say_aloud

        # A voice reads "112" as a hundred and twelve; it is called digit by digit.
        say_aloud(as_text(tell(told, pack, spell(config.safety.emergency_number), earlier)))
