"""``nightvoice hub``: a ward's or a study's beds in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from nightvoice.errors import NightvoiceError

if TYPE_CHECKING:
    from nightvoice.config import Config
    from nightvoice.hub.store import Store

app = typer.Typer(help="Many beds: store what their bridges tell, and show it to the ward.")


@app.callback(invoke_without_command=True)
def hub(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Option(help="Name of this hub; several that run at once each need another one.")
    ] = None,
) -> None:
    """Take what every bed's bridge tells from the MQTT broker into PostgreSQL, until told to end."""
    if context.invoked_subcommand is not None:
        return
    from nightvoice.config import load_config
    from nightvoice.extras import needs

    with needs("hub"):
        from nightvoice.bridge.settings import broker
        from nightvoice.hub.intake import Intake

    config = load_config()
    place = broker(config.bridge)
    if place is None:
        raise NightvoiceError("bridge.host: is not set; name the MQTT broker that the beds' bridges publish to")
    store = _open_store(config)
    try:
        Intake(place, name or config.hub.name, config.bridge.prefix, store, _tell).run()
    finally:
        store.close()


@app.command()
def retain(
    days: Annotated[int | None, typer.Option(min=1, help="Keep this many; without it, only drop what is due.")] = None,
) -> None:
    """Drop what is older than that many days, now and from now on, and say what was dropped."""
    from nightvoice.config import load_config

    store = _open_store(load_config())
    try:
        if days is not None:
            store.keep(days)
        kept = store.kept()
        if kept is None:
            typer.echo("Everything is kept; nightvoice hub retain --days N says otherwise.")
            return
        dropped = store.drop_old()
        typer.echo(f"Kept: {kept} days. {dropped or 'Nothing is older.'}")
    finally:
        store.close()


def _open_store(config: Config) -> Store:
    """The ward's tables. Raises NightvoiceError."""
    from nightvoice.extras import needs

    with needs("hub"):
        from nightvoice.hub.store import Store

    if config.hub.database is None:
        raise NightvoiceError("hub.database: is not set; name the ward's PostgreSQL: postgresql://USER@HOST/DATABASE")
    return Store.open(config.hub.database.get_secret_value())


def _tell(line: str) -> None:
    typer.echo(line, err=True)
