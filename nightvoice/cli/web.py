"""``nightvoice web``: serve the morning page."""

import sys
from typing import Annotated

import typer

from nightvoice.cli.diary_option import DiaryOption, diary_url


def web(
    host: Annotated[
        str, typer.Option(help="Address to listen on; one that other machines can reach needs a password.")
    ] = ("127.0.0.1"),
    port: Annotated[int, typer.Option(help="Port to listen on; 0 picks a free one.")] = 8765,
    name: Annotated[
        list[str] | None, typer.Option(help="Host name under which browsers may open the page, such as pi.home.")
    ] = None,
    proxy: Annotated[
        list[str] | None,
        typer.Option(help="IP address of a reverse proxy, believed about the client's address and about TLS."),
    ] = None,
    set_password: Annotated[
        bool, typer.Option("--set-password", help="Ask for a new password, log everybody out, and exit.")
    ] = False,
    diary: DiaryOption = None,
) -> None:
    """Show the diary in the browser: last night, calendar, trends, patterns, and the report for a doctor."""
    from nightvoice.config.reader import load_config
    from nightvoice.system import paths
    from nightvoice.system.extras import require_extra

    with require_extra("web"):
        from nightvoice.web.context import Context
        from nightvoice.web.kit.access import Access
        from nightvoice.web.serve import serve

    access = Access.open(paths.data_dir() / "web.json")
    if set_password:
        asked = typer.prompt("Password for the page", hide_input=sys.stdin.isatty(), confirmation_prompt=True)
        access.set_password(asked)
        typer.echo("The password is set.")
        return
    from nightvoice.diary.spool import spool_of
    from nightvoice.diary.store import Diary

    # A diary given by option must exist, and keeps its way of filing; the default one is created.
    config = load_config()
    ends = config.daily.night_ends if diary is None else None
    url = diary_url(diary, config)
    with Diary.open(url, create=diary is None, night_ends=ends) as opened:
        context = Context(opened, access, count_waiting=spool_of(url).count)
        serve(context, host, port, name or (), proxy or (), _print_address)


def _print_address(address: str) -> None:
    typer.echo(f"{address}  (Ctrl+C ends it)")
