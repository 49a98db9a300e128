"""A page that is no longer live says so, and becomes live again. In a real browser."""

from http.client import HTTPConnection

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from nightvoice.web.kit import live
from tests.helpers.web_site import NOW, Site

RETRY_MS, SILENCE_MS = 5_000, 35_000


def notice(page: Page) -> Locator:
    return page.get_by_role("alert").filter(has_text="Not live")


def open_page(page: Page) -> None:
    """Open the page with a clock that the test moves, and wait for its stream."""
    page.clock.install()
    with page.expect_response("**/live?*"):
        page.goto("/")


def test_after_an_error_of_the_server_it_says_so_and_comes_back_with_what_happened(phone: Page, site: Site) -> None:
    failing: list[str] = []

    def fail(route: Route) -> None:
        failing.append(route.request.url)
        route.fulfill(status=503)

    phone.route("**/live?*", fail)
    open_page(phone)
    expect(notice(phone)).to_be_visible()
    expect(notice(phone).locator("time")).not_to_be_empty()
    site.context.diary.append("listening_started", NOW, {"engine": "e", "voice": "v", "version": "1"})
    site.context.diary.append("episode_opened", NOW, {"site": "calf", "side": "left"})
    with phone.expect_request("**/live?*"):
        phone.clock.run_for(RETRY_MS)
    expect(phone.locator("#live")).to_be_visible()
    expect(notice(phone)).to_be_visible()
    phone.unroute("**/live?*")
    with phone.expect_response("**/live?*"):
        phone.clock.run_for(RETRY_MS)
    expect(notice(phone)).to_be_hidden()
    assert len(failing) == 2


def test_a_screen_too_many_says_so_until_there_is_room(
    phone: Page, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MAX_STREAMS", 1)
    other = HTTPConnection("127.0.0.1", site.port)
    other.request("GET", "/live")
    other.getresponse().readline()
    open_page(phone)
    expect(notice(phone)).to_be_visible()
    other.close()
    for _ in range(20):  # until the server has noticed
        with phone.expect_response("**/live?*") as answer:
            phone.clock.run_for(RETRY_MS)
        if answer.value.status == 200:
            break
    expect(notice(phone)).to_be_hidden()


def test_a_stream_that_falls_silent_counts_as_ended(phone: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_S", 3600.0)
    open_page(phone)
    expect(notice(phone)).to_be_hidden()
    phone.clock.run_for(SILENCE_MS)
    expect(notice(phone)).to_be_visible()
    with phone.expect_response("**/live?*"):
        phone.clock.run_for(RETRY_MS)
    expect(notice(phone)).to_be_hidden()


def test_a_stream_with_nothing_new_shows_that_it_works(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_S", 0.0)
    connection = HTTPConnection("127.0.0.1", site.port)
    connection.request("GET", f"/live?after={10**9}")
    stream = connection.getresponse()
    assert [stream.readline() for _ in range(4)][2:] == [b"event: alive\n", b"data: 1\n"]
    connection.close()
