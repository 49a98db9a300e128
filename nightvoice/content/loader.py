"""Reads a language pack from its folder of YAML files."""

from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from nightvoice.content.schema import Pack
from nightvoice.errors import NightvoiceError

HERE = Path(__file__).parent
FILES = ("about", "phrases", "protocols", "stretches", "triage", "intents", "morning", "check_in", "profile", "tips")
LARGEST = 1_000_000
"""Bytes of a file: far more than any of ours has."""

Model = TypeVar("Model", bound=BaseModel)


@cache
def load_pack(language: str = "en", folder: Path = HERE) -> Pack:
    """Load ``folder/language``. Raises NightvoiceError naming file and place where the pack is broken."""
    pack = folder / language
    if not pack.is_dir():
        known = ", ".join(sorted(path.parent.name for path in folder.glob("*/phrases.yaml")))
        raise NightvoiceError(f'no language pack "{language}" in {folder}; there is: {known or "none"}')
    data: dict[str, Any] = {name: read(pack / f"{name}.yaml") for name in FILES}
    data |= {"language": language, "ledger": read(folder / "claims.yaml")}
    return checked(Pack, data, language)


def checked(model: type[Model], data: dict[str, Any], language: str) -> Model:
    """``data`` as ``model``. Raises NightvoiceError naming the first place where it is broken."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = " / ".join(str(part) for part in first["loc"])
        more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
        what = first["msg"].removeprefix("Value error, ")
        raise NightvoiceError(f'language pack "{language}": {where + ": " if where else ""}{what}{more}') from None


def read(path: Path) -> Any:
    """What a YAML file holds. Raises NightvoiceError naming file and line."""
    try:
        if path.stat().st_size > LARGEST:
            raise NightvoiceError(f"{path}: is larger than {LARGEST} bytes")
        text = path.read_text(encoding="utf-8")
        if sum(map(text.count, "[{-?:")) > _MANY:
            _refuse_depth(text)
        return yaml.load(text, _SAFE_LOADER)  # noqa: S506 - both loaders are the safe ones
    except OSError as error:
        raise NightvoiceError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise NightvoiceError(f"cannot read {path}: is not UTF-8 text") from None
    except RecursionError:
        raise NightvoiceError(f"{path}: is nested too deeply") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}" if mark else ""
        raise NightvoiceError(f"{path}{line}: not valid YAML ({getattr(error, 'problem', error)})") from None


def _refuse_depth(text: str) -> None:
    """Raise RecursionError for what is nested so deeply that libyaml's loader, which calls itself, would crash."""
    depth = 0
    for event in yaml.parse(text, _SAFE_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise RecursionError


_DEEPEST = 100
_MANY = 5000
"""Signs that may nest; with fewer of them nothing is too deep."""
_SAFE_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's safe loader, some ten times quicker, where PyYAML was built with it."""
