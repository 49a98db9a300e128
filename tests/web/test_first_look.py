"""What a page answers before anything is scrolled or opened."""

from playwright.sync_api import Page, expect

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
