"""Names that the language packs share with the code: body sites, and texts with several wordings."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

Site = Literal["calf", "arch", "toes", "shin", "hamstring", "quadriceps"]
SITES: tuple[Site, ...] = ("calf", "arch", "toes", "shin", "hamstring", "quadriceps")
UNKNOWN = "unknown"
"""The protocol for an unknown site."""
THIGH = "thigh"
"""The protocol for a thigh of which nobody knows whether it is the front or the back: nothing straightens or bends."""

Variants = Annotated[
    tuple[str, ...], BeforeValidator(lambda value: (value,) if isinstance(value, str) else value), Field(min_length=1)
]
"""One or more wordings of a text; the least recently used is spoken."""
