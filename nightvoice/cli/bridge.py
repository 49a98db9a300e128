"""``nightvoice bridge``: publish the diary over MQTT and notify a contact."""

from typing import Annotated

import typer

from nightvoice.cli.diary_option import DiaryOption, diary_url


def bridge(
    test: Annotated[
        bool, typer.Option("--test", help="Log in to the broker, send your contact a test message, and exit.")
    ] = False,
    diary: DiaryOption = None,
) -> None:
    """Publish cramps to Home Assistant (MQTT), and message your contact when you ask for help. Off until configured."""
    from nightvoice.config.reader import load_config
    from nightvoice.diary.store import Diary
    from nightvoice.system.extras import require_extra

    with require_extra("bridge"):
        from nightvoice.bridge.service import check, serve

    config = load_config()
    with Diary.open(diary_url(diary, config), create=diary is None) as book:
        if test:
            raise typer.Exit(0 if check(config, book, _tell) else 1)
        serve(config, book, _tell)


def _tell(line: str) -> None:
    typer.echo(line, err=True)
