"""``nightvoice episodes``: list and edit the cramps in the diary."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nightvoice.cli import import_export
from nightvoice.cli.diary_option import DiaryOption, fill_diary, open_diary
from nightvoice.cli.period import optional_date, parse_clock
from nightvoice.errors import NightvoiceError, one_line
from nightvoice.system.counting import plural

if TYPE_CHECKING:
    from nightvoice.diary.episode import Episode

app = typer.Typer(
    help="List, show, add, edit and delete the cramps in the diary; export and import it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.command()(import_export.export)
app.command("import")(import_export.import_)


def _number(text: str) -> int:
    if not text.isdecimal():
        raise NightvoiceError(f"episode {text}: is not a number; nightvoice episodes list shows them")
    return int(text)


def _site(text: str) -> str:
    """Return the name in the diary of the part that somebody calls ``text``."""
    from nightvoice.content.vocabulary import SITE_NAMES

    names = {name.lower(): site for site, name in SITE_NAMES.items()} | {"foot": "arch"}
    return names.get(text.strip().lower(), text)


Number = Annotated[
    int, typer.Argument(parser=_number, metavar="NUMBER", help="Number of the cramp, as shown by the list.")
]
Site = Annotated[
    str | None,
    typer.Option(
        parser=_site,
        help="Where it was: calf, arch (of the foot), toes, shin, "
        "hamstring (back of the thigh) or quadriceps (front of the thigh).",
    ),
]
Side = Annotated[str | None, typer.Option(help="Which side: left, right or both.")]
Severity = Annotated[str | None, typer.Option(help="How bad it was, 0 to 10.")]
Minutes = Annotated[str | None, typer.Option(help="How many minutes it took, about; of a cramp told later.")]
Notes = Annotated[str | None, typer.Option(help="Free text.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


@app.command("list")
def list_(since: import_export.Since = None, as_json: Json = False, diary: DiaryOption = None) -> None:
    """List the cramps, oldest first."""
    first = optional_date("--since", since)
    with open_diary(diary, before_first_night=not as_json) as book:
        episodes = book.episodes(since=first)
    if as_json:
        _print_json([import_export.episode_data(episode) for episode in episodes])
        return
    if not episodes:
        typer.echo("No cramps in the diary" + (f" since {since}." if since else "."))
        return
    _print_columns([("no.", "night", "time", "where", "minutes", "ended", "severity", ""), *map(_row, episodes)])


@app.command()
def show(number: Number, as_json: Json = False, diary: DiaryOption = None) -> None:
    """Show everything about one cramp."""
    with open_diary(diary) as book:
        episode = book.episode(number)
    if as_json:
        _print_json(import_export.episode_data(episode))
    else:
        _print_episode(episode)


@app.command()
def add(
    *,
    time: Annotated[str, typer.Option(metavar="TIME", help="When it began, like 03:12.")],
    night: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help="Evening on which the night began: 2026-03-01, yesterday or today. [default: last night]",
        ),
    ] = None,
    site: Site = None,
    side: Side = None,
    severity: Severity = None,
    minutes: Minutes = None,
    notes: Notes = None,
    diary: DiaryOption = None,
) -> None:
    """Add a cramp that nightvoice did not hear of. It is marked as told later.

    It does not make the night one that was listened to, so that it counts in no rate unless the night was listened to.
    """
    from datetime import datetime

    from nightvoice.diary.told_later import onset_of
    from nightvoice.insight.night import last_night
    from nightvoice.system.clock import LOCAL

    clock, evening = parse_clock("--time", time), optional_date("--night", night)
    texts = {"site": site, "side": side, "notes": notes}
    fields: dict[str, Any] = {name: value or None for name, value in texts.items()}
    fields |= {name: _whole(value or "") for name, value in (("severity", severity), ("minutes", minutes))}
    with fill_diary(diary) as book:
        ends = book.night_end()
        onset = onset_of(evening or last_night(datetime.now(LOCAL), ends), clock, ends)
        episode = book.add_episode(onset, **fields)
    typer.echo(f"Added as number {episode.id}, told later: {episode.onset:%A %Y-%m-%d %H:%M}.")
    _print_episode(episode)


@app.command()
def edit(
    number: Number,
    *,
    time: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="When it began, like 03:12; of a cramp told later."),
    ] = None,
    minutes: Minutes = None,
    site: Site = None,
    side: Side = None,
    outcome: Annotated[str | None, typer.Option(help="How it ended: gone, eased, worse, stopped …")] = None,
    severity: Severity = None,
    soreness: Annotated[str | None, typer.Option(help="How sore it was afterwards, 0 to 10.")] = None,
    sleep_lost: Annotated[str | None, typer.Option(help="Minutes of sleep lost.")] = None,
    notes: Notes = None,
    diary: DiaryOption = None,
) -> None:
    """Edit one cramp; an empty value ("") clears a field. Time and length can be edited if it was told later."""
    from nightvoice.diary.told_later import onset_of

    clock = None if time is None else parse_clock("--time", time)
    texts = {"site": site, "side": side, "outcome": outcome, "notes": notes}
    numbers = {"minutes": minutes, "severity": severity, "soreness": soreness, "sleep_lost_minutes": sleep_lost}
    fields: dict[str, Any] = {name: value or None for name, value in texts.items() if value is not None}
    fields |= {name: _whole(value) for name, value in numbers.items() if value is not None}
    if not fields and clock is None:
        raise NightvoiceError("nothing to change: name a field, such as --severity 6")
    with open_diary(diary) as book:
        if clock is not None:
            fields["onset"] = onset_of(book.episode(number).night, clock, book.night_end())
        episode = book.edit_episode(number, **fields)
    _print_episode(episode)


@app.command()
def delete(
    number: Number,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    diary: DiaryOption = None,
) -> None:
    """Delete one cramp permanently, from the diary and from the night's log.

    Files made from the diary before keep it: backups (delete it there with --diary FILE), exports and reports.
    """
    from nightvoice.night.log import forget
    from nightvoice.system import paths

    with open_diary(diary) as book:
        episode = book.episode(number)
        if not yes:
            where = f", {_where(episode)}" if episode.site else ""
            typer.confirm(f"Delete the cramp of {episode.onset:%Y-%m-%d %H:%M}{where} permanently?", abort=True)
        book.delete_episode(number)
    typer.echo(f"Episode {number} is deleted. Backups made before still have it: delete it there with --diary FILE.")
    file = paths.log_file()
    if lines := forget(file, episode):
        typer.echo(f"{file}: {plural(lines, 'line of that time is', 'lines of that time are')} deleted.")


def _whole(value: str) -> int | str | None:
    """Return ``value`` as a number if it is one; otherwise return it unchanged for the diary to reject."""
    try:
        return int(value) if value else None
    except ValueError:
        return value


def _row(episode: Episode) -> tuple[str, ...]:
    return (
        str(episode.id),
        str(episode.night),
        f"{episode.onset:%H:%M}",
        one_line(_where(episode)),
        _minutes(episode),
        one_line(_ended(episode)),
        "" if episode.severity is None else str(episode.severity),
        "told later" if episode.told_later else "",
    )


def _print_columns(rows: Sequence[Sequence[str]]) -> None:
    """Print ``rows`` as columns. Not a table of rich, which takes ten seconds for ten years of cramps."""
    from rich.cells import cell_len

    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (text + " " * (width - cell_len(text)) for text, width in zip(row, widths, strict=True))
        typer.echo("  ".join(cells).rstrip())


def _print_json(data: Any) -> None:
    import json

    typer.echo(json.dumps(data, ensure_ascii=False, indent=2))


def _print_episode(episode: Episode) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, pad_edge=False)
    rows = {
        "number": str(episode.id),
        "night": str(episode.night),
        "began": f"{episode.onset:%Y-%m-%d %H:%M}",
        "ended": f"{episode.ended:%H:%M}, {_ended(episode)}" if episode.ended else _ended(episode),
        "minutes": _minutes(episode),
        "where": _where(episode),
        "severity": _rated(episode.severity),
        "soreness": _rated(episode.soreness),
        "sleep lost": "" if episode.sleep_lost_minutes is None else plural(episode.sleep_lost_minutes, "minute"),
        "notes": episode.notes or "",
        **({"entered": "told later"} if episode.told_later else {}),
        **{f"step {number}": f"{s.step}: {s.effect or 'not said'}" for number, s in enumerate(episode.steps, 1)},
        **{f"danger sign {number}": f"{f.flag}: {f.action}" for number, f in enumerate(episode.flags, 1)},
    }
    for name, value in rows.items():
        # Text, so that brackets in notes are not interpreted as markup.
        table.add_row(name, Text(_printable(value)))
    Console().print(table)


def _printable(text: str) -> str:
    """Return ``text`` without what a terminal takes for a command; lines stay."""
    return "\n".join(map(one_line, text.splitlines()))


def _where(episode: Episode) -> str:
    from nightvoice.content.vocabulary import SITE_NAMES

    site = SITE_NAMES.get(episode.site, episode.site).lower() if episode.site else None
    return " ".join(part for part in (episode.side, site) if part)


def _ended(episode: Episode) -> str:
    return episode.outcome or ("not said" if episode.told_later else "open")


def _minutes(episode: Episode) -> str:
    return "" if episode.duration is None else f"{episode.duration / timedelta(minutes=1):.0f}"


def _rated(value: int | None) -> str:
    return "" if value is None else f"{value} of 10"
