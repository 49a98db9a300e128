"""Names of body sites that the language packs share with the code."""

from typing import Literal

Site = Literal["calf", "arch", "toes", "shin", "hamstring", "quadriceps"]
SITES: tuple[Site, ...] = ("calf", "arch", "toes", "shin", "hamstring", "quadriceps")
UNKNOWN = "unknown"
"""The protocol for an unknown site."""
THIGH = "thigh"
"""The protocol for a thigh of which nobody knows whether it is the front or the back: nothing straightens or bends."""
