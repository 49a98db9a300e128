"""``nightvoice web`` as a program: it starts, it ends, and it says in one line what is wrong."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import HTTPCookieProcessor, build_opener, urlopen

import pytest

from tests.helpers.waiting import PATIENCE_S

WITHOUT = "import sys; sys.modules['{package}'] = None; from nightvoice.cli import main; sys.argv[1:] = ['web']; main()"


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "nightvoice", "web", *words]


def refusal(*words: str, answer: str = "") -> str:
    done = subprocess.run(
        command(*words), input=answer, capture_output=True, text=True, check=False, timeout=PATIENCE_S
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    return done.stderr.removeprefix("nightvoice: ").strip()


def test_it_serves_the_usual_diary_from_the_first_day(home: Path) -> None:
    with subprocess.Popen(command("--port", "0"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        assert program.stdout
        address = program.stdout.readline().split()[0]
        assert address.startswith("http://localhost:")
        with build_opener(HTTPCookieProcessor()).open(address, timeout=PATIENCE_S) as answer:
            page = answer.read().decode()
        with urlopen(address.split("login")[0], timeout=PATIENCE_S) as answer:
            seen_by_another_account = answer.read().decode()
        program.send_signal(signal.SIGINT)
        assert program.wait(PATIENCE_S) in (0, 130, -signal.SIGINT)
        assert program.stderr
        assert "Traceback" not in program.stderr.read()
    assert "Three steps" in page
    assert "Three steps" not in seen_by_another_account
    assert "Open the whole address" in seen_by_another_account
    file = home / "data" / "nightvoice" / "diary.sqlite"
    assert file.stat().st_mode & 0o777 == 0o600


def test_an_open_stream_does_not_keep_it_from_ending() -> None:
    with subprocess.Popen(command("--port", "0"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        assert program.stdout
        address = program.stdout.readline().split()[0]
        browser = build_opener(HTTPCookieProcessor())
        browser.open(address, timeout=PATIENCE_S).close()
        with browser.open(address.split("login")[0] + "live", timeout=PATIENCE_S) as stream:
            assert stream.readline() == b"retry: 3000\n"
            program.terminate()
            program.wait(PATIENCE_S)


def test_a_named_diary_must_be_there(tmp_path: Path) -> None:
    missing = tmp_path / "missing.sqlite"
    assert refusal("--diary", str(missing)).startswith(f"diary {missing}: not there yet")
    assert not missing.exists()


def test_others_need_a_password(tmp_path: Path) -> None:
    said = refusal("--host", "0.0.0.0", "--port", "0")
    assert said == "--host 0.0.0.0: others could read the diary; nightvoice web --set-password first"


def test_with_a_password_it_serves_others(home: Path) -> None:
    setting = command("--set-password")
    done = subprocess.run(setting, input="four words in a row\n" * 2, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "The password is set." in done.stdout
    with subprocess.Popen(command("--host", "0.0.0.0", "--port", "0"), stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout
        port = program.stdout.readline().split()[0].rstrip("/").rsplit(":", 1)[1]
        with urlopen(f"http://127.0.0.1:{port}/", timeout=PATIENCE_S) as answer:
            assert answer.url.endswith("/login")
        program.terminate()


def test_a_password_that_is_too_short() -> None:
    assert "use at least 12" in refusal("--set-password", answer="short\nshort\n")


def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert refusal("--port", port) == f"127.0.0.1 port {port}: address already in use; try another with --port"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--port", "99999"), "--port 99999: should be from 0 to 65535"),
        (("--host", "no.such.name.invalid"), "--host no.such.name.invalid: is no address of this machine"),
    ],
)
def test_wrong_use(words: tuple[str, ...], says: str) -> None:
    assert says in refusal(*words)


@pytest.mark.parametrize("package", ["starlette", "uvicorn", "jinja2", "argon2", "itsdangerous", "ruamel"])
def test_without_the_extra_it_says_what_to_install(package: str) -> None:
    code = WITHOUT.format(package=package)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=os.environ)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "pip install 'nightvoice[web]'" in done.stderr
