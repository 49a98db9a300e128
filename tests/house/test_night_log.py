"""The log file, and the messages to systemd."""

import socket
import stat
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from nightvoice.diary.episode import Episode
from nightvoice.night import log as night_log
from nightvoice.night.log import NightLog, forget
from nightvoice.system.sd_notify import SystemdNotifier

EVENTS = [
    {"t": 1.0, "event": "heard", "intent": "cramp", "slots": {"site": "calf"}, "text": "i have a cramp", "score": 0.9},
    {"t": 1.1, "event": "rejected", "intent": "", "text": "secret words", "why": "secret reason", "score": 0.1},
    {"t": 1.2, "event": "said", "text": "It's in your calf.", "claim": "calf-stretch", "start": 1, "end": 2},
    {"t": 1.3, "event": "diary_unavailable", "why": "the disk is full"},
    {"t": 9.0, "event": "summary", "text": "You had one cramp."},
]


def test_the_log_has_events_but_no_spoken_words(tmp_path: Path) -> None:
    file = tmp_path / "log" / "nightvoice.log"
    log = NightLog(file)
    for event in EVENTS:
        log.event(event)
    text = file.read_text()
    assert "heard intent=cramp" in text
    assert "the disk is full" in text
    for words in ("i have a cramp", "secret", "calf.", "one cramp", "site"):
        assert words not in text
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_words_are_logged_only_if_switched_on(tmp_path: Path) -> None:
    log = NightLog(tmp_path / "log", words=True)
    for event in EVENTS:
        log.event(event)
    assert "text=i have a cramp" in (tmp_path / "log").read_text()


def test_the_size_of_the_log_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(night_log, "SIZE", 5_000)
    log = NightLog(tmp_path / "log")
    for _ in range(2_000):
        log.event(EVENTS[0])
    assert len(list(tmp_path.iterdir())) == night_log.KEPT + 1
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) <= 5_000 * (night_log.KEPT + 1)


def test_an_unwritable_log_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    NightLog(tmp_path / "file" / "log").event(EVENTS[0])
    full = NightLog(Path("/dev/full"))
    full.event(EVENTS[0])
    full.trouble("something")


def test_systemd_is_notified_over_its_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        service = SystemdNotifier()
        service.ready()
        service.alive()
        service.stopping()
        told = [systemd.recv(100) for _ in range(3)]
    assert told == [b"READY=1\nSTATUS=listening", b"WATCHDOG=1", b"STOPPING=1"]
    service.alive()  # the socket is closed


def test_without_systemd_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    SystemdNotifier().ready()


def test_the_lines_of_a_deleted_cramp_are_deleted_from_every_file(tmp_path: Path) -> None:
    file = tmp_path / "nightvoice.log"
    onset = datetime(2026, 3, 1, 3, 0, tzinfo=timezone(timedelta(hours=13)))
    episode = Episode(7, onset.date(), onset, onset + timedelta(minutes=5))
    kept = ["2026-03-01 02:30:00,000 INFO heard\n", "no time\n", "2026-03-01 03:05:30,000 INFO step\n"]
    gone = ["2026-03-01 02:59:59,500 INFO heard\n", "2026-03-01 03:05:00,900 INFO episode_closed\n"]
    file.write_text("".join([kept[0], *gone, *kept[1:]]))
    file.with_name("nightvoice.log.2").write_text(gone[0])
    assert forget(file, episode) == 3
    assert file.read_text() == "".join(kept)
    assert file.with_name("nightvoice.log.2").read_text() == ""
    assert forget(file, episode) == 0
