"""Reads YAML files. Raises every error as a one-line NightvoiceError with the file, the line and the reason."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import yaml

from nightvoice.errors import NightvoiceError, reason

MAX_BYTES: Final = 1_000_000
"""Largest file accepted; nightvoice's own are far smaller."""
MAX_DEPTH: Final = 100
"""Deepest nesting accepted; libyaml's loader recurses and would crash on more."""
_FEW_BRACKETS: Final = 5000
"""Number of characters that can nest below which depth is not checked, because libyaml copes with it."""
_SAFE_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's safe loader, about ten times faster, if PyYAML was built with it."""


class MissingFileError(NightvoiceError):
    """The file does not exist."""


def read_yaml(file: Path) -> Any:
    """Return the content of ``file`` as plain data. Raises NightvoiceError."""
    text = _text(file)
    with _explained(str(file)):
        if sum(map(text.count, "[{-?:")) > _FEW_BRACKETS:
            _check_depth(text)
        return yaml.load(text, _SAFE_LOADER)  # noqa: S506 - both loaders are the safe ones


def compose_yaml(file: Path, name: str | None = None) -> yaml.Node | None:
    """Return ``file`` as a tree of nodes with line numbers and all scalars as text. Raises NightvoiceError.

    ``name``: name of the file in error messages; default: its path.
    """
    text = _text(file)
    with _explained(name or str(file)):
        return yaml.compose(text, Loader=yaml.BaseLoader)


def not_yaml(name: str, error: Exception) -> NightvoiceError:
    """Return the error for a text rejected by a YAML parser. ``name``: name of the file in the message."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line = f" line {mark.line + 1}" if mark else ""
    problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
    return NightvoiceError(f"{name}{line}: is not YAML: {problem}")


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > MAX_BYTES:
            raise NightvoiceError(f"{file}: is larger than {MAX_BYTES} bytes")
        return file.read_text("utf-8-sig")
    except FileNotFoundError:
        raise MissingFileError(f"{file}: no such file") from None
    except UnicodeDecodeError:
        raise NightvoiceError(f"{file}: is not UTF-8 text") from None
    except OSError as error:
        raise NightvoiceError(f"{file}: cannot be read: {reason(error)}") from None


@contextmanager
def _explained(name: str) -> Iterator[None]:
    try:
        yield
    except RecursionError:
        raise NightvoiceError(f"{name}: is nested too deeply") from None
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date like 2026-02-31
        raise not_yaml(name, error) from None


def _check_depth(text: str) -> None:
    """Raise RecursionError if ``text`` nests deeper than ``MAX_DEPTH``."""
    depth = 0
    for event in yaml.parse(text, _SAFE_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise RecursionError
