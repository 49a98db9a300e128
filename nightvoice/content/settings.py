"""Schema of settings.yaml: the words of the pages for settings."""

from functools import cache
from typing import Literal

from pydantic import Field

from nightvoice.content.loader import HERE, checked
from nightvoice.system.strict import Strict
from nightvoice.system.yaml_file import read_yaml

SettingsPage = Literal["sound", "settings", "profile"]


class SettingWords(Strict):
    """The words about one key of the configuration."""

    label: str
    help: str = ""
    choices: dict[str, str] = Field(default_factory=dict)
    """Names of the values to choose from; others are shown as they are."""
    empty: str = ""
    """The first choice, which leaves the key unset."""
    slider: tuple[str, str] | None = None
    """The words at the two ends; None if it is no slider."""
    wrong: str = ""
    """What is said about a value that does not fit."""


class SettingGroupWords(Strict):
    """The words about keys that are shown together."""

    name: str
    page: SettingsPage
    title: str
    folded: bool = False
    note: str = ""
    fields: dict[str, SettingWords]


class SettingsWords(Strict):
    """settings.yaml."""

    groups: tuple[SettingGroupWords, ...]


@cache
def load_setting_words() -> SettingsWords:
    """Load the words of the settings, in English like all pages. Raises NightvoiceError if the file is invalid."""
    return checked(SettingsWords, read_yaml(HERE / "en" / "settings.yaml"), "en")
