"""``nightvoice summary``: the morning's words about a night."""

from datetime import date, datetime
from typing import Annotated

import typer

from nightvoice.cli.diary_option import DiaryOption, open_diary
from nightvoice.errors import NightvoiceError


def summary(
    night: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="The date on whose evening the night began. [default: last night]"),
    ] = None,
    format: Annotated[str, typer.Option(help="text or json.")] = "text",
    speak: Annotated[bool, typer.Option("--speak", help="Say it aloud as well.")] = False,
    diary: DiaryOption = None,
) -> None:
    """Tell about a night: its cramps, what eased them, danger signs, and how long was listened."""
    from nightvoice.config import load_config
    from nightvoice.content.loader import load_pack
    from nightvoice.insight.night import last_night, summarize
    from nightvoice.insight.telling import as_json, as_text, tell

    if format not in ("text", "json"):
        raise NightvoiceError(f"--format {format}: use text or json")
    yesterday = last_night(datetime.now())
    day = _date(night) if night else yesterday
    config = load_config()
    pack = load_pack(config.language)
    with open_diary(diary) as book:
        told = summarize(book.night(day))
    earlier = day != yesterday
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


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NightvoiceError(f"--night {text}: is not a date; write it as 2026-03-01") from None
