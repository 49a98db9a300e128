"""The commands by name, and their list in ``nightvoice --help``.

A command is loaded when it is used: building the options of all of them takes longer than most commands run.
"""

import inspect
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

PANELS: Final = {
    "Tonight": ("run", "stretch", "listen"),
    "The morning": ("summary", "patterns", "web", "why"),
    "The diary": ("episodes", "backup", "recover", "repair"),
    "Set-up": ("setup", "doctor", "calibrate", "profile", "config", "recording", "support"),
    "Integrations": ("bridge", "wyoming", "satellite", "hub"),
    "For developers": ("rehearse",),
}
"""Commands by panel. ``nightvoice.cli.NAME`` holds the function NAME, or ``app`` with subcommands."""
_MODULES: Final = {"doctor": "doctor.command"}
"""Modules of commands that are not ``nightvoice.cli.NAME``."""
WHOLE_SENTENCE: Final = 200
"""Characters of a command's first sentence that are shown: all of it."""
EXAMPLES: Final = """\b
Examples:
  nightvoice run                          tonight: say "I have a cramp"
  nightvoice summary --night yesterday    a night is named by its evening
  nightvoice episodes list --since 2026-03-01

Dates are written 2026-03-01, or today, yesterday."""


class Commands(Mapping[str, Any]):
    """Click's commands by name, each built when it is looked up."""

    def __getitem__(self, name: str) -> Any:
        if name not in self:
            raise KeyError(name)
        found, only = _load(name), typer.Typer(rich_markup_mode=None)
        if isinstance(found, typer.Typer):
            only.add_typer(found, name=name)
        else:
            only.command(name)(found)
        return get_group(only).commands[name]

    def __contains__(self, name: object) -> bool:
        return any(name in names for names in PANELS.values())

    def __iter__(self) -> Iterator[str]:
        for names in PANELS.values():
            yield from names

    def __len__(self) -> int:
        return sum(map(len, PANELS.values()))


class GroupedCommands(TyperGroup):
    """Commands in panels."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = Commands()  # type: ignore[assignment] # nothing adds a command later

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands of each panel, with their first line of help."""
        for panel, names in PANELS.items():
            with formatter.section(panel):
                formatter.write_dl([(name, _first_sentence(name)) for name in names])


def _load(name: str) -> Any:
    """Return the function or the app of a command."""
    module = import_module(f"nightvoice.cli.{_MODULES.get(name, name)}")
    return getattr(module, "app", None) or getattr(module, name)


def _first_sentence(name: str) -> str:
    found = _load(name)
    text = found.info.help if isinstance(found, typer.Typer) else inspect.getdoc(found)
    return TyperCommand(name, help=text).get_short_help_str(WHOLE_SENTENCE)
