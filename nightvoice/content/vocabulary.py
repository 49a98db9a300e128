"""Names of body sites that the language packs share with the code."""

from typing import Literal

Site = Literal["calf", "arch", "toes", "shin", "hamstring", "quadriceps"]
SITES: tuple[Site, ...] = ("calf", "arch", "toes", "shin", "hamstring", "quadriceps")
SITE_NAMES: dict[str, str] = {
    "calf": "Calf",
    "arch": "Arch of the foot",
    "toes": "Toes",
    "shin": "Shin",
    "hamstring": "Back of the thigh",
    "quadriceps": "Front of the thigh",
}
"""What the pages and the command line call each site."""
UNKNOWN = "unknown"
"""The protocol for an unknown site."""
THIGH = "thigh"
"""The protocol for a thigh of which nobody knows whether it is the front or the back: nothing straightens or bends."""
