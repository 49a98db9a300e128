"""``nightvoice patterns``: factors that occur together with cramps, and factors that do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from nightvoice.cli.diary_option import DiaryOption, open_diary
from nightvoice.cli.period import known_period, parse_date
from nightvoice.errors import NightvoiceError

if TYPE_CHECKING:
    from nightvoice.insight.pattern_narrative import PatternText


def patterns(
    since: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="DATE", help="First night, like 2026-03-01; default: a year before the last night."
        ),
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", metavar="DATE", help="Last night; default: the last one in the diary.")
    ] = None,
    method: Annotated[bool, typer.Option("--method", help="Also explain the statistical method.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
    diary: DiaryOption = None,
) -> None:
    """Show which factors occur together with cramps, and which do not."""
    from nightvoice.config.reader import load_config
    from nightvoice.content.pages import load_pages
    from nightvoice.insight.pattern_narrative import patterns_json, tell_patterns
    from nightvoice.insight.patterns import LOOK_BACK
    from nightvoice.insight.patterns import patterns as find_patterns

    pages = load_pages(load_config().language)
    with open_diary(diary, before_first_night=not as_json) as book:
        known = known_period(book)
        last = parse_date("--to", until) if until else known[1]
        first = parse_date("--from", since) if since else max(known[0], last - LOOK_BACK)
        if last < first:
            raise NightvoiceError(f"from {first} to {last}: no nights; the diary goes from {known[0]} to {known[1]}")
        found = find_patterns(book.nights(first, last))
    texts = tell_patterns(found, pages)
    if as_json:
        import json

        typer.echo(json.dumps(patterns_json(found, texts), ensure_ascii=False, indent=2))
    else:
        _print(texts, method)


def _print(texts: PatternText, method: bool) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.padding import Padding

    console = Console(highlight=False)
    console.print(escape(" ".join([*texts.intro, texts.answer]).strip()))
    for group in texts.groups:
        console.print(f"\n[bold]{escape(group.heading)}[/]")
        for item in group.items:
            console.print(Padding(f"[bold]{escape(item.label)}[/]. {escape(item.text)}", (0, 0, 0, 2)))
    console.print(f"\n{escape(texts.caution)}")
    if method:
        console.print(f"\n[bold]{escape(texts.method_title)}[/]")
        for text in texts.method:
            console.print(Padding(escape(text), (0, 0, 0, 2)))
