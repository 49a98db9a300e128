"""What a page answers before anything is scrolled or opened."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.helpers.web_site import LAST, NOW, Serve, Site

MENU = 70
"""Height of the menu that covers the foot of a phone's screen."""


def bottom(page: Page, part: str) -> float:
    box = page.locator(part).bounding_box()
    assert box is not None
    return box["y"] + box["height"]


def test_last_night_says_first_how_bad_it_was(phone: Page) -> None:
    phone.goto("/")
    expect(phone.locator(".verdict")).to_have_text("Two cramps, five minutes in all.")
    assert bottom(phone, ".timeline") < 400
    assert bottom(phone, ".folds") < 844 - MENU
    assert phone.evaluate("document.documentElement.scrollHeight") < 1300


def test_the_calendar_stands_above_what_its_marks_mean(phone: Page) -> None:
    phone.goto("/nights")
    newest = phone.locator(".month").first.bounding_box()
    assert newest is not None
    assert newest["y"] < 200
    assert newest["y"] + newest["height"] < bottom(phone, ".glyphs") < 844 - MENU


def test_nights_before_the_first_in_the_diary_are_blank(serve: Serve) -> None:
    site: Site = serve(empty=True)
    assert "No night yet" in site.ask("/nights").text
    first, evening = LAST - timedelta(days=2), NOW - timedelta(days=3)
    site.context.diary.listening(evening.replace(hour=22), evening.replace(hour=22) + timedelta(hours=8))
    page = site.ask("/nights").text
    assert page.count('<a href="/nights/2') == 3
    assert page.count('class="deaf"') == 2
    assert 'rel="prev"' not in page
    assert 'rel="prev"' not in site.ask(f"/nights/{first}").text
    assert 'rel="prev"' in site.ask("/").text


def test_trends_answer_whether_there_are_fewer_than_before(site: Site) -> None:
    page = site.ask("/trends").text
    asked, answered = page.index("Fewer than in the weeks before?"), page.index("No clear change.")
    assert asked < answered < page.index("Cramps a week")
    assert "Half of them came between" in page
    assert "Half of them took" in page
    assert "likely lies" not in page


def test_patterns_say_first_what_stands_out(site: Site) -> None:
    page = site.ask("/patterns").text
    assert page.index('class="verdict"') < page.index("does not mean") < page.index("I listened to")
    assert page.count("no difference</text>") == page.count('class="chart difference"') > 0
    assert re.search(r"<details[^>]*><summary><h2>How this is found", page)


@pytest.mark.parametrize("path", ["/", "/nights", "/trends", "/patterns", "/report", "/evening", "/episodes/{episode}"])
def test_dates_are_written_in_one_way(site: Site, path: str) -> None:
    """As in 2 March 2026; not by numbers, and not short."""
    page = site.ask(path.format(episode=site.context.diary.night(LAST).episodes[0].id)).text
    shown = re.sub(r"<[^>]*>", " ", page)
    assert re.findall(r"\d{4}-\d\d-\d\d|\b\d{1,2} (?:Jan|Feb|Mar|Sep|Oct|Nov|Dec)\b|\d+/\d+/\d+", shown) == []
