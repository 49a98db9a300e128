"""The bridge's passwords, TLS and error messages."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nightvoice.cli import app
from nightvoice.diary.store import Diary
from nightvoice.errors import NightvoiceError
from tests.helpers.broker import Mosquitto

PASSWORD = "a word of SECRET"


def run(*arguments: str, **settings: object) -> subprocess.CompletedProcess[str]:
    given = {f"NIGHTVOICE_{name.upper()}": str(value) for name, value in settings.items()}
    return subprocess.run(
        [sys.executable, "-m", "nightvoice", *arguments],
        env={**os.environ, **given}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.fixture
def guarded(home: Path) -> Iterator[Mosquitto]:
    """A broker with TLS, a self-signed certificate and one user."""
    files = home / "access"
    files.mkdir()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-keyout", files / "key.pem", "-out", files / "ca.pem", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    subprocess.run(["mosquitto_passwd", "-b", "-c", files / "users", "bed", PASSWORD], check=True, capture_output=True)
    broker = Mosquitto(
        home / "broker", f"certfile {files}/ca.pem", f"keyfile {files}/key.pem", f"password_file {files}/users"
    )
    yield broker
    broker.kill()


def test_the_broker_needs_the_right_password_and_certificate(diary: Diary, guarded: Mosquitto, home: Path) -> None:
    (home / "password").write_text(f"{PASSWORD}\n")
    right = {
        "bridge__host": "localhost",
        "bridge__port": guarded.port,
        "bridge__tls": "yes",
        "bridge__ca_file": home / "access" / "ca.pem",
        "bridge__username": "bed",
        "bridge__password_file": home / "password",
    }
    good = run("bridge", "--test", **right)
    assert (good.returncode, good.stderr) == (0, "MQTT: logged in\n")
    for wrong in ({"bridge__password": "SECRET"}, {"bridge__ca_file": ""}):
        bad = run("bridge", "--test", **{**right, **wrong})
        assert bad.returncode == 1, wrong
        assert bad.stderr.startswith("MQTT: ")
        assert "SECRET" not in bad.stderr
        assert bad.stderr.count("\n") == 1


def test_a_missing_broker_is_reported_once_and_tried_again(diary: Diary, mosquitto: Mosquitto) -> None:
    mosquitto.kill()
    lines: list[str] = []
    given = {"NIGHTVOICE_BRIDGE__HOST": "127.0.0.1", "NIGHTVOICE_BRIDGE__PORT": str(mosquitto.port)}
    process = subprocess.Popen(
        [sys.executable, "-m", "nightvoice", "bridge"], env={**os.environ, **given}, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    lines.append(process.stderr.readline())
    mosquitto.start()
    lines.append(process.stderr.readline())
    process.terminate()
    process.wait()
    assert lines[0].startswith(f"no connection to 127.0.0.1:{mosquitto.port}: ")
    assert lines[1] == f"connected to 127.0.0.1:{mosquitto.port}\n"


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({}, "nothing to do yet"),
        ({"bridge__host": "x", "bridge__password": "SECRET"}, "there is no bridge.username"),
        ({"bridge__host": "x", "bridge__username": "u", "bridge__password_file": "/nowhere"}, "/nowhere: cannot be"),
        ({"bridge__host": "x", "bridge__tls": "yes", "bridge__ca_file": "/nowhere"}, "bridge.tls: a certificate"),
        ({"notify__url_file": "/dev/null"}, "holds no address"),
        ({"notify__url": "SECRET"}, "Apprise cannot use"),
    ],
)
def test_a_wrong_setting_is_one_line(
    diary: Diary, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], line: str
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"NIGHTVOICE_{name.upper()}", value)
    result = CliRunner().invoke(app, ["bridge"])
    assert isinstance(result.exception, NightvoiceError)
    assert line in str(result.exception)
    assert "SECRET" not in str(result.exception)


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTVOICE_BRIDGE__PASSWORD", "SECRET")
    monkeypatch.setenv("NIGHTVOICE_NOTIFY__URL", "SECRET")
    shown = CliRunner().invoke(app, ["config", "show"])
    assert shown.output.count("set, and not shown") == 2
    assert "SECRET" not in shown.output


def test_without_the_extra_the_error_names_it(diary: Diary) -> None:
    code = (
        "import sys; sys.modules['aiomqtt'] = None; from nightvoice.cli import main; sys.argv[1:] = ['bridge']; main()"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert "pip install 'nightvoice[bridge]'" in result.stderr


def test_the_core_imports_nothing_of_the_bridge() -> None:
    code = "import sys, nightvoice.assembly, nightvoice.assistant, nightvoice.cli.run; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"aiomqtt", "paho", "apprise", "wyoming", "nightvoice.bridge"} & set(loaded)
