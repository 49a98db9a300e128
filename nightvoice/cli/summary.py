"""``nightvoice summary``: the summary of a night, or the report on a period for a doctor."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from nightvoice.cli.diary_option import DiaryOption, open_diary
from nightvoice.cli.period import optional_date
from nightvoice.errors import NightvoiceError

FORMATS = ("text", "json", "html", "pdf")


def summary(
    night: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help="Evening on which the night began, like 2026-03-01; a report ends with it. [default: last night]",
        ),
    ] = None,
    format: Annotated[
        str, typer.Option(help="text or json: summary of the night. html or pdf: one-page report for a doctor.")
    ] = "text",
    since: Annotated[
        str | None,
        typer.Option("--from", metavar="DATE", help="First night of the report; default: 12 weeks before the last."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="File to write the report to.", dir_okay=False)
    ] = None,
    speak: Annotated[bool, typer.Option("--speak", help="Also speak the summary.")] = False,
    diary: DiaryOption = None,
) -> None:
    """Summarise a night: its cramps, what eased them, danger signs. Or write a report on several weeks for a doctor."""
    if format not in FORMATS:
        raise NightvoiceError(f"--format {format}: use {', '.join(FORMATS[:-1])} or {FORMATS[-1]}")
    day = optional_date("--night", night)
    if format in ("html", "pdf"):
        if speak:
            raise NightvoiceError(f"--speak: a report is not spoken; leave out --format {format}")
        from nightvoice.cli.report import write_report

        write_report(format, diary, optional_date("--from", since), day, output)
        return
    if since or output:
        raise NightvoiceError(f"{'--from' if since else '--output'}: is for a report; add --format pdf")
    _summarize(day, format, speak, diary)


def _summarize(day: date | None, format: str, speak: bool, diary: str | None) -> None:
    """Print the summary of the night ``day``, by default of the last one."""
    from nightvoice.config.reader import load_config
    from nightvoice.content.loader import load_narrative_pack
    from nightvoice.insight.last_sleep import last_sleep
    from nightvoice.insight.narrative import as_json, as_text, tell
    from nightvoice.insight.night import last_night, summarize
    from nightvoice.system.clock import LOCAL

    config = load_config()
    pack = load_narrative_pack(config.language)
    with open_diary(diary, before_first_night=format == "text") as book:
        now = datetime.now(LOCAL)
        earlier = day is not None and day != last_night(now, book.night_end())
        facts = summarize(book.night(day) if day and earlier else last_sleep(book, now))
    lines = tell(facts, pack, config.safety.help_numbers, earlier)
    if format == "json":
        import json

        typer.echo(json.dumps(as_json(facts, lines), ensure_ascii=False, indent=2))
    else:
        typer.echo(as_text(lines))
    if speak:
        from nightvoice.speaking.say import say_aloud

        say_aloud(as_text(tell(facts, pack, config.safety.help_numbers.spoken(), earlier)))
