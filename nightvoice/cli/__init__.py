"""The command line: one small file per command."""

import io
import os
import sys

import typer
from typer.exceptions import TyperException

from nightvoice import __version__
from nightvoice.cli import (
    backup,
    bridge,
    calibrate,
    config,
    episodes,
    hub,
    listen,
    patterns,
    profile,
    recording,
    recover,
    rehearse,
    repair,
    run,
    satellite,
    setup,
    stretch,
    summary,
    support,
    web,
    why,
    wyoming,
)
from nightvoice.cli.doctor.command import doctor
from nightvoice.cli.help import EXAMPLES, GroupedCommands
from nightvoice.errors import NightvoiceError

app = typer.Typer(
    cls=GroupedCommands,
    help="An offline voice that guides you out of a night cramp, hands free.",
    epilog=EXAMPLES,
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"nightvoice {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Show the version and exit."
    ),
) -> None:
    """Options of every command."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


for command in (
    run.run,
    stretch.stretch,
    calibrate.calibrate,
    rehearse.rehearse,
    listen.listen,
    setup.setup,
    summary.summary,
    patterns.patterns,
    backup.backup,
    recover.recover,
    repair.repair,
    recording.recording,
    why.why,
    doctor,
    support.support,
    web.web,
    bridge.bridge,
    wyoming.wyoming,
    satellite.satellite,
):
    app.command()(command)
app.add_typer(episodes.app, name="episodes")
app.add_typer(profile.app, name="profile")
app.add_typer(config.app, name="config")
app.add_typer(hub.app, name="hub")


def main() -> None:
    """Run ``nightvoice``; print errors as one line and exit with code 2."""
    # Pydantic looks through all installed packages for plugins, which takes as long as reading a language pack.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal without our letters shows "?" for them; files and pipes are UTF-8 whatever the locale.
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")
    try:
        sys.exit(app(standalone_mode=False))
    except NightvoiceError as error:
        print(f"nightvoice: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except TyperException as error:
        print(f"nightvoice: {error.format_message()} See {_command_line()} --help", file=sys.stderr)
        sys.exit(NightvoiceError.exit_code)
    except typer.Abort:
        sys.exit(130)


def _command_line() -> str:
    """Return the command whose help an error message should point to."""
    known = {info.name or info.callback.__name__ for info in app.registered_commands if info.callback}
    known |= {group.name for group in app.registered_groups if group.name}
    return " ".join(["nightvoice", *(word for word in sys.argv[1:2] if word in known)])
