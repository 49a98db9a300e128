"""The pages Settings, Sound and About you."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from nightvoice.config.reader import known_fields
from nightvoice.config.schema import Config
from nightvoice.content.settings import load_setting_words
from nightvoice.errors import NightvoiceError
from tests.helpers.web_site import Site, unfold


def configuration(site: Site) -> Path:
    return site.file.parent / "config" / "nightvoice" / "config.yaml"


def test_every_key_stands_in_one_group() -> None:
    words = Counter(key for group in load_setting_words().groups for key in group.fields)
    assert words == Counter(known_fields().keys())


def test_the_profile_and_the_settings_are_written(phone: Page, site: Site) -> None:
    file = configuration(site)
    file.parent.mkdir(parents=True)
    file.write_text("# mine\naudio:\n  night_volume: 0.2 # quiet\n", encoding="utf-8")
    phone.goto("/settings")
    phone.get_by_label("Emergency number that is spoken").fill("999")
    phone.get_by_label("Where you are").select_option("Ireland")
    unfold(phone, ".fold:has-text('Home Assistant')").get_by_label("Name of this bed").fill("ada")
    phone.get_by_role("button", name="Save").click()
    expect(phone.locator("#said")).to_have_text("Saved.")
    phone.get_by_role("link", name="Microphone and loudspeaker").click()
    expect(phone.locator("output").first).to_have_text("20 %")
    phone.get_by_label("Volume at night").press("ArrowRight")
    expect(phone.locator("output").first).to_have_text("21 %")
    phone.get_by_label("Which loudspeaker").select_option("Kitchen speaker")
    phone.get_by_role("button", name="Save").click()
    expect(phone.locator("#said")).to_have_text("Saved.")
    phone.goto("/profile")
    phone.get_by_label("Your name").fill("Ada: the first")
    phone.get_by_role("button", name="Save").click()
    expect(phone.locator("#said")).to_have_text("Saved.")
    config = site.context.config
    assert (config.safety.emergency_number, config.safety.country, config.bridge.bed) == ("999", "IE", "ada")
    assert (config.audio.night_volume, config.audio.output_device) == (0.21, "Kitchen speaker")
    assert config.report.name == "Ada: the first"
    assert "# mine" in file.read_text("utf-8")
    assert "# quiet" in file.read_text("utf-8")


def test_nothing_is_preset_as_answered_and_nothing_is_written_unasked(site: Site) -> None:
    page = site.ask("/profile").text
    assert page.count('value="" checked><span>Not said</span>') == page.count("<legend>") == 14
    form = {"profile.diabetes": "true", "profile.pregnant": "", "csrf": site.token()}
    assert site.ask("/profile", form).status == 303
    assert configuration(site).read_text("utf-8") == "profile:\n  diabetes: true\n"
    assert 'name="profile.diabetes" value="true" checked' in site.ask("/profile").text
    assert site.ask("/profile", {"profile.diabetes": "", "csrf": site.token()}).status == 303
    assert "true" not in configuration(site).read_text("utf-8")


@pytest.mark.parametrize("page", ["/settings", "/sound", "/profile"])
def test_nothing_that_is_said_for_the_file_is_on_the_page(site: Site, page: str) -> None:
    text = site.ask(page).text
    descriptions = [info.description for info in known_fields().values() if info.description]
    assert [description for description in descriptions if description.removesuffix(".") in text] == []
    assert "unset" not in text
    assert "this file" not in text


def test_mistakes_stand_beside_their_fields(site: Site) -> None:
    wrong = {"safety.emergency_number": "call mum", "bridge.port": "70000", "daily.night_ends": "23:00"}
    answer = site.ask("/settings", wrong | {"safety.contact": "Ada", "csrf": site.token()})
    assert answer.status == 422
    assert 'id="safety-emergency_number-wrong">Write digits only, like 112.' in answer.text
    assert 'id="bridge-port-wrong">Write a number from 1 to 65535.' in answer.text
    assert 'id="daily-night_ends-wrong">Choose a time from 09:00 to 21:00.' in answer.text
    assert 'aria-describedby="bridge-port-wrong"' in answer.text
    assert '<a href="#bridge-port">Port of the broker</a>' in answer.text
    assert '<details class="card fold" open><summary><h2>Home Assistant' in answer.text
    assert 'value="call mum"' in answer.text
    assert 'value="Ada"' in answer.text
    assert not configuration(site).exists()


def test_a_device_that_is_not_connected_stays_chosen(site: Site) -> None:
    configuration(site).parent.mkdir(parents=True)
    configuration(site).write_text("audio: {output_device: Bedroom, input_device: usb}\n", encoding="utf-8")
    text = site.ask("/sound").text
    assert '<option value="Bedroom" selected>Bedroom (not connected now)</option>' in text
    assert '<option value="usb" selected>usb</option>' in text
    site.context.list_devices = refuse
    assert "The devices cannot be listed: the sound system does not answer" in site.ask("/sound").text


def refuse(*_: object) -> Any:
    raise NightvoiceError("the sound system does not answer")


def test_the_loudspeaker_is_tested_before_it_is_saved(site: Site) -> None:
    played: list[Config] = []
    site.context.play_sample = played.append
    form = {"test": "loudspeaker", "audio.output_device": "Kitchen speaker", "audio.night_volume": "0.5"}
    answer = site.ask("/sound", form | {"csrf": site.token()})
    assert (answer.status, "Did you hear a sentence?" in answer.text) == (200, True)
    assert (played[0].audio.output_device, played[0].audio.night_volume) == ("Kitchen speaker", 0.5)
    assert '<option value="Kitchen speaker" selected>' in answer.text
    assert not configuration(site).exists()
    site.context.play_sample = refuse
    answer = site.ask("/sound", form | {"csrf": site.token()})
    assert (answer.status, "the sound system does not answer" in answer.text) == (422, True)


@pytest.mark.parametrize(
    "key", ["diary.url", "models.url", "bridge.host", "bridge.ca_file", "notify.url", "hub.database"]
)
def test_the_page_leads_the_diary_nowhere_else(site: Site, key: str) -> None:
    assert f'name="{key}"' not in site.ask("/settings").text
    form = {key: "http://elsewhere.example/x", "voice.rate_wpm": "140", "csrf": site.token()}
    assert site.ask("/settings", form).status == 303
    written = (site.file.parent / "config" / "nightvoice" / "config.yaml").read_text("utf-8")
    assert "elsewhere" not in written
    assert "140" in written


def test_what_the_environment_sets_is_not_offered(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTVOICE_VOICE__RATE_WPM", "120")
    answer = site.ask("/settings")
    assert "Set by NIGHTVOICE_VOICE__RATE_WPM" in answer.text
    assert 'name="voice.rate_wpm"' not in answer.text
