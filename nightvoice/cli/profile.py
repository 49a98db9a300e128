"""``nightvoice profile``: show and change facts about the person that select fitting advice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from nightvoice.config.reader import ConfigReading

app = typer.Typer(
    help="Show or change facts about you that make advice fit. Everything is optional.", rich_markup_mode=None
)

SAFETY = ("country", "emergency_number", "contact")
"""Keys of the section ``safety`` that belong to the profile."""
YES_OR_NO = {"true": "yes", "false": "no"}
EXAMPLES = "for example: nightvoice profile set pregnant, or: nightvoice profile set country=GB"


@app.callback(invoke_without_command=True)
def show(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    by_voice: Annotated[bool, typer.Option("--voice", help="Answer the questions by voice: yes, no, or next.")] = False,
) -> None:
    """Show your profile. Change it with set and unset, or answer by voice: --voice, or say "set up my profile"."""
    if context.invoked_subcommand is not None:
        return
    if by_voice:
        return _ask_by_voice()
    from nightvoice.config.reader import read_config

    reading = read_config()
    reading.check()
    values = {name: _value(reading, key) for name, key in _keys().items()}
    if as_json:
        from json import dumps

        typer.echo(dumps(values, ensure_ascii=False))
        return
    _print(reading, values)


def _ask_by_voice() -> None:
    """Ask the questions by voice on this computer."""
    from datetime import datetime

    from nightvoice import assembly
    from nightvoice.audio.live import LiveAudio
    from nightvoice.cli.sinks import printing
    from nightvoice.config.reader import load_config
    from nightvoice.dialogue.events import ProfileTime
    from nightvoice.diary.store import Diary
    from nightvoice.night.bedside import sole_listener
    from nightvoice.night.settings import Hooks
    from nightvoice.system.clock import LOCAL

    config, began = load_config(), datetime.now(LOCAL)
    hooks = Hooks(printing(False, began), keep_condition=assembly.keep_condition)
    with sole_listener("nightvoice profile", instead='say "set up my profile" to it'):
        live = LiveAudio(config.audio.input_device, config.audio.output_device)
        assembly.run_dialogue(ProfileTime(0.0), config, live, Diary.open(None), began, hooks)


@app.command("set")
def set_(
    names: Annotated[
        list[str], typer.Argument(metavar="NAME[=VALUE]…", help="Names to set, like pregnant, or country=GB.")
    ],
) -> None:
    """Set parts of your profile."""
    _change({_key(name): value or _yes(name) for name, _, value in (text.partition("=") for text in names)})


@app.command()
def unset(names: Annotated[list[str], typer.Argument(metavar="NAME…", help="Names to remove, like pregnant.")]) -> None:
    """Remove parts of your profile."""
    _change({_key(name): None for name in names})


def _change(changes: dict[str, str | None]) -> None:
    from nightvoice.config.edit import change
    from nightvoice.config.reader import environment_name, read_config
    from nightvoice.system import paths

    change(changes)
    names = {key: name for name, key in _keys().items()}
    for key, value in changes.items():
        typer.echo(f"{names[key]}: {'removed' if value is None else YES_OR_NO.get(value, value)}")
        setting = read_config().settings.get(key)
        if setting is not None and setting.where == environment_name(key):
            typer.echo(f"{setting.where} is also set, and overrides {paths.config_file()}", err=True)


def _keys() -> dict[str, str]:
    """Return the configuration key of each profile name."""
    from nightvoice.config.schema import ProfileSettings

    return {name: f"profile.{name}" for name in ProfileSettings.model_fields} | {
        name: f"safety.{name}" for name in SAFETY
    }


def _key(name: str) -> str:
    from difflib import get_close_matches

    from nightvoice.errors import NightvoiceError

    keys = _keys()
    plain = name.strip().lower().replace("-", "_")
    if plain not in keys:
        near = get_close_matches(plain, keys, n=1, cutoff=0.5)
        hint = f'did you mean "{near[0]}"?' if near else f"one of {', '.join(keys)}"
        raise NightvoiceError(f'profile: unknown name "{name}"; {hint}')
    return keys[plain]


def _yes(name: str) -> str:
    """Return the value for a name given without one: true. Raises NightvoiceError if the name needs a value."""
    from nightvoice.errors import NightvoiceError

    if _key(name).startswith("safety."):
        raise NightvoiceError(f"profile: {name} needs a value, like {name}=…")
    return "true"


def _value(reading: ConfigReading, key: str) -> object:
    section, _, name = key.partition(".")
    return getattr(getattr(reading.config, section), name)


def _print(reading: ConfigReading, values: dict[str, object]) -> None:
    from rich.console import Console
    from rich.markup import escape

    from nightvoice.config.reader import known_fields
    from nightvoice.content.countries import UNIVERSAL, country_of_clock, is_known

    console, fields = Console(highlight=False, soft_wrap=True), known_fields()
    for name, key in _keys().items():
        value = values[name]
        mark = (
            "[green]✓[/]"
            if value is True
            else "[dim]·[/]"
            if value in (False, None)
            else f"[bold]{escape(str(value))}[/]"
        )
        console.print(f"{mark} [bold]{name}[/]  [dim]{escape(fields[key].description or '')}[/]")
    country = values["country"] or country_of_clock()
    if "safety.emergency_number" not in reading.settings and not is_known(str(country)):
        whose = f"No number is known for {country}" if country else "Your country is not known"
        console.print(f"→ {whose}, so in an emergency it says {UNIVERSAL}: nightvoice profile set emergency_number=…")
    console.print(f"[dim]To change it, {EXAMPLES}[/]")
