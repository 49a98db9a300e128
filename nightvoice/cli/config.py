"""``nightvoice config``: show, find and check the configuration."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from nightvoice.config.reader import ConfigReading
    from nightvoice.config.schema import Section

app = typer.Typer(help="Show, find and check the configuration.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def show() -> None:
    """Print every key with description, value and origin, as YAML that can be saved as the configuration file."""
    from nightvoice.config.reader import read_config

    reading = read_config()
    reading.check()
    typer.echo("# nightvoice: every key is optional, and null means the default.")
    typer.echo("\n".join(_lines(reading, reading.config)))


@app.command()
def path() -> None:
    """Print the path of the configuration file."""
    from nightvoice.system import paths

    typer.echo(paths.config_file())


@app.command()
def check(
    file: Annotated[Path | None, typer.Argument(help="File to check instead of the default one.")] = None,
) -> None:
    """List all problems in the configuration file and the environment; exit 1 if there are any."""
    from nightvoice.config.reader import read_config
    from nightvoice.system import paths

    reading = read_config(file)
    for problem in reading.problems:
        typer.echo(problem)
    if reading.problems:
        raise typer.Exit(1)
    used = file or paths.config_file()
    typer.echo(f"{used}: in order" if used.exists() else f"{used}: not there; the defaults are used")


def _lines(reading: ConfigReading, section: Section, above: str = "") -> Iterator[str]:
    from nightvoice.config.schema import Section

    indent = "  " * above.count(".")
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        if isinstance(value, Section):
            yield from ("", f"{indent}# {value.__doc__}", f"{indent}{name}:")
            yield from _lines(reading, value, f"{above}{name}.")
        else:
            setting = reading.settings.get(above + name)
            yield f"{indent}# {field.description} ({setting.where if setting else 'default'})"
            yield f"{indent}{name}: {_scalar(value)}"


def _scalar(value: object) -> str:
    import yaml
    from pydantic import SecretStr

    if isinstance(value, SecretStr):
        return "null  # set, and not shown"
    plain = value if value is None or isinstance(value, str | int | float) else str(value)
    return yaml.safe_dump(plain, width=float("inf"), allow_unicode=True).splitlines()[0]
