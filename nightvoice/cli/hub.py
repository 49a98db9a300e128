"""``nightvoice hub``: a ward's or a study's beds in one place."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nightvoice.errors import NightvoiceError, reason
from nightvoice.hub.roles import Role
from nightvoice.system.counting import plural

if TYPE_CHECKING:
    from nightvoice.bridge.settings import Broker
    from nightvoice.config.schema import Config
    from nightvoice.hub.accounts import Accounts
    from nightvoice.hub.store import Store

app = typer.Typer(help="Collect the events of many beds and show them to a ward.", rich_markup_mode=None)
people = typer.Typer(help="Manage access to the ward's page.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(people, name="people")

_Name = Annotated[str, typer.Argument(help="Login name: a-z, 0-9, _ and -.")]


@app.callback(invoke_without_command=True)
def hub(
    context: typer.Context,
    name: Annotated[str | None, typer.Option(help="Name of this hub; each running hub needs its own.")] = None,
) -> None:
    """Store the events that the beds' bridges publish over MQTT in PostgreSQL. Runs until Ctrl-C."""
    if context.invoked_subcommand is not None:
        return
    with _hub_extra():
        from nightvoice.hub.consumer import Consumer

    config = _config()
    broker = _broker(config)
    with closing(_open_store(config)) as store:
        Consumer(broker, name or config.hub.name, config.bridge.prefix, store, _log).run()


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 picks a free one.")] = 8766,
    host_name: Annotated[
        list[str] | None,
        typer.Option("--name", help="Host name under which browsers may open the page, such as ward.home."),
    ] = None,
    proxy: Annotated[
        list[str] | None,
        typer.Option(help="IP address of a reverse proxy, believed about the client's address and about TLS."),
    ] = None,
) -> None:
    """Show the ward in the browser: cramps under way, beds that are not listening, and last night."""
    with _hub_extra():
        from nightvoice.hub.serve import serve_ward

    config = _config()
    broker, names, proxies = _broker(config), host_name or (), proxy or ()
    serve_ward(config, broker, lambda: _open_store(config), _accounts(), host, port, names, proxies, _log)


@app.command()
def retain(
    days: Annotated[
        int | None, typer.Option(min=1, help="Number of days to keep; default: the limit set before.")
    ] = None,
) -> None:
    """Delete events older than a number of days, now and continuously."""
    with closing(_open_store(_config())) as store:
        if days is not None:
            store.set_retention(days)
        kept = store.retention_days()
        if kept is None:
            typer.echo("Everything is kept; nightvoice hub retain --days N sets a limit.")
            return
        typer.echo(f"Kept: {plural(kept, 'day')}. {store.drop_expired() or 'Nothing is older.'}")


@app.command()
def export(
    file: Annotated[Path | None, typer.Argument(help="File to write; default: standard output.")] = None,
) -> None:
    """Export events and nights for a study as JSON lines, with pseudonyms and without text or dates."""
    with _hub_extra():
        from nightvoice.hub.export import export as lines
        from nightvoice.hub.export import study_key
        from nightvoice.system import paths

    key = study_key(paths.study_key_file())
    with closing(_open_store(_config())) as store:
        if file is None:
            sys.stdout.writelines(lines(store, key))
            return
        try:
            private = os.open(file, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
            with os.fdopen(private, "w", encoding="utf-8") as out:
                out.writelines(lines(store, key))
        except OSError as error:
            raise NightvoiceError(f"{file}: cannot be written: {reason(error)}") from None
    _log(f"{file}: written. Who has {paths.study_key_file()} can tell which bed is which: keep it apart.")


@app.command()
def release(
    name: Annotated[str, typer.Argument(help="Name of a hub that will not run again.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it even if that hub ran minutes ago.")] = False,
) -> None:
    """Store the events that wait at the broker for a hub that is gone, and keep no more for it."""
    with _hub_extra():
        from nightvoice.hub.release import Releaser

    config = _config()
    with closing(_open_store(config)) as store:
        if name in store.hubs.running() and not yes:
            raise NightvoiceError(f"{name}: ran minutes ago: stop it, then say --yes")
        Releaser(_broker(config), name, config.bridge.prefix, store, _log).run()
    typer.echo(f"{name} is released: what waited for it is stored, and the broker keeps nothing for it.")


@people.command("list")
def list_() -> None:
    """List names and roles."""
    accounts = _accounts().all()
    for account in accounts:
        typer.echo(f"{account.name}  {account.role}")
    if not accounts:
        typer.echo("Nobody yet; nightvoice hub people add NAME --role admin")


@people.command()
def add(
    name: _Name,
    role: Annotated[
        Role,
        typer.Option(help="ward: see the ward; study: export only; admin: ward, people and retention."),
    ] = Role.WARD,
) -> None:
    """Add an account, or change its role or password. Asks for the password."""
    asked = typer.prompt(f"Password for {name}", hide_input=sys.stdin.isatty(), confirmation_prompt=True)
    _accounts().add(name, role, asked)
    typer.echo(f"{name} may see what is for the role {role}.")


@people.command()
def remove(name: _Name) -> None:
    """Revoke access immediately."""
    _accounts().remove(name)
    typer.echo(f"{name} no longer has access.")


@contextmanager
def _hub_extra() -> Iterator[None]:
    from nightvoice.system.extras import require_extra

    with require_extra("hub"):
        yield


def _config() -> Config:
    from nightvoice.config.reader import load_config

    return load_config()


def _broker(config: Config) -> Broker:
    from nightvoice.bridge.settings import broker

    found = broker(config.bridge)
    if found is None:
        raise NightvoiceError("bridge.host: is not set; name the MQTT broker that the beds' bridges publish to")
    return found


def _open_store(config: Config) -> Store:
    with _hub_extra():
        from nightvoice.hub.store import Store

    if config.hub.database is None:
        raise NightvoiceError("hub.database: is not set; name the ward's PostgreSQL: postgresql://USER@HOST/DATABASE")
    return Store.open(config.hub.database.get_secret_value(), _log)


def _accounts() -> Accounts:
    from nightvoice.system import paths

    with _hub_extra():
        from nightvoice.hub.accounts import Accounts

    return Accounts(paths.hub_dir())


def _log(line: str) -> None:
    typer.echo(line, err=True)
