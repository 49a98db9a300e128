"""Clients that send half a request, read no answer, or hang up: the page stays reachable and its log small."""

import asyncio
import logging
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.request import urlopen

import pytest

from nightvoice.web.app import make_app
from nightvoice.web.kit import connections
from nightvoice.web.kit.bounded_log import LINES, PERIOD_S, BoundedLog
from nightvoice.web.kit.host_check import AllowedHosts
from nightvoice.web.kit.live import MAX_STREAMS
from tests.helpers.waiting import PATIENCE_S
from tests.helpers.web_site import Site

DESCRIPTORS = 256
CUT_OFF = (
    b"",
    b"GET / HTTP/1.1\r\nHost: localhost\r\n",
    b"POST /evening HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\nnote=half",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\n",
    b"\0\0\0\r\n\r\n",
)
"""What a client sends before it says no more."""


@contextmanager
def half_sent(port: int, sent: bytes) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as client:
        client.sendall(sent)
        yield client


def test_more_half_requests_than_files_may_be_open() -> None:
    few = (DESCRIPTORS, DESCRIPTORS)
    with subprocess.Popen(
        [sys.executable, "-m", "nightvoice", "web", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, few),  # noqa: PLW1509 - no threads yet
    ) as program:
        assert program.stdout
        address = program.stdout.readline().split()[0]
        port = int(address.split(":")[2].split("/")[0])
        with ExitStack() as clients:
            for number in range(2 * DESCRIPTORS):
                clients.enter_context(half_sent(port, CUT_OFF[number % len(CUT_OFF)]))
            with urlopen(address, timeout=PATIENCE_S) as answer:
                assert answer.status == 200
        program.send_signal(signal.SIGTERM)
        said = program.communicate(timeout=PATIENCE_S)[1]
    assert said.count("\n") <= LINES + 1
    assert "Traceback" not in said


@pytest.mark.parametrize("sent", CUT_OFF[:4])
def test_half_a_request_is_timed_out(site: Site, sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    with half_sent(site.port, sent) as client:
        monkeypatch.setattr(connections, "CLIENT_S", 0.0)
        assert ends(client)


def ends(client: socket.socket) -> bool:
    """Whether the server closes the connection, after what it may have to say."""
    try:
        while client.recv(65536):
            pass
    except ConnectionError:
        pass
    return True


def test_what_takes_the_page_long_is_not_timed_out(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "CLIENT_S", 0.0)
    with half_sent(site.port, b"GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n") as client:
        lines = client.makefile("rb")
        assert any(line.startswith(b"id:") for line in lines), "the page's stream goes on after its first second"


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run in another thread: a browser started before leaves a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def scope_of(method: str, path: str) -> dict[str, Any]:
    return {
        "type": "http", "http_version": "1.1", "method": method, "path": path, "raw_path": path.encode(),
        "query_string": b"", "headers": [(b"host", b"localhost")], "client": ("127.0.0.1", 1), "scheme": "http",
        "server": ("localhost", 80), "root_path": "",
    }  # fmt: skip


def test_a_form_that_is_cut_off_is_no_fault(site: Site) -> None:
    received = iter([{"type": "http.request", "body": b"note=half", "more_body": True}, {"type": "http.disconnect"}])

    async def receive() -> dict[str, Any]:
        return next(received)

    async def send(_: object) -> None:
        pass

    run(make_app(site.context, AllowedHosts(True))(scope_of("POST", "/evening"), receive, send))


def test_no_more_streams_than_are_allowed_even_if_asked_for_at_once(site: Site) -> None:
    app = make_app(site.context, AllowedHosts(True))

    async def ask_at_once(count: int) -> list[int]:
        statuses: list[int] = []
        answered, gone = asyncio.Event(), asyncio.Event()

        async def receive() -> dict[str, Any]:
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
                if len(statuses) == count:
                    answered.set()

        asked = [asyncio.create_task(app(scope_of("GET", "/live"), receive, send)) for _ in range(count)]
        await answered.wait()
        gone.set()
        await asyncio.gather(*asked)
        return sorted(statuses)

    assert run(ask_at_once(MAX_STREAMS + 5)) == [200] * MAX_STREAMS + [503] * 5
    assert run(ask_at_once(1)) == [200], "every stream that ended makes room for another"


def test_the_log_is_bounded() -> None:
    now = [0.0]
    log = BoundedLog(lambda: now[0])
    records = [logging.LogRecord("web", logging.WARNING, "", 0, "number %s", (number,), None) for number in range(100)]
    assert [log.filter(record) for record in records] == [True] * LINES + [False] * (100 - LINES)
    now[0] += PERIOD_S
    assert log.filter(records[0])
    assert records[0].getMessage() == f"({100 - LINES} messages were left out.) number 0"
