"""The shape of home.yaml: the words that a home, and the contact, see."""

from functools import cache
from pathlib import Path
from typing import Literal

from nightvoice.content.loader import HERE, checked
from nightvoice.system.strict import Strict
from nightvoice.system.yaml_file import read_yaml

Entity = Literal["cramp", "listening", "night", "moment", "start_guidance", "good_night", "mute"]
NoticeCause = Literal["help", "danger", "test"]


class HomeWords(Strict):
    """home.yaml."""

    device: str
    """{bed}: its name."""
    entities: dict[Entity, str]
    title: str
    notices: dict[NoticeCause, str]
    """{time}: by the person's clock; {bed}. Nothing about health: they pass through other people's servers."""


@cache
def load_home(language: str = "en", folder: Path = HERE) -> HomeWords:
    """The words in ``language``, else in English. Raises NightvoiceError where they are broken."""
    pack = folder / language
    file = pack / "home.yaml" if (pack / "home.yaml").is_file() else folder / "en" / "home.yaml"
    return checked(HomeWords, read_yaml(file), file.parent.name)
