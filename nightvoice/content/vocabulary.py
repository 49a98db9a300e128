"""The words that language packs share with the code: sites, and texts in several wordings."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

Site = Literal["calf", "arch", "toes", "shin", "hamstring", "quadriceps"]
SITES: tuple[Site, ...] = ("calf", "arch", "toes", "shin", "hamstring", "quadriceps")
UNKNOWN = "unknown"
"""The protocol for a site that was not understood."""

Variants = Annotated[
    tuple[str, ...], BeforeValidator(lambda value: (value,) if isinstance(value, str) else value), Field(min_length=1)
]
"""One text, or several, of which the one is taken that was said longest ago."""
