"""The ward page in a real browser, and what each role may see."""

import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Browser, Locator, Page, expect

from nightvoice.hub.accounts import Accounts
from nightvoice.hub.roles import Role
from nightvoice.insight.night import last_night
from nightvoice.system import paths
from tests.helpers.broker import Mosquitto
from tests.helpers.waiting import until
from tests.helpers.web_site import SIZES, Site, barriers, new_context, too_wide
from tests.hub.ward import PASSWORD, Beds, Start, Visit


def log_in(browser: Browser, site: Site, name: str) -> Page:
    page = new_context(browser, site, viewport=SIZES["phone"]).new_page()
    page.goto("/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    return page


def listen(beds: Beds, *names: str) -> None:
    for name in names:
        beds.say(name, "bridge", "online")
        beds.say(name, "ears", "listening")
        beds.say(name, "episode", {"state": "OFF"})


def test_three_beds_at_night_across_the_room(browser: Browser, beds: Beds, visit: Visit) -> None:
    """A call for help comes first and is the largest, then a cramp; each tells for how long."""
    now = datetime.now(UTC).replace(microsecond=0)
    listen(beds, "bed1", "bed2", "bed3")
    page = log_in(browser, visit("anna", Role.WARD), "anna")
    calls, cramps = page.locator(".call"), page.locator(".cramping")
    expect(page.get_by_text("Every bed listens.")).to_be_visible()
    expect(page.get_by_text("None reported.")).to_be_visible()
    for bed, minutes in (("bed1", 2), ("bed2", 4)):
        since = (now - timedelta(minutes=minutes)).isoformat()
        beds.say(bed, "episode", {"state": "ON", "since": since, "site": "calf", "side": "left"})
    expect(cramps).to_contain_text([re.compile("bed2 .*4 min .*Calf, left"), re.compile("bed1 .*2 min")])
    help = {"event_type": "help_asked", "seq": 5, "at": now.isoformat()}
    beds.say("bed1", "moment", help, retain=False)
    expect(calls).to_contain_text([re.compile("bed1 now Calf, left, cramp for [23] min")])
    expect(cramps).to_have_count(1)
    beds.say("bed3", "ears", "deaf")
    expect(page.get_by_text("does not listen for less than a minute")).to_be_visible()
    for size in SIZES.values():
        page.set_viewport_size(size)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert barriers(page) + too_wide(page) == []
        heights = [letters(page.locator(name)) for name in (".call > b", ".cramping > b", ".bed:not(.call) > span")]
        assert heights == sorted(heights, reverse=True)
        assert calls.bounding_box()["y"] < cramps.bounding_box()["y"]
    assert letters(page.locator(".call > b")) >= 80, "readable across a room on a large screen"
    beds.say("bed1", "episode", {"state": "OFF"})
    expect(calls).to_contain_text("No cramp under way")
    beds.say("bed3", "bridge", "offline")
    expect(page.get_by_text("gone for less than a minute")).to_be_visible()
    page.context.close()


def letters(text: Locator) -> float:
    """Their size in pixels."""
    size: float = text.first.evaluate("element => parseFloat(getComputedStyle(element).fontSize)")
    return size


def test_a_bridge_that_is_killed_is_seen(browser: Browser, visit: Visit, start: Start, mosquitto: Mosquitto) -> None:
    process = start("bridge", bridge__bed="bed7")
    page = log_in(browser, visit("anna", Role.WARD), "anna")
    expect(page.locator(".bed")).to_contain_text("does not listen")
    process.kill()
    expect(page.locator(".bed")).to_contain_text("gone for")
    mosquitto.kill()
    expect(page.get_by_role("alert")).to_contain_text("The broker does not answer")
    page.context.close()


def test_nights_that_were_not_listened_to_are_not_shown_as_free(beds: Beds, visit: Visit) -> None:
    listen(beds, "bed1", "bed2", "bed3", "bed4")
    date = last_night(datetime.now().astimezone()).isoformat()
    night = {"night": date, "listened_h": 8.0, "coverage": "whole", "cramps": 0, "flags": [], "seq": 1}
    beds.say("bed1", "night", night)
    beds.say("bed2", "night", {**night, "listened_h": 0, "coverage": "none"})
    beds.say("bed3", "night", {**night, "night": "2026-01-01"})
    beds.say("bed4", "night", {**night, "listened_h": 1.5, "coverage": "part", "cramps": 2})
    site = visit("anna", Role.WARD)

    def rows() -> list[str]:
        return [row.split("</tr>")[0] for row in site.ask("/").text.split('<th scope="row">')[1:]]

    until(lambda: "Every bed listens." in site.ask("/").text, "every bed")
    until(lambda: "<td>0</td>" in rows()[0] and "<td>2</td>" in rows()[3], "the nights")
    first, *unknown, last = rows()
    assert "<td>0</td><td>8 h</td>" in first
    assert all("not known" in row and "not listened" in row and "<td>0" not in row for row in unknown)
    assert "<td>2</td><td>1 h 30 min, not the whole night</td>" in last


def test_each_role_sees_its_own(beds: Beds, visit: Visit) -> None:
    listen(beds, "bed1")
    anna, study, root = visit("anna", Role.WARD), visit("sam", Role.STUDY), visit("root", Role.ADMIN)
    seen = {
        path: [site.ask(path).status for site in (anna, study, root)]
        for path in ("/", "/study", "/study/export", "/people", "/live-is-not-here")
    }
    assert seen == {
        "/": [200, 303, 200],
        "/study": [403, 200, 403],
        "/study/export": [403, 200, 403],
        "/people": [403, 403, 200],
        "/live-is-not-here": [404, 404, 404],
    }
    nobody = Site(anna.url, None, None)  # type: ignore[arg-type]
    assert [nobody.ask(path).status for path in ("/", "/live", "/study/export", "/people")] == [303, 401, 303, 303]
    taken = {"name": "eve", "role": "admin", "password": PASSWORD, "csrf": anna.token("/")}
    assert anna.ask("/people", taken).status == 403
    assert nobody.ask("/people", {**taken, "csrf": nobody.token("/login")}).status == 401
    assert [person.name for person in Accounts(paths.hub_dir()).all()] == ["anna", "root", "sam"]


def test_an_admin_sees_to_people_and_retention(browser: Browser, beds: Beds, visit: Visit) -> None:
    page = log_in(browser, visit("root", Role.ADMIN), "root")
    anna = visit("anna", Role.WARD)
    page.goto("/people")
    assert barriers(page) + too_wide(page) == []
    page.get_by_role("button", name="Remove anna").click()
    expect(page.get_by_role("button", name="Remove anna")).to_have_count(0)
    assert anna.ask("/").status == 303
    page.get_by_label("Name").fill("bert")
    page.get_by_label("Role").select_option("study")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Add or change").click()
    expect(page.get_by_role("button", name="Remove bert")).to_be_visible()
    page.get_by_label("Keep this many days").fill("90")
    page.get_by_role("button", name="Keep that long").click()
    expect(page.get_by_text("of the last 90 days are kept")).to_be_visible()
    expect(page.get_by_text("Nothing is older.")).to_be_visible()
    page.get_by_label("Name").fill("Not a name")
    page.get_by_label("Password").fill("short")
    page.get_by_role("button", name="Add or change").click()
    expect(page.get_by_role("alert")).to_contain_text("should be of a-z")
    page.context.close()


def test_a_wrong_password_does_not_let_in(visit: Visit) -> None:
    site = Site(visit("anna", Role.WARD).url, None, None)  # type: ignore[arg-type]
    for name in ("anna", "nobody", "../page", ""):
        form = {"name": name, "password": "wrong words in a row", "csrf": site.token("/login")}
        assert site.ask("/login", form).status == 401
    assert site.ask("/").status == 303
