"""The support bundle: everything private is removed from it."""

import getpass
import json
import re
import socket
import stat
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nightvoice.cli import app
from nightvoice.cli.diagnostics import log_lines, redact
from nightvoice.diary.store import Diary
from nightvoice.night.log import NightLog
from nightvoice.system import paths

Run = Callable[..., "subprocess.CompletedProcess[str]"]
CONFIGURATION = """\
audio: {input_device: Annabel's Earpiece, night_volume: 0.25}
listening: {engine: pocketsphinx}
daily: {morning: "07:45"}
profile: {diabetes: true}
safety: {contact: Wilhelmina, emergency_number: 0118 999}
report: {name: Annabel Smith, medicines: quinine}
log: {words: true}
diary: {url: /srv/annabel/nights.sqlite}
"""
SECRETS = ("annabel", "wilhelmina", "0118", "quinine", "diabetes: true", "left calf", "headache", "numbness", "/srv",
           "ouch", "aunt mary")  # fmt: skip


@pytest.fixture
def bundle(home: Path, nightvoice: Run, configure: Callable[[str], Path]) -> dict[str, str]:
    configure(CONFIGURATION)
    log = NightLog(paths.log_file(), words=True)
    log.event({"t": 1, "event": "heard", "intent": "cramp", "slots": {"site": "calf"}, "score": 0.91,
               "engine": "moonshine", "text": "ouch engine=headache my left calf"})  # fmt: skip
    log.event({"t": 2, "event": "said", "text": "It's in your left calf.", "claim": "calf-stretch"})
    log.event({"t": 2, "event": "step", "protocol": "calf", "step": "towel-stretch", "site": "calf"})
    log.event({"t": 3, "event": "flag", "flag": "numbness", "action": "call"})
    why = f"  File \"{home}/nightvoice/guide.py\", line 12, in step\n    return words\nKeyError: 'aunt mary'"
    log.event({"t": 4, "event": "part_failed", "part": "guide", "why": why})
    log.trouble("recognition failed and is restarted: ValueError: ouch my left calf")
    log.event({"t": 5, "event": "diary_unavailable", "why": "/srv/annabel/nights.sqlite: may not be written"})
    made = nightvoice("support", str(home / "help.zip"))
    assert made.returncode == 0, made.stderr
    assert stat.S_IMODE((home / "help.zip").stat().st_mode) == 0o600
    with zipfile.ZipFile(home / "help.zip") as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_the_bundle_has_no_words_names_or_paths_but_everything_else(bundle: dict[str, str], home: Path) -> None:
    everything = "\n".join(bundle.values()).casefold()
    for secret in (*SECRETS, str(home), str(Path.home()).casefold() + "/"):
        assert secret.casefold() not in everything, secret
    for name in (getpass.getuser(), socket.gethostname()):
        assert not re.search(rf"\b{re.escape(name.casefold())}\b", everything)
    assert json.loads(bundle["versions.json"])["packages"]["numpy"]
    assert "audio.night_volume: 0.25" in bundle["configuration.txt"]
    assert "listening.engine: pocketsphinx" in bundle["configuration.txt"]
    assert "audio.input_device: …" in bundle["configuration.txt"]
    checks = {check["name"]: check for check in json.loads(bundle["doctor.json"])}
    assert not checks["microphone"]["ok"]
    assert checks["recognition"]["detail"] == "pocketsphinx"
    log = bundle["log.txt"]
    for line in ("heard intent=cramp", "said", "step protocol=calf step=towel-stretch", "part_failed part=guide",
                 "line 12", "KeyError …", "ValueError …", "may not be written"):  # fmt: skip
        assert line in log


def test_on_a_fresh_machine_the_first_step_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nightvoice.cli.support._doctor", lambda secrets: [])
    made = CliRunner().invoke(app, ["support", str(tmp_path / "help.zip")], catch_exceptions=False)
    assert "First run nightvoice setup" in made.output
    with Diary.open(paths.diary_url()):
        pass
    made = CliRunner().invoke(app, ["support", str(tmp_path / "other.zip")], catch_exceptions=False)
    assert "nightvoice setup" not in made.output


def test_an_existing_or_unwritable_file_is_a_one_line_error(nightvoice: Run, home: Path) -> None:
    (home / "there.zip").write_text("mine")
    for file, said in ((home / "there.zip", "already exists"), (home / "no" / "folder.zip", "cannot be written")):
        refused = nightvoice("support", str(file))
        assert refused.returncode == 2
        assert said in refused.stderr
        assert len(refused.stderr.splitlines()) == 1
    assert (home / "there.zip").read_text() == "mine"


@pytest.mark.parametrize("text", ["postgresql://me@host/nights", "~/nights/x", "in '/a b/c d'", 'is "Mary"'])
def test_everything_that_looks_private_is_removed(text: str) -> None:
    assert redact(f"diary {text} was lost", []) in ("diary … was lost", "diary in … was lost", "diary is … was lost")


def test_the_log_without_words_keeps_its_figures() -> None:
    line = "2026-03-01 03:00:00,123 INFO heard intent=cramp score=0.9 engine=moonshine"
    assert list(log_lines([line], [])) == ["2026-03-01 03:00:00 heard intent=cramp score=0.9 engine=moonshine"]
    assert list(log_lines(["what somebody said"], [])) == []
