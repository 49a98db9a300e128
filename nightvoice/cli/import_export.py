"""``nightvoice episodes export`` and ``import``: write the diary to other formats, and read it back."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nightvoice.cli.diary_option import DiaryOption, fill_diary, open_diary
from nightvoice.cli.period import optional_date
from nightvoice.errors import NightvoiceError
from nightvoice.system.counting import plural

if TYPE_CHECKING:
    from nightvoice.diary.episode import Episode
    from nightvoice.diary.store import Diary

Since = Annotated[str | None, typer.Option(metavar="DATE", help="First night to include, like 2026-03-01.")]


def export(
    format: Annotated[
        str,
        typer.Option(
            help="jsonl: the whole diary, readable by import. csv: cramps, for a spreadsheet. "
            "fhir: nights and cramps for a medical record, as self-reported data."
        ),
    ] = "jsonl",
    since: Since = None,
    diary: DiaryOption = None,
) -> None:
    """Export the diary to standard output."""
    import json
    import sys

    if format not in ("jsonl", "csv", "fhir"):
        raise NightvoiceError(f"--format {format}: use jsonl, csv or fhir")
    if format == "jsonl" and since:
        raise NightvoiceError("--since: jsonl always exports the whole diary; use --since with csv or fhir")
    first = optional_date("--since", since)
    with open_diary(diary) as book:
        match format:
            case "csv":
                _write_csv(book.episodes(since=first))
            case "fhir":
                json.dump(_fhir(book, first), sys.stdout, ensure_ascii=False, indent=1)
                sys.stdout.write("\n")
            case _:
                from nightvoice.diary.backup import export_records

                for line in export_records(book):
                    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Export in jsonl format, or a backup.")],
    diary: Annotated[
        str | None,
        typer.Option(
            "--diary",
            metavar="URL",
            help="Diary to import into instead of the configured one: a path or a database URL.",
        ),
    ] = None,
) -> None:
    """Import an export or a backup into an empty diary. Repeating an import changes nothing."""
    from rich.console import Console

    from nightvoice.diary.backup import import_records, read_records

    if not file.is_file():
        raise NightvoiceError(f"{file}: no such file")
    with fill_diary(diary) as book:
        with Console(stderr=True).status(f"importing {file.name}"):
            count = import_records(book, read_records(file), str(file))
        if count is None:
            typer.echo(f"{book.name}: all of it was imported before.")
        else:
            typer.echo(f"{book.name}: {plural(count, 'event')}, {plural(len(book.episodes()), 'cramp')}.")


def episode_data(episode: Episode) -> dict[str, Any]:
    """Return an episode as plain data; the keys are a contract."""
    return {
        "id": episode.id,
        "night": episode.night.isoformat(),
        "onset": episode.onset.isoformat(),
        "ended": episode.ended and episode.ended.isoformat(),
        "site": episode.site,
        "side": episode.side,
        "outcome": episode.outcome,
        "severity": episode.severity,
        "soreness": episode.soreness,
        "sleep_lost_minutes": episode.sleep_lost_minutes,
        "notes": episode.notes,
        "steps": [step._asdict() | {"at": step.at.isoformat()} for step in episode.steps],
        "flags": [flag._asdict() | {"at": flag.at.isoformat()} for flag in episode.flags],
        "told_later": episode.told_later,
        "minutes": None if episode.duration is None else round(episode.duration / timedelta(minutes=1), 1),
    }


def _write_csv(episodes: list[Episode]) -> None:
    import csv
    import json
    import sys

    from nightvoice.diary.episode import Episode

    # Spreadsheets take a file without a byte order mark for one in the letters of the old code pages.
    sys.stdout.write("\ufeff")
    # Steps and flags are lists, written to their cells as JSON.
    writer = csv.DictWriter(sys.stdout, [*Episode.__dataclass_fields__, "minutes"])
    writer.writeheader()
    for episode in map(episode_data, episodes):
        lists = {name: json.dumps(episode[name], ensure_ascii=False) for name in ("steps", "flags")}
        notes = {"notes": _escape_formula(episode["notes"])}
        writer.writerow(episode | lists | notes)


def _escape_formula(text: str | None) -> str | None:
    """Escape ``text`` so that a spreadsheet does not interpret it as a formula."""
    return f"'{text}" if text and text[0] in "=+-@\t\r" else text


def _fhir(book: Diary, since: date | None) -> dict[str, Any]:
    from datetime import UTC, datetime

    from rich.console import Console

    from nightvoice.insight.fhir import bundle

    period = book.period()
    nights = [] if period is None else book.nights(max(period[0], since or period[0]), period[1])
    # A cramp that a wrong clock dated is exported too, but without the empty years around it.
    dates = {night.date for night in nights}
    nights += [book.night(date) for date in sorted({cramp.night for cramp in book.episodes(since=since)} - dates)]
    with Console(stderr=True).status(f"checking {plural(len(nights), 'night')}"):
        return bundle(nights, datetime.now(UTC), book.namespace())
