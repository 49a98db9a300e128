"""docs/cli.md names every command and option, and none that does not exist."""

import re
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from nightvoice.cli import app

REFERENCE = (Path(__file__).parents[2] / "docs" / "cli.md").read_text("utf-8")
ROOT: Any = get_command(app)
PREAMBLE, *_SECTIONS = re.split(r"^## nightvoice ", REFERENCE, flags=re.M)
SECTIONS = {section.partition("\n")[0]: section for section in _SECTIONS}


def walk(command: Any, path: str) -> dict[str, Any]:
    """Return ``command`` and its subcommands by their full names."""
    found = {path: command}
    for name, sub in getattr(command, "commands", {}).items():
        found |= walk(sub, f"{path} {name}")
    return found


def options(command: Any) -> set[str]:
    return {
        option
        for parameter in command.params
        if parameter.param_type_name == "option"
        for option in (*parameter.opts, *parameter.secondary_opts)
    }


def test_sections_match_the_commands() -> None:
    assert set(SECTIONS) == set(ROOT.commands)


@pytest.mark.parametrize("name", ROOT.commands)
def test_section_names_the_subcommands_and_options(name: str) -> None:
    section = SECTIONS[name]
    commands = walk(ROOT.commands[name], f"nightvoice {name}")
    for path, command in commands.items():
        if not getattr(command, "commands", None):
            assert path in section, f"{path} is not documented"
    known = set().union(*map(options, commands.values()))
    named = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", section))
    assert known <= named, f"not documented: {known - named}"
    assert named - known - {"-o"} == set(), "documented, but not an option of this command"


def test_every_command_in_code_exists() -> None:
    known = walk(ROOT, "nightvoice")
    for code in re.findall(r"^nightvoice .*$|`nightvoice [^`]*`", REFERENCE, flags=re.M):
        words = [word for word in code.strip("`").split()[1:] if re.fullmatch("[a-z]+", word)]
        assert not words or f"nightvoice {words[0]}" in known, code
        if words and getattr(known[f"nightvoice {words[0]}"], "commands", None) and len(words) > 1:
            assert f"nightvoice {words[0]} {words[1]}" in known, code


def test_general_options_are_named() -> None:
    assert {"--version", "--install-completion", "--show-completion"} <= set(re.findall(r"--[a-z-]+", PREAMBLE))
