"""The page as tests request it: bare requests, and a real browser."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from nightvoice.insight.night import last_night
from nightvoice.web.context import Context
from tests.helpers.waiting import PATIENCE_S

NOW = datetime(2026, 3, 2, 8, 0).astimezone()
LAST = last_night(NOW)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
"""Chromium as root, in a container, off the network."""
SIZES = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1200, "height": 900}}


@dataclass
class Answer:
    """What the server said to a bare request."""

    status: int
    headers: dict[str, str]
    text: str


@dataclass
class Site:
    """The page as served. A cookie that it sets is sent back by ``ask``."""

    url: str
    context: Context
    file: Path
    cookie: str = ""

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    def ask(self, path: str, form: dict[str, str] | None = None, **headers: str) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookie:
            sent.setdefault("Cookie", self.cookie)
        body = None
        if form is not None:
            body = urlencode(form)
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request("GET" if form is None else "POST", path, body, sent)
        answer: HTTPResponse = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        connection.close()
        given = {name.lower(): value for name, value in answer.getheaders()}
        if "set-cookie" in given:
            self.cookie = given["set-cookie"].split(";")[0]
        return Answer(answer.status, given, text)

    def token(self, path: str = "/evening") -> str:
        """The secret that a form of this visitor carries."""
        return self.ask(path).text.split('name="csrf" value="')[1].split('"')[0]


Serve = Callable[..., Site]
"""``serve(empty, password, now)``."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's, without a window."""
    executable = shutil.which("chromium")
    if executable is None:
        pytest.fail("Debian's chromium is missing: ./scripts/test installs it")
    with sync_playwright() as playwright:
        expect.set_options(timeout=1000 * PATIENCE_S)
        started = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield started
        started.close()


def new_context(browser: Browser, site: Site, **options: Any) -> BrowserContext:
    """Return a browser context for ``site`` that waits patiently."""
    context = browser.new_context(base_url=site.url, **options)
    context.set_default_timeout(1000 * PATIENCE_S)
    return context


def unfold(page: Page, part: str) -> Locator:
    """Open a folded part of the page, as a touch on its heading does."""
    page.locator(f"{part} > summary").click()
    return page.locator(part)


def unfold_all(page: Page) -> None:
    page.evaluate("() => document.querySelectorAll('details').forEach(part => { part.open = true; })")


def barriers(page: Page) -> list[str]:
    """What axe finds serious or critical."""
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"axe: {violation['id']}: {'; '.join(node['html'][:120] for node in violation['nodes'][:3])}"
        for violation in found
        if violation["impact"] in ("serious", "critical")
    ]


MEDIUM = 768
"""Here a browser with letters twice as large chooses the layout of a phone; a style on the root doesn't."""
WIDTHS = (360, 390, MEDIUM, 1280)
LOOKS: tuple[dict[str, Any], ...] = (
    {"color_scheme": "light", "forced_colors": "none", "reduced_motion": "reduce"},
    {"color_scheme": "dark", "forced_colors": "none"},
    {"color_scheme": "light", "forced_colors": "active"},
)
_OUTSIDE = """() => {
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  const found = wide > 0 ? [`the page is ${wide} pixels too wide`] : [];
  for (const element of document.querySelectorAll("main *, header *, footer *, nav *")) {
    if (element.closest("svg, .scroll, .hidden, .skip, option, input, textarea") || element.matches("i")) continue;
    if (getComputedStyle(element).display === "inline" || !element.clientWidth) continue;
    const beyond = element.scrollWidth - element.clientWidth;
    if (beyond > 1) found.push(`${beyond} pixels too narrow: ${element.outerHTML.slice(0, 90)}`);
    const box = element.getBoundingClientRect();
    if (box.right > innerWidth + 1 || box.left < -1) found.push(`outside: ${element.outerHTML.slice(0, 90)}`);
  }
  return found.slice(0, 4);
}"""


def clipped(page: Page, letters: str = "") -> list[str]:
    """What doesn't fit its box or the window. ``letters``: the reader's size of letters, like ``200%``."""
    page.evaluate("size => { document.documentElement.style.fontSize = size; }", letters)
    found: list[str] = page.evaluate(_OUTSIDE)
    page.evaluate("() => document.documentElement.removeAttribute('style')")
    return found


def badly_laid_out(page: Page) -> list[str]:
    """What doesn't fit at each width, in each set of colours, with letters twice as large, and on paper."""
    wrong: dict[str, list[str]] = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for look in LOOKS:
            page.emulate_media(**look)
            wrong[f"{width} {look}"] = clipped(page)
        page.emulate_media(**LOOKS[0])
        if width != MEDIUM:
            wrong[f"{width} 200%"] = clipped(page, "200%")
    page.set_viewport_size({"width": 794, "height": 1123})
    page.emulate_media(media="print", **LOOKS[0])
    wrong["paper"] = clipped(page)
    page.emulate_media(media="screen", **LOOKS[0])
    return [f"{how}: {text}" for how, found in wrong.items() for text in found]


def too_wide(page: Page) -> list[str]:
    beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"is {beyond} pixels too wide"] if beyond > 0 else []
