"""Filling in the forms: by touch, by keyboard, without scripts, and with mistakes."""

import re
from datetime import datetime, time, timedelta

import pytest
from playwright.sync_api import Page, expect

from nightvoice.diary.store import Diary
from tests.helpers.web_site import LAST, NOW, Site, unfold


def cramps(site: Site) -> list[int]:
    return [episode.id for episode in site.context.diary.night(LAST).episodes]


def test_rating_a_cramp_replaces_only_its_card(phone: Page, site: Site) -> None:
    first, second = cramps(site)
    phone.goto("/")
    unfold(phone, "#day")
    phone.locator("textarea[name=note]").fill("half written")
    card = unfold(phone, f"#episode-{first}")
    card.locator("input[name=severity][value='7']").check(force=True)
    card.locator("input[name=soreness][value='0']").check(force=True)
    card.locator("input[name=sleep_lost_minutes]").fill("25")
    card.get_by_role("button", name="Save").click()
    expect(phone.locator("#said")).to_have_text("Saved.")
    expect(phone.locator(f"#episode-{first}-save")).to_be_focused()
    expect(phone.locator("textarea[name=note]")).to_have_value("half written")
    episode = site.context.diary.episode(first)
    assert (episode.severity, episode.soreness, episode.sleep_lost_minutes) == (7, 0, 25)
    assert site.context.diary.episode(second).severity is None
    expect(card.locator(".state")).to_have_text("7 of 10")
    phone.reload()
    expect(card.locator("input[name=severity][value='7']")).to_be_checked()


def test_a_rating_can_be_taken_back(without_script: Page, site: Site) -> None:
    """And every form works without a script."""
    first, _ = cramps(site)
    site.context.diary.edit_episode(first, severity=5)
    without_script.goto("/")
    card = unfold(without_script, f"#episode-{first}")
    card.locator("input[name=severity][value='']").check(force=True)
    card.get_by_role("button", name="Save").click()
    expect(without_script.locator("#said")).to_have_text("Saved.")
    assert without_script.url.endswith(f"/#episode-{first}")
    assert site.context.diary.episode(first).severity is None


def test_the_keyboard_alone(phone: Page, site: Site) -> None:
    """From the top of the page: past the menu, to the first cramp, its first scale, one number, and save."""
    first, _ = cramps(site)
    phone.goto("/")
    phone.keyboard.press("Tab")
    expect(phone.locator(".skip")).to_be_focused()
    phone.keyboard.press("Enter")
    for _ in range(30):
        phone.keyboard.press("Tab")
        if phone.evaluate("document.activeElement.parentElement.id") == f"episode-{first}":
            phone.keyboard.press("Enter")
        if phone.evaluate("document.activeElement.name") == "severity":
            break
    phone.keyboard.press("ArrowRight")
    chosen = phone.evaluate("document.activeElement.value")
    phone.keyboard.press("Enter")
    expect(phone.locator("#said")).to_have_text("Saved.")
    assert str(site.context.diary.episode(first).severity or 0) == chosen


def test_the_day_before_and_a_note(phone: Page, site: Site) -> None:
    phone.goto("/")
    day = unfold(phone, "#day")
    day.get_by_role("group", name="Alcohol").get_by_label("Yes", exact=True).check(force=True)
    day.get_by_role("group", name="Exercise").get_by_label("No", exact=True).check(force=True)
    day.get_by_role("group", name="A walk").get_by_label("not said").check(force=True)
    day.locator("textarea").fill("Dancing.\nTwo glasses of wine.")
    day.get_by_role("button", name="Save").click()
    expect(phone.locator("#said")).to_have_text("Saved.")
    night = site.context.diary.night(LAST)
    assert night.note == "Dancing.\nTwo glasses of wine."
    assert (night.tags["alcohol"], night.tags["exercise"], "walk" in night.tags) == (True, False, False)


def test_a_note_that_is_emptied_is_gone_for_good(phone: Page, site: Site) -> None:
    site.context.diary.note(LAST, "nobody's business")
    phone.goto("/")
    unfold(phone, "#day").locator("textarea").fill("")
    phone.locator("#day").get_by_role("button", name="Save").click()
    expect(phone.locator("#said")).to_have_text("Saved.")
    assert site.context.diary.night(LAST).note is None
    assert b"nobody's business" not in site.file.read_bytes()


def test_the_evening_is_told_of_the_night_that_follows(phone: Page, site: Site) -> None:
    """In the morning that is still the day before; what was said stays when it is saved again."""
    phone.goto("/evening")
    phone.get_by_role("group", name="Bedtime stretches").get_by_label("Yes", exact=True).check(force=True)
    phone.get_by_role("button", name="Save").click()
    expect(phone.locator("#said")).to_have_text("Saved.")
    phone.get_by_role("button", name="Save").click()
    assert site.context.diary.night(LAST).tags["stretches"] is True


def test_putting_a_cramp_right(phone: Page, site: Site) -> None:
    first, _ = cramps(site)
    phone.goto("/")
    unfold(phone, f"#episode-{first}").get_by_role("link", name="Edit").click()
    phone.get_by_label("Where").select_option("shin")
    phone.get_by_label("Side").select_option("")
    phone.get_by_label("How it ended").select_option("worse")
    phone.get_by_label("Notes").fill("It was the shin.")
    phone.get_by_role("button", name="Save").click()
    expect(phone.locator("#said")).to_have_text("Saved.")
    episode = site.context.diary.episode(first)
    assert (episode.site, episode.side, episode.outcome, episode.notes) == ("shin", None, "worse", "It was the shin.")


def test_deleting_asks_first(phone: Page, site: Site) -> None:
    first, second = cramps(site)
    phone.goto(f"/episodes/{first}")
    phone.get_by_role("link", name="Delete this cramp").click()
    phone.get_by_role("link", name="Keep it").click()
    assert cramps(site) == [first, second]
    phone.get_by_role("link", name="Delete this cramp").click()
    phone.get_by_role("button", name="Delete for good").click()
    expect(phone.locator("#said")).to_have_text("Deleted for good.")
    assert cramps(site) == [second]


@pytest.mark.parametrize("slip", ["1441", "-5", "2.5", "an hour", "²"])
def test_a_slip_gets_one_line_and_loses_nothing(without_script: Page, site: Site, slip: str) -> None:
    first, _ = cramps(site)
    page = without_script
    page.goto(f"/episodes/{first}")
    page.get_by_label("Notes").fill("a long note, typed with one finger")
    page.locator("input[name=severity][value='9']").check(force=True)
    # The browser would stop most of these; the server must, too.
    form = {"severity": "9", "soreness": "", "sleep_lost_minutes": slip, "notes": "a long note", "side": "right"}
    answer = site.ask(f"/episodes/{first}", form | {"csrf": site.token()})
    assert answer.status == 422
    assert answer.text.count("Sleep lost: write whole minutes, from 0 to 1440.") == 1
    assert "a long note</textarea>" in answer.text
    assert f'value="{slip}"' in answer.text
    assert re.search(r'name="severity" value="9" checked', answer.text)
    assert '<option value="right" selected>' in answer.text
    assert site.context.diary.episode(first).severity is None


def test_a_slip_on_the_night_keeps_the_rest_of_the_page(phone: Page, site: Site) -> None:
    first, _ = cramps(site)
    phone.goto("/")
    phone.locator("form").first.evaluate("form => form.noValidate = true")
    card = unfold(phone, f"#episode-{first}")
    card.locator("input[name=severity][value='4']").check(force=True)
    card.locator("input[name=sleep_lost_minutes]").fill("9999")
    card.get_by_role("button", name="Save").click()
    expect(card.locator(".wrong")).to_have_text("Sleep lost: write whole minutes, from 0 to 1440.")
    expect(card.locator("input[name=sleep_lost_minutes]")).to_be_focused()
    expect(card.locator("input[name=sleep_lost_minutes]")).to_have_value("9999")
    expect(card.locator("input[name=severity][value='4']")).to_be_checked()


def test_a_server_that_is_gone_loses_nothing(phone: Page) -> None:
    phone.goto("/")
    unfold(phone, "#day").locator("textarea").fill("typed while the power failed")
    phone.route("**/nights/*", lambda route: route.abort())
    phone.locator("#day").get_by_role("button", name="Save").click()
    expect(phone.locator("#said")).to_contain_text("What you typed is still here")
    expect(phone.locator("textarea[name=note]")).to_have_value("typed while the power failed")


def test_a_page_that_grew_old_is_saved_with_one_more_press(phone: Page, site: Site) -> None:
    phone.goto("/")
    unfold(phone, "#day").locator("textarea").fill("typed before the restart")
    phone.context.clear_cookies()
    phone.locator("#day").get_by_role("button", name="Save").click()
    expect(phone.get_by_role("heading", name="Not saved yet")).to_be_visible()
    phone.get_by_role("button", name="Save it now").click()
    expect(phone.locator("#said")).to_have_text("Saved.")
    assert site.context.diary.night(LAST).note == "typed before the restart"


def test_a_cramp_appears_while_it_happens(phone: Page, site: Site) -> None:
    """Written by another program, through the diary alone."""
    phone.goto("/")
    expect(phone.locator("#live")).to_be_hidden()
    with Diary.open(str(site.file)) as diary:
        diary.append("episode_opened", NOW, {"site": "calf", "side": "left"})
        expect(phone.locator("#live h2")).to_have_text("A cramp is under way")
        expect(phone.locator("#live")).to_contain_text("In your left calf")
        diary.append("step", NOW, {"protocol": "calf", "step": "towel-stretch"})
        expect(phone.locator("#live li")).to_have_text("The towel stretch")
        diary.append("episode_closed", NOW, {"outcome": "gone"})
        expect(phone.locator("#live")).to_be_hidden()


def test_a_day_sleeper_s_night_is_filed_when_it_is_set(site: Site) -> None:
    """13:30 belongs to the sleep of that day on every page, as soon as the end of the night is set."""
    diary, at = site.context.diary, datetime.combine(NOW.date(), time(13, 30), NOW.tzinfo)
    site.context.now = lambda: at + timedelta(hours=4)
    number = diary.append("episode_opened", at, {"site": "calf", "side": "left"})
    diary.append("episode_closed", at + timedelta(minutes=4), {"outcome": "gone"})
    assert diary.episode(number).night == NOW.date()
    refused = site.ask("/settings", {"daily.night_ends": "23:00", "csrf": site.token()})
    assert (refused.status, diary.episode(number).night) == (422, NOW.date())
    assert site.ask("/settings", {"daily.night_ends": "18:00", "csrf": site.token()}).status == 303
    assert diary.episode(number).night == LAST
    assert f'action="/episodes/{number}' in site.ask("/").text
    assert ">Yesterday<" in site.ask("/evening").text


ADDED = {"night": str(LAST), "time": "05:10", "site": "calf", "side": "left", "minutes": "5", "severity": "6"}


def test_a_cramp_is_added_by_hand_without_a_script(without_script: Page, site: Site) -> None:
    without_script.goto("/")
    without_script.get_by_role("link", name="Add a cramp").click()
    expect(without_script.get_by_label("Which night?")).to_have_value(str(LAST))
    without_script.get_by_label("At what time").fill("05:10")
    without_script.get_by_label("Where").select_option("Calf")
    without_script.get_by_label("How many minutes").fill("5")
    without_script.get_by_role("button", name="Add it").click()
    added = site.context.diary.night(LAST).episodes[-1]
    assert (added.told_later, f"{added.onset:%H:%M}", added.site, added.outcome) == (True, "05:10", "calf", "gone")
    expect(unfold(without_script, f"#episode-{added.id}")).to_contain_text("Told later.")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"time": ""}, "When did it begin? About is enough."),
        ({"night": "someday"}, "Choose a night."),
        ({"night": str(LAST + timedelta(days=1)), "time": "11:00"}, "That time is still to come."),
        ({"minutes": "five"}, "write whole minutes, from 1 to 600"),
        ({"severity": "11"}, "How bad it was goes from 0 to 10."),
    ],
)
def test_a_mistake_in_a_cramp_stands_beside_its_field(site: Site, wrong: dict[str, str], says: str) -> None:
    before = site.context.diary.last_seq()
    answer = site.ask("/add", ADDED | {"notes": "on the boat", "csrf": site.token()} | wrong)
    (field,) = {*wrong} - ({"night"} if "time" in wrong else set())
    assert answer.status == 422
    assert f'id="add-{field}-wrong">' in answer.text
    assert says in answer.text
    assert "on the boat" in answer.text
    assert site.context.diary.last_seq() == before


def test_time_and_length_of_a_cramp_told_later_are_edited(site: Site) -> None:
    site.ask("/add", ADDED | {"csrf": site.token()})
    told = site.context.diary.latest_episodes(1)[0]
    page = f"/episodes/{told.id}"
    assert 'name="time"' in site.ask(page).text
    assert site.ask(page, {"time": "04:40", "minutes": "7", "csrf": site.token()}).status == 303
    edited = site.context.diary.episode(told.id)
    assert (f"{edited.onset:%H:%M}", edited.duration, edited.night) == ("04:40", timedelta(minutes=7), told.night)
    for field, text, says in (
        ("time", "", "When did it begin? About is enough."),
        ("minutes", "601", "write whole minutes, from 1 to 600"),
        ("severity", "11", "How bad it was goes from 0 to 10."),
    ):
        answer = site.ask(page, {"csrf": site.token(), field: text})
        assert (answer.status, says in answer.text) == (422, True)
        assert f'id="f-{field}-wrong">' in answer.text
    assert site.context.diary.episode(told.id) == edited


def test_a_cramp_is_not_added_twice(site: Site) -> None:
    form = ADDED | {"csrf": site.token()}
    assert site.ask("/add", form).status == 303
    again = site.ask("/add", form)
    assert again.status == 422
    assert "The diary has a cramp at that time already, at 5:10 am." in again.text


def test_the_name_of_last_night_fits_a_phone(site: Site) -> None:
    assert ">Last night, Sunday to Monday</option>" in site.ask("/add").text
