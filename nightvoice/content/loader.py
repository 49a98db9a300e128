"""Loads a language pack from its folder of YAML files."""

from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from nightvoice.content.schema import Pack
from nightvoice.errors import NightvoiceError
from nightvoice.system.yaml_file import read_yaml

HERE = Path(__file__).parent
"""The folder of the built-in packs."""
FILES = (
    "about",
    "phrases",
    "protocols",
    "stretches",
    "triage",
    "intents",
    "requests",
    "morning",
    "check_in",
    "profile",
    "tips",
)

SchemaT = TypeVar("SchemaT", bound=BaseModel)


@cache
def load_pack(language: str = "en", folder: Path = HERE) -> Pack:
    """Load ``folder/language``. Raises NightvoiceError that names the file and the first mistake in it."""
    pack = folder / language
    if not pack.is_dir():
        known = ", ".join(sorted(path.parent.name for path in folder.glob("*/phrases.yaml")))
        raise NightvoiceError(f'no language pack "{language}" in {folder}; there is: {known or "none"}')
    data: dict[str, Any] = {name: read_yaml(pack / f"{name}.yaml") for name in FILES}
    data |= {"language": language, "ledger": read_yaml(folder / "claims.yaml")}
    return checked(Pack, data, language)


def checked(model: type[SchemaT], data: dict[str, Any], language: str) -> SchemaT:
    """Validate ``data`` as ``model``. Raises NightvoiceError that names the first mistake."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = " / ".join(str(part) for part in first["loc"])
        more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
        what = first["msg"].removeprefix("Value error, ")
        raise NightvoiceError(f'language pack "{language}": {where + ": " if where else ""}{what}{more}') from None
