"""``nightvoice profile`` and its effects: the emergency number, and the choice of advice."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from nightvoice.cli import app
from nightvoice.config.reader import load_config
from nightvoice.config.schema import Config, ProfileSettings, SafetySettings
from nightvoice.content import countries
from nightvoice.content.eligibility import CONDITIONS
from nightvoice.errors import NightvoiceError
from nightvoice.system import paths

Configure = Callable[[str], Path]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["profile", *arguments], catch_exceptions=False)


def shown() -> dict[str, object]:
    values: dict[str, object] = json.loads(run("--json").stdout)
    return values


def test_the_profile_has_exactly_the_conditions_of_the_content() -> None:
    assert set(ProfileSettings.model_fields) == set(CONDITIONS)


def test_settings_are_shown_stored_and_removable() -> None:
    assert run("set", "pregnant", "Fall-Risk", "country=us", "contact=Ann").exit_code == 0
    assert load_config().profile.conditions == {"pregnant", "fall_risk"}
    assert {name: value for name, value in shown().items() if value} == {
        "pregnant": True,
        "fall_risk": True,
        "country": "US",
        "emergency_number": "911",
        "contact": "Ann",
    }
    assert run("unset", "pregnant", "country").exit_code == 0
    assert load_config().profile.conditions == {"fall_risk"}
    assert load_config().safety.emergency_number == "112"
    assert paths.config_file().stat().st_mode & 0o077 == 0, "it is about health: nobody else reads it"


def test_the_rest_of_the_file_is_preserved(configure: Configure) -> None:
    file = configure("# mine\naudio:\n  night_volume: 0.2  # soft\n")
    run("set", "diabetes")
    text = file.read_text("utf-8")
    assert "# mine\naudio:\n  night_volume: 0.2  # soft\n" in text
    assert load_config().profile.conditions == {"diabetes"}


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("set", "pregnent"), 'profile: unknown name "pregnent"; did you mean "pregnant"?'),
        (("unset", "xyzzy"), 'profile: unknown name "xyzzy"; one of fall_risk, '),
        (("set", "country"), "profile: country needs a value, like country=…"),
        (("set", "country=Britain"), 'safety.country is "Britain": no country has this code'),
        (("set", "pregnant=perhaps"), 'profile.pregnant is "perhaps": should be a valid boolean'),
    ],
)
def test_wrong_usage_is_a_one_line_error(arguments: tuple[str, ...], line: str) -> None:
    with pytest.raises(NightvoiceError) as error:
        run(*arguments)
    assert line in str(error.value)
    assert "\n" not in str(error.value)
    assert not paths.config_file().exists(), "nothing was changed"


def test_a_variable_that_overrides_the_file_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTVOICE_PROFILE__PREGNANT", "no")
    result = run("set", "pregnant")
    assert "NIGHTVOICE_PROFILE__PREGNANT is also set, and overrides" in result.output
    assert load_config().profile.conditions == set()


@pytest.mark.parametrize(
    ("country", "number"), [("DE", "112"), ("GB", "999"), ("US", "911"), ("AU", "000"), ("NZ", "111"), ("JP", "119")]
)
def test_the_emergency_number_follows_the_country(country: str, number: str) -> None:
    assert SafetySettings(country=country).emergency_number == number
    assert SafetySettings(country=country.lower()).emergency_number == number
    assert SafetySettings(country=country, emergency_number="144").emergency_number == "144", (
        "what was set by hand stays"
    )


@pytest.mark.parametrize(
    ("zone", "number"),
    [("Europe/London", "999"), ("America/Chicago", "911"), ("Australia/Sydney", "000"), ("UTC", "112"), ("", "112")],
)
def test_without_a_country_the_emergency_number_follows_the_time_zone(
    monkeypatch: pytest.MonkeyPatch, zone: str, number: str
) -> None:
    if not (countries.ZONEINFO / "zone.tab").exists():
        pytest.skip("this system has no table of time zones (tzdata)")
    monkeypatch.setenv("TZ", zone)
    monkeypatch.setattr(countries, "LOCAL_ZONE", Path("/nowhere"))
    assert Config().safety.emergency_number == number


def test_the_number_for_an_unknown_country_is_shown() -> None:
    run("set", "country=AQ")
    assert "No number is known for AQ, so in an emergency it says 112" in " ".join(run().output.split())
