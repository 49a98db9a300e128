"""Emergency numbers by country, and the country of the system's time zone."""

import os
from functools import cache
from pathlib import Path
from typing import Final

import yaml

UNIVERSAL: Final = "112"
"""The European emergency number; mobile phones nearly everywhere accept it."""
ZONES: Final = Path("/usr/share/zoneinfo/zone.tab")
"""The table of tzdata that maps time zones to countries."""
LOCAL_ZONE: Final = Path("/etc/localtime")


def emergency_number(country: str | None) -> str:
    """Return the number to call in ``country`` (two letters), or the universal one."""
    return _numbers().get(country or "", UNIVERSAL)


def is_known(country: str) -> bool:
    """Whether the number of ``country`` is in the table."""
    return country in _numbers()


def country_of_clock() -> str | None:
    """Return the country of the system's time zone, a better guide than the language; None if unclear."""
    return _country_of(os.environ.get("TZ") or _zone(), ZONES)


def _zone() -> str:
    return os.path.realpath(LOCAL_ZONE).partition("zoneinfo/")[2]


@cache
def _country_of(zone: str, table: Path) -> str | None:
    try:
        lines = table.read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return next((row[0] for row in rows if row[2] == zone), None)


@cache
def _numbers() -> dict[str, str]:
    table: dict[str, list[str]] = yaml.safe_load((Path(__file__).parent / "countries.yaml").read_text("utf-8"))
    return {country: number for number, countries in table.items() for country in countries}
