"""Contents of the support bundle, without private data: no spoken words, names, paths or profile."""

import getpass
import importlib.metadata
import platform
import re
import socket
from collections.abc import Iterable, Iterator, Sequence
from datetime import time
from pathlib import Path
from typing import Any, Final, get_args

from nightvoice import __version__
from nightvoice.config.choices import choices
from nightvoice.config.reader import ConfigReading, known_fields
from nightvoice.diary.marks import LOG, SUPPORT, WORDS, fields_to
from nightvoice.night.events import NIGHT_EVENTS

REDACTED: Final = "…"
"""Replacement for removed text."""
PERSONAL_SETTINGS: Final = ("profile.", "report.", "safety.")
"""Prefixes of settings about the person, whose values are removed."""
LINES: Final = 5000
"""Number of newest log lines to include."""
_SHORTEST_NAME: Final = 3
_PATH: Final = re.compile(r"(?:~|\w+:/|(?<![\w.]))/[^\s,;:\"')]*")
_QUOTED: Final = re.compile(r"\"[^\"]*\"|'[^']*'")
_ERROR: Final = re.compile(r"\b(\w*(?:Error|Exception|Unavailable|Damaged)): .*")
_LOGGED: Final = re.compile(r"(?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),\d+ (?P<level>[A-Z]+) (?P<text>.*)")
_KIND: Final = re.compile(r"[a-z_]+")


def versions() -> dict[str, Any]:
    """Return the versions of nightvoice, the system and all required packages."""
    needed = sorted({re.split(r"[^\w.-]", line)[0] for line in importlib.metadata.requires("nightvoice") or ()})
    packages: dict[str, str | None] = {}
    for name in needed:
        try:
            packages[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            packages[name] = None
    system = {"system": platform.system(), "release": platform.release(), "machine": platform.machine()}
    return {"nightvoice": __version__, "python": platform.python_version(), **system, "packages": packages}


def private_texts(reading: ConfigReading, devices: Iterable[str]) -> list[str]:
    """Return texts to remove everywhere: names of person, computer and devices, and free text in the settings.

    Longest first.
    """
    own = [str(Path.home()), _user(), socket.gethostname(), *devices]
    typed = [setting.value for setting in reading.settings.values() if not _harmless(setting.key)]
    return sorted({word for word in [*own, *typed] if len(word) >= _SHORTEST_NAME}, key=len, reverse=True)


def redact(text: str, private: Sequence[str]) -> str:
    """Return ``text`` with the ``private`` texts, paths, URLs and quotations removed."""
    for word in private:
        text = re.sub(re.escape(word), REDACTED, text, flags=re.IGNORECASE)
    return _QUOTED.sub(REDACTED, _PATH.sub(REDACTED, text))


def configuration(reading: ConfigReading) -> Iterator[str]:
    """Yield the changed settings; only numbers, times and values from fixed lists are shown."""
    for key, setting in reading.settings.items():
        yield f"{key}: {setting.value if _harmless(key) and not reading.problems else REDACTED}"


def log_lines(lines: Sequence[str], private: Sequence[str]) -> Iterator[str]:
    """Yield the newest log lines, with events reduced to marked fields and problems to the kind of error."""
    problem = False
    for line in lines[-LINES:]:
        logged = _LOGGED.fullmatch(line.rstrip("\n"))
        if logged is None:
            if problem:
                yield _problem(line, private)
            continue
        at, level, text = logged["at"], logged["level"], logged["text"]
        problem = level != "INFO"
        if problem:
            yield f"{at} {level} {_problem(text, private)}"
        elif kind := _KIND.match(text):
            yield " ".join([at, kind[0], *_supported_fields(kind[0], text)])


def _supported_fields(kind: str, text: str) -> list[str]:
    """Return the ``name=value`` pairs in an event's line that are marked for support."""
    names = fields_to(SUPPORT, kind, NIGHT_EVENTS)
    if not names:
        return []
    # Free text could imitate a field, so ignore everything from the first free-text field on.
    spoken = [name for name in fields_to(WORDS, kind, NIGHT_EVENTS) if name not in fields_to(LOG, kind, NIGHT_EVENTS)]
    if spoken:
        text = re.split(f" (?:{'|'.join(spoken)})=", text)[0]
    return re.findall(rf"\b(?:{'|'.join(names)})=[\w.+-]+", text)


def _problem(text: str, private: Sequence[str]) -> str:
    return _ERROR.sub(rf"\1 {REDACTED}", redact(text.rstrip("\n"), private))


def _harmless(key: str) -> bool:
    field = known_fields().get(key)
    if field is None or key.startswith(PERSONAL_SETTINGS):
        return False
    kinds = [kind for kind in (get_args(field.annotation) or (field.annotation,)) if kind is not type(None)]
    return bool(choices(field)) or all(kind in (bool, int, float, time) for kind in kinds)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # the user has no name
        return ""
