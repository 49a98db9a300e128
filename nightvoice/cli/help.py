"""The list of commands in ``nightvoice --help``, by when they are needed."""

from typing import Any, Final

from typer.core import TyperGroup

PANELS: Final = {
    "Tonight": ("run", "stretch", "listen"),
    "The morning": ("summary", "patterns", "web", "why"),
    "The diary": ("episodes", "backup", "recover", "repair"),
    "Set-up": ("setup", "doctor", "calibrate", "profile", "config", "recording", "support"),
    "Integrations": ("bridge", "wyoming", "satellite", "hub"),
    "For developers": ("rehearse",),
}
"""Commands by panel; one that is in none is listed last."""
WHOLE_SENTENCE: Final = 200
"""Characters of a command's first sentence that are shown: all of it."""
EXAMPLES: Final = """\b
Examples:
  nightvoice run                          tonight: say "I have a cramp"
  nightvoice summary --night yesterday    a night is named by its evening
  nightvoice episodes list --since 2026-03-01

Dates are written 2026-03-01, or today, yesterday."""


class GroupedCommands(TyperGroup):
    """Commands in panels."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands of each panel, with their first line of help."""
        listed = [name for names in PANELS.values() for name in names]
        others = {"Others": tuple(name for name in self.list_commands(ctx) if name not in listed)}
        shown = [(panel, [self.commands[name] for name in names]) for panel, names in (PANELS | others).items()]
        for panel, commands in shown:
            if commands:
                with formatter.section(panel):
                    formatter.write_dl([(each.name, each.get_short_help_str(WHOLE_SENTENCE)) for each in commands])
