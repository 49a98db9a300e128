"""Schema of home.yaml: names in Home Assistant and messages to the contact."""

from functools import cache
from pathlib import Path
from typing import Literal

from nightvoice.content.loader import HERE, checked
from nightvoice.system.strict import Strict
from nightvoice.system.yaml_file import read_yaml

Entity = Literal["cramp", "listening", "night", "moment", "start_guidance", "good_night", "mute"]
NoticeCause = Literal["help", "danger", "unanswered", "test"]


class HomeWords(Strict):
    """home.yaml."""

    device: str
    """Name of the device; {bed} is the name of the bed."""
    entities: dict[Entity, str]
    title: str
    notices: dict[NoticeCause, str]
    """Messages with {time} (local) and {bed}. Nothing about health: they pass through third-party servers."""


@cache
def load_home(language: str = "en", folder: Path = HERE) -> HomeWords:
    """Load the words in ``language``, or in English if it has none. Raises NightvoiceError if the file is invalid."""
    pack = folder / language
    file = pack / "home.yaml" if (pack / "home.yaml").is_file() else folder / "en" / "home.yaml"
    return checked(HomeWords, read_yaml(file), file.parent.name)
