"""Each command is in a panel of the help, and runs without loading the others."""

import pkgutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import typer

from nightvoice import cli
from nightvoice.cli.commands import Commands
from nightvoice.diary.store import Diary


def test_each_module_of_a_command_is_listed() -> None:
    modules = {each.name: import_module(f"nightvoice.cli.{each.name}") for each in pkgutil.iter_modules(cli.__path__)}
    made = {name for name, module in modules.items() if callable(getattr(module, name, None))}
    made |= {name for name, module in modules.items() if isinstance(getattr(module, "app", None), typer.Typer)}
    assert made | {"doctor"} == set(Commands())


def loaded(modules: str, *command: str) -> str:
    """Run ``command`` in a process of its own; return which of ``modules`` it loaded, as a list is printed."""
    code = (
        f"import sys; from nightvoice.cli import app; app({list(command)!r}, standalone_mode=False); "
        f"print([name for name in {modules.split()!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1]


def test_a_command_loads_none_of_the_others(tmp_path: Path) -> None:
    diary = str(tmp_path / "diary.sqlite")
    Diary.open(diary).close()
    others = "starlette uvicorn argon2 ruamel nightvoice.cli.hub nightvoice.cli.rehearse"
    assert loaded(others, "summary", "--diary", diary) == "[]"


def test_a_typed_night_of_set_phrases_loads_nothing_that_handles_sound(tmp_path: Path) -> None:
    script = tmp_path / "night.yaml"
    script.write_text("night: [{at: 5, say: I have a cramp in my left calf}]\nuntil: 60\n", encoding="utf-8")
    sound = "numpy onnxruntime soundfile soxr nightvoice.listening.pipeline"
    assert loaded(sound, "rehearse", "--script", str(script)) == "[]"
