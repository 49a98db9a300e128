"""What a reverse proxy says about a request is believed only if its address was named. Without a socket."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from nightvoice.diary.store import Diary
from nightvoice.errors import NightvoiceError
from nightvoice.web.app import make_app
from nightvoice.web.context import Context
from nightvoice.web.kit.access import Access
from nightvoice.web.kit.host_check import AllowedHosts
from nightvoice.web.kit.server import valid_proxies
from nightvoice.web.kit.throttle import Throttle

FORWARDED = {"x-forwarded-for": "192.0.2.7", "x-forwarded-proto": "https"}


@pytest.fixture
def context(tmp_path: Path) -> Context:
    access = Access.open(tmp_path / "web.json")
    access.set_password("four words in a row")
    return Context(Diary.open(None), access)


def ask(context: Context, path: str, proxies: list[str], method: str = "GET", **headers: str) -> dict[str, str]:
    """Return the headers of the answer to a request that comes from 10.0.0.1."""
    app = make_app(context, AllowedHosts(True), proxies)
    sent = {"host": "localhost", **{name.replace("_", "-"): value for name, value in headers.items()}}
    scope = {
        "type": "http", "method": method, "path": path, "query_string": b"", "scheme": "http", "root_path": "",
        "client": ("10.0.0.1", 5), "server": ("localhost", 80),
        "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
    }  # fmt: skip
    answer: dict[str, str] = {}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        answer.update((name.decode(), value.decode()) for name, value in message.get("headers", ()))

    with ThreadPoolExecutor(1) as thread:  # the tests' own thread may have the browser's loop
        thread.submit(asyncio.run, app(scope, receive, send)).result()
    return answer


@pytest.mark.parametrize(("proxies", "client"), [(["10.0.0.1"], "192.0.2.7"), ([], "10.0.0.1")])
def test_guessing_is_slowed_down_for_the_client_of_a_proxy(
    context: Context, proxies: list[str], client: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    monkeypatch.setattr(Throttle, "begin", lambda _, address, account="": seen.append(address) or 1.0)
    monkeypatch.setattr("nightvoice.web.kit.endpoints.compare_digest", lambda *_: True)
    ask(context, "/login", proxies, method="POST", **FORWARDED)
    assert seen == [client]


def test_over_tls_the_cookie_is_secure(context: Context) -> None:
    answer = ask(context, "/login", ["10.0.0.0/24"], **FORWARDED)
    assert answer["set-cookie"].endswith("; secure")
    assert "strict-transport-security" in answer


@pytest.mark.parametrize("proxies", [[], ["10.0.0.2"]])
def test_a_stranger_is_not_believed(context: Context, proxies: list[str]) -> None:
    answer = ask(context, "/login", proxies, **FORWARDED)
    assert "secure" not in answer["set-cookie"]
    assert "strict-transport-security" not in answer


@pytest.mark.parametrize("address", ["*", "ward.example.org", "10.0.0.1/8", ""])
def test_a_proxy_is_an_address(address: str) -> None:
    with pytest.raises(NightvoiceError, match="--proxy"):
        valid_proxies([address])
