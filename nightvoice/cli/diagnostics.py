"""What may leave the house to find a fault: no word that was spoken, no name, no path, no profile."""

import getpass
import importlib.metadata
import platform
import re
import socket
from collections.abc import Iterable, Iterator, Sequence
from datetime import time
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin

from nightvoice import __version__
from nightvoice.config.reader import ConfigReading, known_fields
from nightvoice.system.night_log import SAFE

GONE: Final = "…"
"""Stands for what was taken out."""
ABOUT_THE_PERSON: Final = ("profile.", "report.", "safety.")
LINES: Final = 5000
"""The newest of the log."""
_SHORTEST_NAME: Final = 3
_PATH: Final = re.compile(r"(?:~|\w+:/|(?<![\w.]))/[^\s,;:\"')]*")
_QUOTED: Final = re.compile(r"\"[^\"]*\"|'[^']*'")
_ERROR: Final = re.compile(r"\b(\w*(?:Error|Exception|Unavailable|Damaged)): .*")
_LOGGED: Final = re.compile(r"(?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),\d+ (?P<level>[A-Z]+) (?P<text>.*)")
_EVENT: Final = re.compile(r"[a-z_]+")
_FIELD: Final = re.compile(rf"\b(?:{'|'.join(field for field in SAFE if field != 'flag')})=[\w.+-]+")


def versions() -> dict[str, Any]:
    """Of nightvoice, of what it runs on, and of the packages that it needs."""
    needed = sorted({re.split(r"[^\w.-]", line)[0] for line in importlib.metadata.requires("nightvoice") or ()})
    packages: dict[str, str | None] = {}
    for name in needed:
        try:
            packages[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            packages[name] = None
    system = {"system": platform.system(), "release": platform.release(), "machine": platform.machine()}
    return {"nightvoice": __version__, "python": platform.python_version(), **system, "packages": packages}


def private(reading: ConfigReading, devices: Iterable[str]) -> list[str]:
    """What is taken out wherever it stands: names of person, computer and devices, and free text of the settings."""
    own = [str(Path.home()), _user(), socket.gethostname(), *devices]
    typed = [setting.value for setting in reading.settings.values() if not _harmless(setting.key)]
    return sorted({word for word in [*own, *typed] if len(word) >= _SHORTEST_NAME}, key=len, reverse=True)


def scrubbed(text: str, private: Sequence[str]) -> str:
    """``text`` without what is private, without paths, addresses and whatever is quoted."""
    for word in private:
        text = re.sub(re.escape(word), GONE, text, flags=re.IGNORECASE)
    return _QUOTED.sub(GONE, _PATH.sub(GONE, text))


def configuration(reading: ConfigReading) -> Iterator[str]:
    """The keys that somebody set; the value only where it is a number, a time, or one of a few given words."""
    for key, setting in reading.settings.items():
        yield f"{key}: {setting.value if _harmless(key) and not reading.problems else GONE}"


def log_lines(lines: Sequence[str], private: Sequence[str]) -> Iterator[str]:
    """The newest lines of the log: of events their names and figures, of troubles what kind of trouble it was."""
    trouble = False
    for line in lines[-LINES:]:
        logged = _LOGGED.fullmatch(line.rstrip("\n"))
        if logged is None:
            if trouble:
                yield _trouble(line, private)
            continue
        at, level, text = logged["at"], logged["level"], logged["text"]
        trouble = level != "INFO"
        if trouble:
            yield f"{at} {level} {_trouble(text, private)}"
        elif event := _EVENT.match(text):
            yield " ".join([at, event[0], *_FIELD.findall(_unspoken(text))])


def _unspoken(text: str) -> str:
    """The part of an event's line before the first free text, which could hold anything."""
    return re.split(r" (?:text|why|slots)=", text)[0]


def _trouble(text: str, private: Sequence[str]) -> str:
    return _ERROR.sub(rf"\1 {GONE}", scrubbed(text.rstrip("\n"), private))


def _harmless(key: str) -> bool:
    field = known_fields().get(key)
    if field is None or key.startswith(ABOUT_THE_PERSON):
        return False
    kinds = [kind for kind in (get_args(field.annotation) or (field.annotation,)) if kind is not type(None)]
    return get_origin(field.annotation) is Literal or all(kind in (bool, int, float, time) for kind in kinds)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without a name
        return ""
