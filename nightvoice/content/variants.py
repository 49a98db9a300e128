"""Texts with several wordings in the language packs."""

from typing import Annotated

from pydantic import BeforeValidator, Field

Variants = Annotated[
    tuple[str, ...], BeforeValidator(lambda value: (value,) if isinstance(value, str) else value), Field(min_length=1)
]
"""One or more wordings of a text; the least recently used is spoken."""
