"""The command line: one small file per command, listed in ``commands.py``."""

import errno
import io
import os
import sys

import typer
from typer.exceptions import TyperException

from nightvoice import __version__
from nightvoice.cli.commands import EXAMPLES, Commands, GroupedCommands
from nightvoice.errors import NightvoiceError
from nightvoice.system.garbage import collect_after_loading

_OUTPUT_FAULTS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""Faults of a disk or terminal that standard output goes to."""

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


def main() -> None:
    """Run ``nightvoice``; print errors as one line and exit with code 2."""
    collect_after_loading()
    # Pydantic looks through all installed packages for plugins, which takes as long as reading a language pack.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal without our letters shows "?" for them; files and pipes are UTF-8 whatever the locale.
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")
    try:
        code = app(standalone_mode=False)
        sys.stdout.flush()
        sys.exit(code)
    except OSError as error:
        if error.errno not in _OUTPUT_FAULTS:
            raise
        print(f"nightvoice: the output cannot be written in full: {error.strerror}", file=sys.stderr)
        # What waits in the buffers would fail once more at the end of the process.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(NightvoiceError.exit_code)
    except MemoryError:
        print("nightvoice: there is no memory left: stop other programs, or raise the limit", file=sys.stderr)
        sys.exit(NightvoiceError.exit_code)
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
    return " ".join(["nightvoice", *(word for word in sys.argv[1:2] if word in Commands())])
