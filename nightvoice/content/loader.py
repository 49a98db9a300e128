"""Loads a language pack, or the part of it that is needed, from its folder of YAML files."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from nightvoice.content.narrative_pack import NarrativePack
from nightvoice.errors import NightvoiceError
from nightvoice.system.yaml_file import read_yaml

if TYPE_CHECKING:
    from nightvoice.content.schema import Pack

HERE = Path(__file__).parent
"""The folder of the built-in packs."""

SchemaT = TypeVar("SchemaT", bound=BaseModel)


@cache
def load_pack(language: str = "en", folder: Path = HERE) -> Pack:
    """Load ``folder/language``. Raises NightvoiceError that names the file and the first mistake in it."""
    from nightvoice.content.schema import Pack  # noqa: PLC0415 - the whole schema takes long to import

    return _read(Pack, language, folder)


@cache
def load_narrative_pack(language: str = "en", folder: Path = HERE) -> NarrativePack:
    """Load only what the summary of a night needs. Raises NightvoiceError as ``load_pack`` does."""
    return _read(NarrativePack, language, folder)


def files_of(schema: type[BaseModel]) -> list[str]:
    """Return the names, without extension, of the files that ``schema`` is read from."""
    return sorted(schema.model_fields.keys() - {"language", "ledger"})


def _read(schema: type[SchemaT], language: str, folder: Path) -> SchemaT:
    pack = folder / language
    if not pack.is_dir():
        known = ", ".join(sorted(path.parent.name for path in folder.glob("*/phrases.yaml")))
        raise NightvoiceError(f'no language pack "{language}" in {folder}; there is: {known or "none"}')
    data: dict[str, Any] = {name: read_yaml(pack / f"{name}.yaml") for name in files_of(schema)}
    data |= {"language": language, "ledger": read_yaml(folder / "claims.yaml")}
    return checked(schema, data, language)


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
