"""Numbers to call by country, and the country of the system's time zone."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from nightvoice.system.yaml_file import read_yaml

UNIVERSAL: Final = "112"
"""The European emergency number; mobile phones nearly everywhere accept it."""
ZONEINFO: Final = Path("/usr/share/zoneinfo")
"""Folder of tzdata: ``zone.tab`` maps time zones to countries, ``tzdata.zi`` holds the other names of zones."""
LOCAL_ZONE: Final = Path("/etc/localtime")
MERGED: Final[Mapping[str, str]] = {
    "Africa/Asmera": "ER",
    "Africa/Timbuktu": "ML",
    "America/Coral_Harbour": "CA",
    "America/Virgin": "VI",
    "Antarctica/South_Pole": "AQ",
    "Atlantic/Jan_Mayen": "SJ",
    "Iceland": "IS",
    "Pacific/Ponape": "FM",
    "Pacific/Truk": "FM",
    "Pacific/Yap": "FM",
}
"""Countries of the old names that tzdata links to a zone abroad, because its clocks agree since 1970."""
NO_PLACES: Final = frozenset(
    {"CET", "CST6CDT", "EET", "EST", "EST5EDT", "HST", "MET", "MST", "MST7MDT", "PST8PDT", "WET"}
)
"""Names of clocks that tzdata links to some city, though they belong to no country."""


@dataclass(frozen=True, slots=True)
class HelpNumbers:
    """The numbers to call for help. A space divides a number into the groups in which it is spoken."""

    emergency: str = UNIVERSAL
    urgent: str | None = None
    """A line for urgent medical advice at any hour; None if there is none for the whole country."""
    crisis: str | None = None
    """A line for thoughts of suicide, day and night; None if none is known."""

    def spoken(self) -> "HelpNumbers":
        """Return the numbers digit by digit: a voice would read "112" as a hundred and twelve."""
        urgent, crisis = (number and spell(number) for number in (self.urgent, self.crisis))
        return HelpNumbers(spell(self.emergency), urgent, crisis)


NO_COUNTRY: Final = HelpNumbers()
"""The numbers where the country is unknown."""


def spell(number: str) -> str:
    """Return the number as it is spoken: ``112`` becomes ``1 1 2``, and ``116 123`` becomes ``1 1 6, 1 2 3``."""
    groups = (" ".join(digit for digit in group if digit.isdigit()) for group in number.split())
    return ", ".join(groups)


def help_numbers(country: str | None) -> HelpNumbers:
    """Return the numbers to call in ``country`` (two letters); for an unknown one, only the universal number."""
    return _numbers().get(country or "", NO_COUNTRY)


def is_known(country: str) -> bool:
    """Whether the numbers of ``country`` are in the table."""
    return country in _numbers()


def is_country(code: str, folder: Path = ZONEINFO) -> bool:
    """Whether ``code`` is a country's two letters (ISO 3166); without tzdata's table any two letters are."""
    codes = country_names(folder)
    return code in codes or is_known(code) or (not codes and len(code) == 2 and code.isalpha())


@cache
def country_names(folder: Path = ZONEINFO) -> dict[str, str]:
    """Return the English names of all countries by their code, sorted by name; empty without tzdata's table."""
    rows = (line.split("\t") for line in _lines(folder / "iso3166.tab") if not line.startswith("#"))
    return dict(sorted(((row[0], row[1]) for row in rows if len(row) == 2), key=lambda row: row[1]))


def country_of_clock() -> str | None:
    """Return the country of the system's time zone, a better guide than the language; None if unclear."""
    return country_of_zone(os.environ.get("TZ", "").removeprefix(":") or _zone())


def _zone() -> str:
    return os.path.realpath(LOCAL_ZONE).partition("zoneinfo/")[2]


@cache
def country_of_zone(zone: str, folder: Path = ZONEINFO) -> str | None:
    """Return the country of a time zone of tzdata, also by an old name such as ``US/Eastern``; None if unclear."""
    if zone in NO_PLACES:
        return None
    table = _lines(folder / "zone.tab")
    countries = {row[2]: row[0] for line in table if not line.startswith("#") and len(row := line.split("\t")) > 2}
    if zone in countries:
        return countries[zone]
    links = (line.split() for line in _lines(folder / "tzdata.zi") if line.startswith("L "))
    return MERGED.get(zone) or next((countries.get(link[1]) for link in links if link[2] == zone), None)


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


@cache
def _numbers() -> dict[str, HelpNumbers]:
    table: dict[str, dict[str, str]] = read_yaml(Path(__file__).parent / "countries.yaml")
    return {country: HelpNumbers(**numbers) for country, numbers in table.items()}
