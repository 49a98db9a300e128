"""Configuration values from a list, including lists that other packages can extend."""

import difflib
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args, get_origin

from pydantic import GetCoreSchemaHandler
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from nightvoice.system.registry import AUTO, Registry

VOICES: Final = Registry("voice", "nightvoice.voices", home="nightvoice.speaking.registry")
ENGINES: Final = Registry("engine", "nightvoice.engines", home="nightvoice.listening.engines.registry")


@dataclass(frozen=True, slots=True)
class OneOf:
    """Annotation of a ``str`` field whose value must be ``auto`` or a name in ``registry``."""

    registry: Registry

    def values(self) -> tuple[str, ...]:
        return (AUTO, *self.registry.names())

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def _check(self, value: str) -> str:
        if value == AUTO or value in self.registry:
            return value
        values = self.values()
        quoted = [f"'{known}'" for known in values]
        near = difflib.get_close_matches(value, values, n=1, cutoff=0.5)
        hint = f'; did you mean "{near[0]}"?' if near else ""
        expected = f"{', '.join(quoted[:-1])} or {quoted[-1]}{hint}"
        raise PydanticCustomError("one_of", "Input should be {expected}", {"expected": expected})


def choices(field: FieldInfo) -> tuple[str, ...]:
    """Return the values that ``field`` accepts if it takes one of a list; empty for other fields."""
    for annotation in (field.annotation, *get_args(field.annotation)):
        if get_origin(annotation) is Literal:
            return get_args(annotation)
    return next((constraint.values() for constraint in field.metadata if isinstance(constraint, OneOf)), ())
