"""The four questions of ``nightvoice setup`` on a terminal: microphone, loudspeaker, country, and about you."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import typer

from nightvoice.errors import NightvoiceError

if TYPE_CHECKING:
    from nightvoice.audio.devices.spec import Device, Kind

STEP: Final = 0.15
"""How much louder or quieter one answer makes it; the whole range is 0 to 1."""


def ask() -> None:
    """Ask the four questions and keep the answers in the configuration. Enter keeps what is proposed."""
    from nightvoice.audio.devices.listing import list_devices

    typer.echo("Four questions. Enter keeps what is in brackets; everything can be changed later.")
    try:
        devices = list_devices()
    except NightvoiceError as error:
        typer.echo(f"  {error}")
        devices = []
    _ask_device(devices, "input", "1. Which microphone")
    _ask_device(devices, "output", "2. Which loudspeaker")
    _ask_volume()
    _ask_country()
    _ask_about_you()


def _ask_device(devices: list[Device], kind: Kind, question: str) -> None:
    from nightvoice.config.edit import change

    names = list(dict.fromkeys(device.name for device in devices if device.channels(kind)))
    if not names:
        typer.echo(f"{question}? None is connected. Plug one in, then run: nightvoice doctor")
        return
    for number, name in enumerate(("the system's own choice", *names)):
        typer.echo(f"  {number}  {name}")
    chosen = _number(question, len(names))
    change({f"audio.{kind}_device": names[chosen - 1] if chosen else None})


def _number(question: str, most: int) -> int:
    """Return a number from 0 to ``most``."""
    while True:
        answer = typer.prompt(question, default="0").strip()
        if answer.isdecimal() and int(answer) <= most:
            return int(answer)
        typer.echo(f"  Type a number from 0 to {most}.")


def _ask_volume() -> None:
    """Speak a sentence until it is as loud as it should be at night."""
    from nightvoice.config.edit import change
    from nightvoice.config.reader import load_config
    from nightvoice.speaking.say import SAMPLE, say_aloud

    while True:
        volume = load_config().audio.night_volume
        change({"audio.night_volume": f"{volume:.2f}"})
        try:
            say_aloud(SAMPLE)
        except NightvoiceError as error:
            typer.echo(f"  {error}")
            return
        answer = typer.prompt("   Was it right for the night? (louder, quieter, yes)", default="yes").strip().lower()
        steps = {"louder": STEP, "quieter": -STEP}.get(answer, 0.0)
        if not steps:
            return
        change({"audio.night_volume": f"{min(1.0, max(0.05, volume + steps)):.2f}"})


def _ask_country() -> None:
    from nightvoice.config.edit import change
    from nightvoice.config.reader import load_config
    from nightvoice.content.countries import country_of_clock

    proposed = load_config().safety.country or country_of_clock() or ""
    while True:
        answer = typer.prompt("3. In which country are you, for the emergency number? Two letters", default=proposed)
        try:
            change({"safety.country": answer.strip() or None})
        except NightvoiceError as error:
            typer.echo(f"  {error}")
            continue
        typer.echo(f"   In an emergency it says: call {load_config().safety.help_numbers.emergency}.")
        return


def _ask_about_you() -> None:
    from nightvoice.config.edit import change
    from nightvoice.config.reader import known_fields
    from nightvoice.config.schema import ProfileSettings

    if not typer.confirm("4. May I ask ten things about you, so that the advice fits? It stays here", default=False):
        typer.echo("   Later: nightvoice profile, or say: set up my profile.")
        return
    fields = known_fields()
    for name in ProfileSettings.model_fields:
        if typer.confirm(f"   {fields[f'profile.{name}'].description}", default=False):
            change({f"profile.{name}": "true"})
