"""Every page at every width and in every set of colours fits, is accessible, small and free of errors."""

from collections.abc import Iterable

from playwright.sync_api import Browser, Response

from nightvoice.diary.store import Diary
from tests.helpers.web_site import LAST, SIZES, Serve, Site, badly_laid_out, barriers, new_context, unfold_all

PAGES = (
    "/",
    f"/nights/{LAST.replace(day=1)}",
    "/nights/2020-01-01",
    "/nights",
    "/trends",
    "/trends?back=1y",
    "/trends?back=all",
    "/add",
    "/evening",
    "/patterns",
    "/report",
    "/report/page",
    "/more",
    "/why/flag-clot",
    "/profile",
    "/settings",
    "/sound",
    "/microphone",
    "/episodes/{episode}",
    "/episodes/{episode}/delete",
    "/nothing/here",
)


def looked_at(browser: Browser, site: Site, path: str) -> list[str]:
    """What is wrong with a page."""
    wrong: list[str] = []
    answers: list[Response] = []
    context = new_context(browser, site, viewport=SIZES["phone"], color_scheme="light")
    page = context.new_page()
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - it takes no builtin
    page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
    page.on("console", lambda message: message.type == "error" and wrong.append(f"console: {message.text}"))
    page.on("requestfailed", lambda request: wrong.append(f"failed: {request.url}"))
    missing = path.startswith("/nothing")
    first = page.goto(path, wait_until="load")
    assert first is not None
    if first.status != (404 if missing else 200):
        wrong.append(f"status {first.status}")
    page.evaluate("document.fonts.ready")
    weight = sum(len(answer.body()) for answer in answers if answer.status == 200 and "/live" not in answer.url)
    if weight > 100_000:
        wrong.append(f"weighs {weight} bytes")
    if page.locator("h1").count() != 1:
        wrong.append("has not one heading")
    unfold_all(page)
    wrong += barriers(page)
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(SIZES["desktop"])
    wrong += barriers(page) + badly_laid_out(page)
    wrong += [f"from elsewhere: {answer.url}" for answer in answers if not answer.url.startswith(site.url)]
    context.close()
    # The browser's own word about the page that is not there is no complaint.
    return [text for text in wrong if not (missing and "404" in text)]


def all_wrong(browser: Browser, site: Site, paths: Iterable[str]) -> dict[str, list[str]]:
    return {path: wrong for path in paths if (wrong := looked_at(browser, site, path))}


def test_every_page_is_in_order(browser: Browser, site: Site) -> None:
    episode = site.context.diary.night(LAST).episodes[0].id
    assert all_wrong(browser, site, [path.format(episode=episode) for path in PAGES]) == {}


def test_an_empty_diary_is_in_order_too(browser: Browser, serve: Serve) -> None:
    paths = ("/", "/nights", "/trends", "/evening", "/patterns", "/report")
    assert all_wrong(browser, serve(empty=True), paths) == {}


def test_a_night_with_everything(browser: Browser, site: Site) -> None:
    """Danger signs, a cramp under way, a note with markup in it."""
    with Diary.open(str(site.file)) as diary:
        began = site.context.now()
        diary.append("episode_opened", began, {"site": "shin", "side": "right"})
        diary.append("step", began, {"protocol": "shin", "step": "shin-away"})
        diary.append("flag", began, {"flag": "clot", "action": "urgent"})
        night_before = began.replace(hour=2)
        diary.append("flag", night_before, {"flag": "a sign of a later version", "action": "doctor"})
        diary.note(LAST, "<script>alert(1)</script> & <b>bold</b>")
    assert looked_at(browser, site, "/") == []


def test_the_login_is_in_order(browser: Browser, serve: Serve) -> None:
    assert looked_at(browser, serve(password="four words in a row"), "/") == []


def test_the_sheet_for_a_doctor_as_a_pdf(site: Site) -> None:
    answer = site.ask("/report/pdf?back=4w")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.text.startswith("%PDF")
    assert answer.headers["content-disposition"] == 'attachment; filename="nightvoice-2026-03-02.pdf"'
