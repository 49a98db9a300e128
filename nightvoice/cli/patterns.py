"""``nightvoice patterns``: what goes together with nights with cramps, and what does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from nightvoice.cli.diary_option import DiaryOption, open_diary
from nightvoice.cli.period import known_period, parsed
from nightvoice.errors import NightvoiceError

if TYPE_CHECKING:
    from nightvoice.insight.pattern_narrative import PatternText


def patterns(
    since: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="The first night. Else a year before the last.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", metavar="DATE", help="The last night. Else the diary's last.")
    ] = None,
    method: Annotated[bool, typer.Option("--method", help="Explain how this is found.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
    diary: DiaryOption = None,
) -> None:
    """Show what goes together with nights with cramps, and what does not."""
    from nightvoice.config.reader import load_config
    from nightvoice.content.pages import load_pages
    from nightvoice.system.extras import require_extra

    with require_extra("patterns"):
        from nightvoice.insight.pattern_narrative import patterns_json, tell_patterns
        from nightvoice.insight.patterns import LOOK_BACK
        from nightvoice.insight.patterns import patterns as look

    words = load_pages(load_config().language).patterns
    with open_diary(diary) as book:
        known = known_period(book)
        last = parsed("--to", until) if until else known[1]
        first = parsed("--from", since) if since else max(known[0], last - LOOK_BACK)
        if last < first:
            raise NightvoiceError(f"from {first} to {last}: no nights; the diary goes from {known[0]} to {known[1]}")
        found = look(book.nights(first, last))
    told = tell_patterns(found, words)
    if as_json:
        import json

        typer.echo(json.dumps(patterns_json(found, told), ensure_ascii=False, indent=2))
    else:
        _print(told, method)


def _print(told: PatternText, method: bool) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.padding import Padding

    console = Console(highlight=False)
    console.print(escape(" ".join(told.intro)))
    for group in told.groups:
        console.print(f"\n[bold]{escape(group.heading)}[/]")
        for item in group.items:
            console.print(Padding(f"[bold]{escape(item.label)}[/]. {escape(item.text)}", (0, 0, 0, 2)))
    console.print(f"\n{escape(told.caution)}")
    if method:
        console.print(f"\n[bold]{escape(told.method_title)}[/]")
        for text in told.method:
            console.print(Padding(escape(text), (0, 0, 0, 2)))
