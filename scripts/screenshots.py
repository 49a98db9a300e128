"""Take the screenshots in docs/web of every page, from the made-up diary of demo_diary.py, always on the same day.

python scripts/screenshots.py [FOLDER]
"""

import json
import os
import shutil
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from time import sleep
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from starlette.applications import Starlette

from nightvoice.audio.devices.spec import Device
from nightvoice.audio.frames import SILENCE, Frame
from nightvoice.config.schema import Config
from nightvoice.diary.store import Diary
from nightvoice.hub.accounts import Accounts
from nightvoice.hub.app import make_app as make_ward
from nightvoice.hub.context import WardContext
from nightvoice.hub.live_state import LiveState
from nightvoice.hub.roles import Role
from nightvoice.hub.store import Store
from nightvoice.insight.night import last_night
from nightvoice.listening.decision import Verdict
from nightvoice.listening.listener import RecognitionResult
from nightvoice.web.app import make_app
from nightvoice.web.context import Context
from nightvoice.web.kit.access import Access
from nightvoice.web.kit.host_check import AllowedHosts
from nightvoice.web.kit.server import make_server
from nightvoice.web.microphone_trial import MicrophoneTrial
from scripts import demo_diary
from tests.helpers.scripted_ears import ScriptedEars

NOW = datetime(2026, 3, 27, 7, 40).astimezone()
EVENING = datetime(2026, 3, 26, 19, 5).astimezone()
MIDNIGHT = datetime(2026, 3, 27, 3, 14, tzinfo=UTC)
PASSWORD = "four words in a row"
MOST_BYTES = 100_000
PATIENCE_S = 180
COLOURS = 256
"""In a picture: enough for text and flat colours, and less than half of the bytes."""
PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1120, "height": 760}
PICTURES = (
    ("last-night", "/", PHONE, "light"),
    ("last-night-dark", "/", PHONE, "dark"),
    ("nights", "/nights", PHONE, "light"),
    ("trends", "/trends", PHONE, "light"),
    ("trends-dark", "/trends", PHONE, "dark"),
    ("evening", "/evening", PHONE, "light"),
    ("patterns", "/patterns", PHONE, "light"),
    ("more", "/more", PHONE, "light"),
    ("why", "/why/flag-clot", PHONE, "light"),
    ("about-you", "/profile", PHONE, "light"),
    ("settings", "/settings", PHONE, "light"),
    ("sound", "/sound", PHONE, "light"),
    ("add", "/add", PHONE, "light"),
    ("episode", "/episodes/{episode}", PHONE, "light"),
    ("report", "/report/page", PHONE, "light"),
    ("desktop", "/", DESKTOP, "light"),
    ("desktop-dark", "/trends", DESKTOP, "dark"),
)
DEVICES = (Device(0, "USB microphone", 1, 0, 48000), Device(1, "Bedside speaker", 0, 2, 48000))
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent / "docs" / "web")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        os.environ.update(XDG_CONFIG_HOME=place, XDG_DATA_HOME=place)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
            _take_first_night(browser, Path(place), folder)
            _take_pages(browser, Path(place), folder)
            address, stop = _served(_ward(Path(place)))
            _take(browser, address, folder / "ward.png", DESKTOP, "light", before=_log_in)
            stop()
            browser.close()


def _take_pages(browser: Browser, place: Path, folder: Path) -> None:
    """Take the pages of a diary of half a year."""
    with Diary.open(f"{place}/diary.sqlite") as diary:
        demo_diary.write(diary, last_night(NOW))
        context = Context(diary, Access.open(place / "web.json"), now=lambda: NOW, list_devices=lambda: DEVICES)
        address, stop = _served(make_app(context, AllowedHosts(True)))
        episode = diary.latest_episodes(1)[0].id
        for name, path, size, scheme in PICTURES:
            _take(browser, f"{address}{path.format(episode=episode)}", folder / f"{name}.png", size, scheme)
        stop()


def _take_first_night(browser: Browser, place: Path, folder: Path) -> None:
    """Take the pictures of docs/first-night.md: nothing yet, the microphone tested, and the first morning."""
    with Diary.open(f"{place}/first.sqlite") as diary:
        context = Context(diary, Access.open(place / "web.json"), now=lambda: EVENING)
        context.microphone_trial = MicrophoneTrial(_ears_that_hear)
        address, stop = _served(make_app(context, AllowedHosts(True)))
        _take(browser, address, folder / "first-day.png", PHONE, "light")
        _take(browser, f"{address}/microphone", folder / "microphone.png", PHONE, "light", before=_test_microphone)
        _write_one_cramp(diary)
        context.now = lambda: NOW
        _take(browser, address, folder / "first-morning.png", PHONE, "light")
        stop()


def _write_one_cramp(diary: Diary) -> None:
    """Write the night of docs/first-night.md."""
    onset = NOW.replace(hour=3, minute=12)
    diary.listening(EVENING.replace(hour=22), NOW.replace(hour=6, minute=30))
    step = {"protocol": "calf", "step": "towel-stretch"}
    diary.append("episode_opened", onset, {"site": "calf", "side": "left"})
    diary.append("step", onset, step)
    diary.append("effect", onset + timedelta(seconds=70), {**step, "effect": "eased"})
    diary.append("episode_closed", onset + timedelta(seconds=70), {"outcome": "gone"})


@contextmanager
def _ears_that_hear(_: Config) -> Iterator[tuple[Iterator[Frame], ScriptedEars]]:
    heard = RecognitionResult(Verdict.HEARD, "i have a cramp", 0.9, "moonshine", "cramp")
    yield iter([SILENCE, SILENCE]), ScriptedEars([None, heard])


def _test_microphone(page: Page) -> None:
    page.get_by_role("button", name="Test the microphone").click()
    page.get_by_role("button", name="Try again").wait_for()


def _log_in(page: Page) -> None:
    page.get_by_label("Name").fill("night")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button").click()
    page.wait_for_selector("#live")


def _ward(folder: Path) -> Starlette:
    """A ward of made-up beds in the middle of a night."""
    accounts = Accounts(folder)
    accounts.add("night", Role.WARD, PASSWORD)
    live_state, night = LiveState(), last_night(NOW).isoformat()
    for number in range(1, 9):
        bed = f"nightvoice/room{(number + 1) // 2}-{'ab'[number % 2]}"
        listened = 0 if number == 5 else 4.6 - number / 9
        told = {"night": night, "listened_h": listened, "coverage": "whole" if number % 3 else "gaps", "flags": []}
        words: dict[str, object] = {
            "bridge": "online",
            "ears": "listening",
            "night": {**told, "cramps": (2, 0, 1, 0)[number % 4]},
            "episode": {"state": "OFF"},
        }
        if number in (3, 6):
            since = f"2026-03-27T03:{number + 5:02}:00+00:00"
            words["episode"] = {
                "state": "ON",
                "since": since,
                "site": "calf" if number == 3 else "arch",
                "side": "left",
            }
        for what, word in words.items():
            text = word if isinstance(word, str) else json.dumps(word)
            live_state.update(f"{bed}/{what}", text.encode(), True, MIDNIGHT)
    help = {"event_type": "help_asked", "at": "2026-03-27T03:12:00+00:00"}
    live_state.update("nightvoice/room2-b/moment", json.dumps(help).encode(), False, MIDNIGHT)
    live_state.update("nightvoice/room3-b/ears", b"deaf", False, MIDNIGHT - timedelta(hours=5))
    live_state.update("nightvoice/room4-a/bridge", b"offline", False, MIDNIGHT - timedelta(hours=1))

    def no_store() -> Store:
        raise NotImplementedError

    context = WardContext(accounts, live_state, lambda: True, no_store, folder / "key", now=lambda: MIDNIGHT)
    return make_ward(context, AllowedHosts(True))


def _take(
    browser: Browser,
    url: str,
    file: Path,
    size: ViewportSize,
    scheme: Literal["light", "dark"],
    before: Callable[[Page], None] = lambda page: None,
) -> None:
    scale = 1.5 if size is PHONE else 1
    context = browser.new_context(viewport=size, color_scheme=scheme, device_scale_factor=scale)
    page = context.new_page()
    page.set_default_timeout(1000 * PATIENCE_S)
    page.goto(url)
    before(page)
    page.evaluate("document.fonts.ready")
    picture = Image.open(BytesIO(page.screenshot()))
    picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
    context.close()
    weight = file.stat().st_size
    print(f"{file}  {weight // 1000} kB")
    if weight > MOST_BYTES:
        raise SystemExit(f"{file}: more than {MOST_BYTES} bytes")


def _served(app: Starlette) -> tuple[str, Callable[[], None]]:
    door = socket.create_server(("127.0.0.1", 0))
    server = make_server(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
    thread.start()
    while not server.started:
        sleep(0.05)

    def stop() -> None:
        server.should_exit = True
        thread.join(20)

    return f"http://127.0.0.1:{door.getsockname()[1]}", stop


if __name__ == "__main__":
    main()
