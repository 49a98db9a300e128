"""Changes single keys of the configuration file and preserves the rest, including comments."""

import io
import re
from collections.abc import Mapping
from contextlib import suppress
from math import isfinite
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError

from nightvoice.config.reader import read_config
from nightvoice.errors import NightvoiceError, reason
from nightvoice.system import paths
from nightvoice.system.atomic_file import replace_text
from nightvoice.system.yaml_file import not_yaml


def change(values: Mapping[str, str | None], file: Path | None = None) -> None:
    """Set keys by their dotted names; None removes a key so that its default applies.

    All changes are written, or none. Raises NightvoiceError, also if the result would be invalid.
    """
    file = file or paths.config_file()

    def check(new: Path) -> None:
        if problems := read_config(new).problems:
            problem = problems[0].replace(new.name, file.name)
            if any(f": {key} is " in problem for key in values):  # its line is one of a file that is not kept
                problem = re.sub(r"^.* line \d+: ", "", problem)
            raise NightvoiceError(problem)

    try:
        text = _changed(file.read_text("utf-8-sig") if file.exists() else "", values, file)
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        replace_text(file, text, check=check)
    except (OSError, UnicodeDecodeError) as error:
        raise NightvoiceError(f"{file}: cannot be changed: {reason(error)}") from None


def _changed(text: str, values: Mapping[str, str | None], file: Path) -> str:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    try:
        tree = yaml.load(text)
    except YAMLError as error:
        raise not_yaml(file.name, error) from None
    tree = CommentedMap() if tree is None else tree
    for key, value in values.items():
        branch = tree
        *sections, name = key.split(".")
        for section in sections:
            if branch.get(section) is None:
                branch[section] = CommentedMap()
            branch = branch[section]
        if value is None:
            branch.pop(name, None)
        else:
            branch[name] = _scalar(value)
    out = io.StringIO()
    yaml.dump(tree, out)
    return out.getvalue()


def _scalar(text: str) -> str | int | float | bool:
    """Return ``text`` as a YAML scalar without quotes if it reads back the same: ``0.3``, but not ``000``."""
    if text in ("true", "false"):
        return text == "true"
    for kind in (int, float):
        with suppress(ValueError):
            number = kind(text)
            if str(number) == text and isfinite(number):
                return number
    return text
