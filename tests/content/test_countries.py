"""Whom to call: numbers by country, checked against the package ``phonenumbers``, and the country of a time zone."""

from pathlib import Path

import pytest
import yaml

from nightvoice.config.schema import SafetySettings
from nightvoice.content import countries
from nightvoice.content.countries import HelpNumbers, country_of_zone, help_numbers, spell
from nightvoice.content.loader import load_pack
from nightvoice.content.prompts import prompts

TABLE: dict[str, dict[str, str]] = yaml.safe_load(
    (Path(countries.__file__).parent / "countries.yaml").read_text("utf-8")
)
ABSENT_FROM_PHONENUMBERS = {
    "HN": "the data know no number of Honduras; 911 is the national one since 2015",
    "PE": "the data know no number of Peru; 106 is the ambulance (SAMU)",
    "RS": "the data know only 112, which is being introduced; 194 is the ambulance",
    "UZ": "the data know no number of Uzbekistan; 103 is the ambulance",
}
"""Countries whose number the package does not confirm, and why it stays."""


def test_every_number_is_valid_and_every_country_is_known() -> None:
    assert len(TABLE) > 100
    assert all(isinstance(country, str) and len(country) == 2 for country in TABLE), "NO is not false"
    for country, numbers in TABLE.items():
        assert countries.is_known(country)
        assert set(numbers) <= {"emergency", "urgent", "crisis"}
        for number in numbers.values():
            assert str(number).replace(" ", "") == "".join(filter(str.isdigit, number)), (country, number)
            SafetySettings(country=country, emergency_number=number)


def test_emergency_numbers_are_those_of_phonenumbers() -> None:
    short = pytest.importorskip("phonenumbers.shortnumberinfo")
    unconfirmed = {
        country for country, known in TABLE.items() if not short.is_emergency_number(known["emergency"], country)
    }
    assert unconfirmed == set(ABSENT_FROM_PHONENUMBERS)


def test_a_number_set_by_hand_replaces_only_the_emergency_number() -> None:
    assert SafetySettings(country="GB").help_numbers == HelpNumbers("999", "111", "116 123")
    assert SafetySettings(country="GB", emergency_number="112").help_numbers == HelpNumbers("112", "111", "116 123")
    assert SafetySettings(country="AQ").help_numbers == HelpNumbers("112")


@pytest.mark.parametrize(
    ("number", "spoken"), [("112", "1 1 2"), ("116 123", "1 1 6, 1 2 3"), ("1800 022 222", "1 8 0 0, 0 2 2, 2 2 2")]
)
def test_a_number_is_spoken_digit_by_digit_with_a_pause_between_groups(number: str, spoken: str) -> None:
    assert spell(number) == spoken


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("country", ["GB", "US", "IE", "AQ"])
def test_a_route_is_named_in_every_country(language: str, country: str) -> None:
    numbers = help_numbers(country).spoken()
    texts = prompts(load_pack(language), help_numbers(country))
    assert not [text for text in texts if "{" in text]
    calls = load_pack(language).phrases.routes.placeholders(numbers)
    for name, number in (("urgent", numbers.urgent), ("crisis", numbers.crisis)):
        assert number is None or number in calls[name]
        assert [text for text in texts if calls[name] in text]
    assert numbers.urgent or "emergency department" in calls["urgent"] or "Notaufnahme" in calls["urgent"]
    assert numbers.emergency in calls["crisis"]
    assert "None" not in " ".join(calls.values())


@pytest.mark.parametrize(
    ("zone", "country"),
    [
        *(
            ("US/Eastern", "US"),
            ("Canada/Pacific", "CA"),
            ("GB", "GB"),
            ("GB-Eire", "GB"),
            ("Eire", "IE"),
            ("NZ", "NZ"),
        ),
        *(("Australia/ACT", "AU"), ("Europe/Belfast", "GB"), ("Asia/Calcutta", "IN"), ("Iceland", "IS")),
        *(("Atlantic/Jan_Mayen", "SJ"), ("Europe/Berlin", "DE"), ("PRC", "CN"), ("Etc/UTC", None), ("EST5EDT", None)),
    ],
)
def test_an_old_name_of_a_time_zone_gives_its_country(zone: str, country: str | None) -> None:
    needs_tzdata()
    assert country_of_zone(zone) == country


def test_every_link_of_tzdata_gives_a_country_unless_it_is_no_place() -> None:
    needs_tzdata()
    links = [
        line.split()[2] for line in (countries.ZONEINFO / "tzdata.zi").read_text().splitlines() if line[:2] == "L "
    ]
    clocks = {"GMT", "GMT+0", "GMT-0", "GMT0", "Greenwich", "UCT", "UTC", "Universal", "Zulu"}
    unknown = {link for link in links if country_of_zone(link) is None and not link.startswith("Etc/")}
    assert len(links) > 100
    assert unknown <= clocks | countries.NO_PLACES
    assert {link: country_of_zone(link) for link in countries.MERGED} == countries.MERGED


def test_without_tzdata_no_country_is_guessed(tmp_path: Path) -> None:
    assert country_of_zone("Europe/London", tmp_path) is None


def needs_tzdata() -> None:
    if not (countries.ZONEINFO / "tzdata.zi").exists():
        pytest.skip("this system has no table of time zones (tzdata)")
