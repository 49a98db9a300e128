"""Who may see the diary, and what another site can make a browser do."""

import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from nightvoice.errors import NightvoiceError
from nightvoice.web.kit.access import Access
from nightvoice.web.kit.host_check import AllowedHosts
from nightvoice.web.kit.throttle import FIRST_WAIT_S, FREE_ATTEMPTS, MAX_WAIT_S, Throttle
from tests.helpers.web_site import LAST, Serve, Site, new_context

PASSWORD = "four words in a row"


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("localhost:8765", True),
        ("LOCALHOST", True),
        ("localhost.:8765", True),
        ("127.0.0.1:8765", True),
        ("[::1]:8765", True),
        ("127.9.9.9", True),
        ("evil.example", False),
        ("evil.example:8765", False),
        ("localhost.evil.example", False),
        ("192.168.1.7", False),
        ("", False),
        ("[::1", True),
        ("[evil]", False),
    ],
)
def test_the_names_of_a_page_for_this_machine_only(host: str, known: bool) -> None:
    assert AllowedHosts(loopback_only=True).allows(host) is known


def test_the_names_of_a_page_for_the_home_network() -> None:
    names = AllowedHosts(False, ["pi.home"])
    assert names.allows("192.168.1.7:8765")
    assert names.allows("pi.home")
    assert names.allows("pi.home.:8765"), "with the dot at the end that a full name has"
    assert not names.allows("evil.example")


def test_a_rebound_name_is_refused(site: Site) -> None:
    answer = site.ask("/", Host="evil.example")
    assert answer.status == 421
    assert "cramp" not in answer.text


@pytest.mark.parametrize("host", ["name.local.", "name.local.:8765"])
def test_a_name_that_is_refused_says_how_to_allow_it(site: Site, host: str) -> None:
    answer = site.ask("/", Host=host)
    assert answer.status == 421
    assert "start it with --name and this name" in answer.text


@pytest.mark.parametrize("path", ["/", "/report/page", "/nothing", "/static/page.css", "/login"])
def test_what_the_browser_may_do(site: Site, path: str) -> None:
    headers = site.ask(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    kept = "immutable" in headers["cache-control"]
    assert kept if path.startswith("/static") else headers["cache-control"] == "no-store"


def test_the_cookie_is_for_this_site_only(site: Site) -> None:
    cookie = site.ask("/").headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


FORMS = (
    f"/nights/{LAST}",
    "/evening",
    "/add",
    "/settings",
    "/sound",
    "/profile",
    "/episodes/{}",
    "/episodes/{}/rating",
    "/episodes/{}/delete",
)


@pytest.mark.parametrize("path", FORMS)
def test_no_form_is_taken_without_its_token(site: Site, path: str) -> None:
    episode = site.context.diary.night(LAST).episodes[0]
    before = site.context.diary.last_seq()
    for form in ({"note": "x", "severity": "1"}, {"note": "x", "severity": "1", "csrf": "guessed"}):
        assert site.ask(path.format(episode.id), form).status == 409
    assert site.context.diary.last_seq() == before


@pytest.mark.parametrize("path", FORMS)
def test_no_form_of_another_site_is_taken(site: Site, path: str) -> None:
    episode = site.context.diary.night(LAST).episodes[0]
    before = site.context.diary.last_seq()
    form = {"note": "x", "severity": "1", "csrf": site.token()}
    answer = site.ask(path.format(episode.id), form, Sec_Fetch_Site="cross-site")
    assert answer.status == 403
    assert "Another site sent this form" in answer.text
    assert site.context.diary.last_seq() == before


def test_more_than_anybody_types(site: Site) -> None:
    form = {"note": "x" * 70_000, "csrf": site.token()}
    assert site.ask("/evening", form).status == 413
    assert site.ask("/evening", {f"tag-{n}": "yes" for n in range(300)}).status == 413


def test_a_note_that_is_too_long_is_shown_again(site: Site) -> None:
    note = "word " * 1000
    answer = site.ask("/evening", {"note": note, "csrf": site.token()})
    assert answer.status == 422
    assert "A note has room for 4000 letters; this one has 4999." in answer.text
    assert note in answer.text


@pytest.mark.parametrize("path", ["/nights/2026-13-45", "/nights/yesterday", "/nights/9999-12-31", "/nights/0001-01-01",
                                  "/episodes/99999999", "/episodes/1e3", "/why/nonsense", "/nights?until=x",
                                  "/nights?until=0000-01", "/static/../app.py", "/static/%2e%2e/app.py"])  # fmt: skip
def test_what_is_not_there(site: Site, path: str) -> None:
    answer = site.ask(path)
    assert answer.status == 404
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("path", ["/trends?back=%00", "/report?back=9y", "/nights?until=3000-01"])
def test_odd_questions_get_the_usual_answer(site: Site, path: str) -> None:
    assert site.ask(path).status == 200


def test_text_of_any_kind_comes_back_as_it_was(site: Site) -> None:
    for text in ("</textarea><script>alert(1)</script>", "{{ 7*7 }} {% raw %}", "Ü 漢字 🦵 \u202e", "a\r\nb"):
        answer = site.ask("/evening", {"note": text, "csrf": site.token()})
        assert answer.status == 303
        assert site.context.diary.night(LAST).note == text.replace("\r\n", "\n").strip()
        assert "<script>alert" not in site.ask("/evening").text


def test_a_fault_is_told_in_one_line(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    token = site.token()
    for method in ("nights", "tag", "note"):
        monkeypatch.setattr(type(site.context.diary), method, broken)
    shown = site.ask("/")
    assert shown.status == 500
    assert "our fault" in shown.text
    sent = site.ask("/evening", {"note": "typed with care", "csrf": token})
    assert sent.status == 500
    assert "typed with care" in sent.text
    assert not re.search("secret detail|Traceback", shown.text + sent.text)


def test_a_diary_that_is_locked_loses_nothing(site: Site) -> None:
    """Another program writes for longer than one waits."""
    hold = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); c.execute('BEGIN IMMEDIATE'); "
    hold += "print('held', flush=True); sys.stdin.read()"
    token = site.token()
    other = subprocess.Popen(
        [sys.executable, "-c", hold, str(site.file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with other:
        assert other.stdout
        assert other.stdout.readline() == "held\n"
        answer = site.ask("/evening", {"note": "typed meanwhile", "csrf": token})
        assert other.stdin
        other.stdin.close()
    assert answer.status == 503
    assert "another program has been writing" in answer.text
    assert 'value="typed meanwhile"' in answer.text
    again = site.ask("/evening", {"note": "typed meanwhile", "csrf": token})
    assert again.status == 303


STREAMS = ("/live", "/microphone/level")


def test_every_page_asks_for_the_password(serve: Serve) -> None:
    site = serve(password=PASSWORD)
    for route in all_pages(site):
        answer = site.ask(route)
        assert (answer.status, answer.headers.get("location")) == (303, "/login"), route
    assert [site.ask(stream).status for stream in STREAMS] == [401] * len(STREAMS)
    assert site.ask("/static/page.css").status == 200


def all_pages(site: Site) -> list[str]:
    """An address of every page that the application has."""
    from starlette.routing import Route

    from nightvoice.web.app import make_app

    values = {"{night}": str(LAST), "{id:int}": "1", "{claim}": "massage"}
    routes = [route for route in make_app(site.context, AllowedHosts(True)).routes if isinstance(route, Route)]
    paths = {route.path for route in routes if route.methods and "GET" in route.methods} - {"/login", *STREAMS}
    assert len(paths) > 10
    return sorted(re.sub(r"{[^}]+}", lambda found: values[found[0]], path) for path in paths)


def test_without_a_password_the_printed_address_lets_in(serve: Serve) -> None:
    site = serve()
    secret = site.context.access.local_secret()
    assert secret
    for path in ("/", "/login?secret=guessed", "/login?secret=", f"/?secret={secret}"):
        answer = site.ask(path)
        assert "cramp" not in answer.text, path
    form = {"password": "guessed", "csrf": site.token("/login")}
    assert site.ask("/login", form).status == 401
    for entered in (site.ask(f"/login?secret={secret}"), site.ask(f"/login?secret={secret}")):
        assert (entered.status, entered.headers["location"]) == (303, "/")
    assert site.ask("/").status == 200
    site.cookie = ""
    pasted = site.ask("/login", {"password": secret, "csrf": site.token("/login")})
    assert pasted.status == 303
    assert site.ask("/").status == 200


def test_a_password_takes_the_place_of_the_printed_address(serve: Serve) -> None:
    site = serve()
    secret = site.context.access.local_secret()
    site.context.access.set_password(PASSWORD)
    assert site.context.access.local_secret() is None
    assert site.ask(f"/login?secret={secret}").status == 200, "the login"
    assert site.ask("/").status == 303


def test_the_secret_stays_the_same_in_a_private_file(tmp_path: Path) -> None:
    file = tmp_path / "web.json"
    secret = Access.open(file).local_secret()
    assert Access.open(file).local_secret() == secret
    assert file.stat().st_mode & 0o777 == 0o600


def test_logging_in_and_out(browser: Browser, serve: Serve) -> None:
    site = serve(password=PASSWORD)
    context = new_context(browser, site)
    page = context.new_page()
    page.goto("/trends?back=1y")
    page.get_by_label("Password").fill("not that one")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_have_text("That is not the password.")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/trends?back=1y")
    cookies = context.cookies()
    page.goto("/more")
    page.get_by_role("button", name="Log out").click()
    expect(page.locator("#said")).to_have_text("You are logged out.")
    context.clear_cookies()
    context.add_cookies(cookies)
    page.goto("/")
    expect(page.get_by_label("Password")).to_be_visible()
    context.close()


def test_what_was_typed_survives_a_login(browser: Browser, serve: Serve) -> None:
    site = serve(password=PASSWORD)
    context = new_context(browser, site)
    page = context.new_page()
    page.goto("/evening")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_label("A note").fill("typed in an old session")
    site.context.access.set_password(PASSWORD)  # which ends every session
    page.get_by_role("button", name="Save").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name="Save it now").click()
    expect(page.get_by_label("A note")).to_have_value("typed in an old session")
    assert site.context.diary.night(LAST).note == "typed in an old session"
    context.close()


def test_guessing_gets_slow(serve: Serve) -> None:
    site = serve(password=PASSWORD)
    token = site.token("/login")
    for _ in range(FREE_ATTEMPTS):
        assert site.ask("/login", {"password": "guess", "csrf": token}).status == 401
    answer = site.ask("/login", {"password": PASSWORD, "csrf": token})
    assert answer.status == 429
    assert int(answer.headers["retry-after"]) <= FIRST_WAIT_S
    assert PASSWORD not in answer.text


def test_the_throttle_forgets() -> None:
    clock = [0.0]
    throttle = Throttle(lambda: clock[0])
    assert [throttle.begin("a") for _ in range(FREE_ATTEMPTS)] == [0.0] * FREE_ATTEMPTS
    assert throttle.begin("a") == FIRST_WAIT_S
    assert throttle.begin("b") == 0
    clock[0] += FIRST_WAIT_S
    assert throttle.begin("a") == 0
    assert throttle.begin("a") == 2 * FIRST_WAIT_S
    clock[0] += MAX_WAIT_S
    assert throttle.begin("a") == 0
    throttle.succeed("a")


def test_a_right_password_gives_nobody_more_guesses_at_another_account() -> None:
    throttle = Throttle(lambda: 0.0)
    guesses = 0
    for _ in range(10 * FREE_ATTEMPTS):
        guesses += throttle.begin("a", "sister") == 0
        if throttle.begin("a", "guesser") == 0:
            throttle.succeed("a", "guesser")
    assert guesses == FREE_ATTEMPTS


def test_a_stranger_locks_nobody_else_out() -> None:
    throttle = Throttle(lambda: 0.0)
    for _ in range(10 * FREE_ATTEMPTS):
        throttle.begin("stranger", "sister")
    assert throttle.begin("ward", "sister") == throttle.begin("stranger", "doctor") == 0


def test_logins_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    Access.open(tmp_path / "page.json").set_password(PASSWORD)
    with ThreadPoolExecutor(8) as pool:
        tokens = list(pool.map(lambda _: Access(tmp_path / "page.json").open_session(), range(24)))
    assert all(map(Access(tmp_path / "page.json").has_session, tokens))


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "evil"])
def test_the_login_goes_to_no_other_site(serve: Serve, target: str) -> None:
    site = serve(password=PASSWORD)
    answer = site.ask("/login", {"password": PASSWORD, "target": target, "csrf": site.token("/login")})
    assert (answer.status, answer.headers["location"]) == (303, "/")


def test_a_new_password_reaches_a_page_that_is_running(serve: Serve, tmp_path: Path) -> None:
    site = serve(password=PASSWORD)
    Access.open(tmp_path / "web.json").set_password("another four words")
    token = site.token("/login")
    assert site.ask("/login", {"password": PASSWORD, "csrf": token}).status == 401
    assert site.ask("/login", {"password": "another four words", "csrf": token}).status == 303
    assert Access.open(tmp_path / "web.json").verify("another four words")


def test_one_account_has_fewer_than_100_tries_in_an_hour_however_many_addresses_guess() -> None:
    clock = [0.0]
    throttle, tries = Throttle(lambda: clock[0]), 0
    while clock[0] < 3600:
        tries += throttle.begin(f"address {tries}", "anna") == 0
        clock[0] += 1
    assert 80 < tries < 100


def test_new_passwords_have_12_to_128_letters_and_long_ones_set_earlier_still_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = Access.open(tmp_path / "web.json")
    for wrong in ("a    " * 3, "x" * 129):
        with pytest.raises(NightvoiceError, match="use at least 12, such as four words, and at most 128"):
            access.set_password(wrong)
    monkeypatch.setattr("nightvoice.web.kit.access.MAX_PASSWORD_LENGTH", 1000)
    access.set_password("x" * 129)
    monkeypatch.undo()
    assert access.verify("x" * 129)


def test_the_password_is_kept_as_a_hash(tmp_path: Path) -> None:
    file = tmp_path / "web.json"
    access = Access.open(file)
    with pytest.raises(NightvoiceError, match="use at least 12"):
        access.set_password("short")
    access.set_password(PASSWORD)
    token = access.open_session()
    text = file.read_text("utf-8")
    assert json.loads(text)["password"].startswith("$argon2id$")
    assert PASSWORD not in text
    assert token not in text
    assert file.stat().st_mode & 0o777 == 0o600
    again = Access.open(file)
    assert again.verify(PASSWORD)
    assert not again.verify(PASSWORD + " ")
    assert again.has_session(token)
    again.set_password("another four words")
    assert not again.has_session(token)
    file.write_text("{")
    with pytest.raises(NightvoiceError, match="is damaged"):
        Access.open(file)
