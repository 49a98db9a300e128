"""Serves the page over a made-up diary, and opens it in a real browser."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nightvoice.audio.devices.spec import Device
from nightvoice.diary.store import Diary
from scripts import demo_diary
from tests.helpers.extras import skip_without
from tests.helpers.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.helpers.web_site import Serve, Site

DEVICES = [Device(0, "USB microphone", 1, 0, 48000), Device(1, "Kitchen speaker", 0, 2, 48000)]
"""What is connected, as far as the page knows."""

pytest_pycollect_makemodule = skip_without("argon2", "axe_playwright_python", "playwright", "starlette", "uvicorn")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No file of the user's is read or written."""
    for variable, name in (
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_DATA_HOME", "data"),
        ("XDG_CACHE_HOME", "cache"),
        ("XDG_STATE_HOME", "state"),
    ):
        monkeypatch.setenv(variable, str(tmp_path / name))
    return tmp_path


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A diary of half a year up to last night."""
    from tests.helpers.web_site import LAST

    file = tmp_path_factory.mktemp("demo") / "diary.sqlite"
    with Diary.open(str(file)) as diary:
        demo_diary.write(diary, LAST)
    return file


@pytest.fixture
def serve(written: Path, tmp_path: Path) -> Iterator[Serve]:
    """Serve a copy of the diary, or an empty one."""
    from nightvoice.web.app import make_app
    from nightvoice.web.context import Context
    from nightvoice.web.kit.access import Access
    from nightvoice.web.kit.host_check import AllowedHosts
    from nightvoice.web.kit.server import make_server
    from tests.helpers.waiting import PATIENCE_S
    from tests.helpers.web_site import NOW, Site

    with ExitStack() as stack:

        def start(empty: bool = False, password: str | None = None, now: datetime = NOW) -> Site:
            file = tmp_path / "diary.sqlite"
            if not empty:
                shutil.copy(written, file)
            diary = stack.enter_context(Diary.open(str(file)))
            access = Access.open(tmp_path / "web.json")
            if password:
                access.set_password(password)
            context = Context(diary, access, now=lambda: now, list_devices=lambda: DEVICES, play_sample=lambda _: None)
            listener = socket.create_server(("127.0.0.1", 0))
            server = make_server(make_app(context, AllowedHosts(True)))
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
            thread.start()

            def stop() -> None:
                server.should_exit = True
                thread.join(PATIENCE_S)

            stack.callback(stop)
            until(lambda: server.started, "the page")
            return Site(f"http://127.0.0.1:{listener.getsockname()[1]}", context, file)

        yield start


@pytest.fixture
def site(serve: Serve) -> Site:
    return serve()


@pytest.fixture
def phone(browser: Browser, site: Site) -> Iterator[Page]:
    """A phone that looks at ``site``."""
    from tests.helpers.web_site import SIZES, new_context

    context = new_context(browser, site, viewport=SIZES["phone"])
    yield context.new_page()
    context.close()


@pytest.fixture
def without_script(browser: Browser, site: Site) -> Iterator[Page]:
    """A browser that runs no script."""
    from tests.helpers.web_site import SIZES, new_context

    context = new_context(browser, site, viewport=SIZES["phone"], java_script_enabled=False)
    yield context.new_page()
    context.close()
