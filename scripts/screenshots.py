"""Takes the pictures of the page in docs/web, over the made-up diary of demo_diary.py, always of the same day.

python scripts/screenshots.py [FOLDER]
"""

import os
import shutil
import socket
import sys
import tempfile
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from time import sleep

import demo_diary
import uvicorn
from playwright.sync_api import Browser, sync_playwright

from nightvoice.diary.store import Diary
from nightvoice.insight.night import last_night
from nightvoice.web.access import Access
from nightvoice.web.app import make_app
from nightvoice.web.context import Context
from nightvoice.web.guard import Names

NOW = datetime(2026, 3, 27, 7, 40).astimezone()
MOST_BYTES = 150_000
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1120, "height": 760}
PICTURES = (
    ("last-night", "/", PHONE, "light"),
    ("last-night-dark", "/", PHONE, "dark"),
    ("nights", "/nights", PHONE, "light"),
    ("trends-dark", "/trends", PHONE, "dark"),
    ("evening", "/evening", PHONE, "light"),
    ("patterns", "/patterns", PHONE, "light"),
    ("desktop", "/", DESKTOP, "light"),
    ("desktop-dark", "/trends", DESKTOP, "dark"),
)
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent / "docs" / "web")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        os.environ.update(XDG_CONFIG_HOME=place, XDG_DATA_HOME=place)
        with Diary.open(f"{place}/diary.sqlite") as diary, sync_playwright() as playwright:
            demo_diary.write(diary, last_night(NOW))
            context = Context(diary, Access.open(Path(place) / "web.json"), now=lambda: NOW)
            address, stop = _served(context)
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
            for name, path, size, scheme in PICTURES:
                _take(browser, f"{address}{path}", folder / f"{name}.png", size, scheme)
            browser.close()
            stop()


def _take(browser: Browser, url: str, file: Path, size: dict[str, int], scheme: str) -> None:
    scale = 1.5 if size is PHONE else 1
    context = browser.new_context(viewport=size, color_scheme=scheme, device_scale_factor=scale)
    page = context.new_page()
    page.goto(url)
    page.evaluate("document.fonts.ready")
    page.screenshot(path=file)
    context.close()
    weight = file.stat().st_size
    print(f"{file}  {weight // 1000} kB")
    if weight > MOST_BYTES:
        raise SystemExit(f"{file}: more than {MOST_BYTES} bytes")


def _served(context: Context) -> tuple[str, Callable[[], None]]:
    door = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(make_app(context, Names(True)), log_level="error"))
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
