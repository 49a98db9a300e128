"""Nights that are killed with SIGKILL in the middle of an episode, and what must hold when the device starts again."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from nightvoice import assembly
from nightvoice.config.schema import Config
from nightvoice.diary.event import Event
from nightvoice.diary.store import Diary
from nightvoice.history import RESUME_WITHIN
from nightvoice.night.settings import Hooks
from nightvoice.rehearsal.script import NightScript, ScriptedUtterance, read_script
from nightvoice.system.clock import LOCAL

BEGAN = datetime(2026, 3, 1, 22, 30, tzinfo=LOCAL)
NIGHTS = Path(__file__).parents[1] / "nights"
SCRIPTS = tuple(
    read_script(NIGHTS / f"{name}.yaml")
    for name in ("usual_cramp", "two_cramps", "worse", "red_flag_mid_hold", "ten_minutes", "every_command")
)
AFTERWARDS = NightScript(
    night=(ScriptedUtterance(at=8, say="it's gone"), ScriptedUtterance(at=40, say="yes")), until=200
)
"""What is said after the restart."""
DIARY_EVENTS = frozenset({"heard", "episode_opened", "site", "step", "effect", "flag", "episode_closed"})
LONGEST_S = 0.02
"""The kill comes within so many seconds of an event: they are some milliseconds apart."""
SHORT_S, LONG_S = (60.0, 1200.0), (3600.0, 20_000.0)
"""So long the power is off, from and to."""

Told = dict[str, Any]
"""What a night tells while it runs."""


def killed_night(url: str, random: Random) -> tuple[str, int]:
    """Kill a night at a random moment of it and start again; how that ended, and how many events had been acknowledged.

    The ways: resumed; closed, as too long had gone; nothing, as no episode was open. Raises AssertionError where an
    acknowledged event is lost, or the person left alone.
    """
    script = random.choice(SCRIPTS)
    told = _killed(url, script, random)
    with Diary.open(url, create=False) as diary:
        before = diary.events()
        open_ = diary.unfinished()
    acknowledged = _none_is_lost(told, before)
    turns = [event.kind for event in before if event.kind in ("episode_opened", "episode_closed")]
    assert (open_ is not None) == (turns[-1:] == ["episode_opened"]), "the log and the episodes do not agree"
    off = random.uniform(*random.choice((SHORT_S, LONG_S)))
    at = BEGAN + timedelta(seconds=told[-1]["t"] + off)
    resumes = open_ is not None and at - open_.onset <= RESUME_WITHIN
    again = _whole(url, AFTERWARDS, at)
    with Diary.open(url, create=False) as diary:
        after = diary.events()
        assert after[: len(before)] == before, "what was in the diary has changed"
        _none_is_lost([*told, *again], after)
        shown = diary.episodes()
        diary.rebuild()
        assert diary.episodes() == shown, "what is shown is not what the log says"
        with diary.database.reading() as sql:
            assert sql("PRAGMA integrity_check") == [("ok",)]
        episode = diary.episode(open_.id) if open_ else None
        assert diary.unfinished() is None, "an episode stays open for ever"
    said = [event for event in again if event["event"] == "said"]
    if episode is None or not resumes:
        assert not said, f"it speaks to somebody who sleeps: {said}"
        assert episode is None or episode.outcome == "interrupted"
        return ("nothing" if episode is None else "closed"), acknowledged
    assert said, "nobody goes on with the guidance"
    assert said[0]["t"] < 1
    assert not any(event["event"] == "episode_opened" for event in again), "it is another episode now"
    assert episode.outcome != "interrupted", "what was resumed is not brought to its end"
    return "resumed", acknowledged


def _none_is_lost(told: Iterable[Told], written: Iterable[Event]) -> int:
    """Every event that was told as on the disk is in the diary, in its order; how many those are."""
    left, count = iter(written), 0
    for event in told:
        if event["event"] in DIARY_EVENTS and event["on_disk"]:
            found = any(kept.kind == event["event"] and kept.data.items() <= event.items() for kept in left)
            assert found, f"lost: {event}"
            count += 1
    return count


def _killed(url: str, script: NightScript, random: Random) -> list[Told]:
    """What a night told until it was killed, at a random moment."""
    whole = _length(script)
    child, out = _start(url, script, BEGAN)
    with os.fdopen(out, "rb") as lines:
        told = [lines.readline() for _ in range(random.randrange(1, whole))]
        time.sleep(random.uniform(0, LONGEST_S))
        os.kill(child, signal.SIGKILL)
        told += lines.readlines()
    os.waitpid(child, 0)
    return [json.loads(line) for line in told if line.endswith(b"\n")]


def _whole(url: str, script: NightScript, began: datetime) -> list[Told]:
    """What a night tells that nobody kills."""
    child, out = _start(url, script, began)
    with os.fdopen(out, "rb") as lines:
        told = [json.loads(line) for line in lines]
    _, status = os.waitpid(child, 0)
    assert status == 0, "the night itself failed"
    return told


_lengths: dict[int, int] = {}


def _length(script: NightScript) -> int:
    """How many events it tells when nobody kills it."""
    if id(script) not in _lengths:
        events: list[Told] = []
        with TemporaryDirectory() as folder:
            _play(f"{folder}/diary.sqlite", script, BEGAN, events.append)
        _lengths[id(script)] = len(events)
    return _lengths[id(script)]


def _start(url: str, script: NightScript, began: datetime) -> tuple[int, int]:
    """A process that plays the night: its number, and where it tells its events as JSON lines."""
    out, into = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.close(out)
            _play(url, script, began, lambda event: os.write(into, json.dumps(event, default=str).encode() + b"\n"))
            os._exit(0)
        finally:
            os._exit(1)
    os.close(into)
    return child, out


def _play(url: str, script: NightScript, began: datetime, tell: Callable[[Told], object]) -> None:
    """The night of ``script`` with the diary at ``url``; an event is told with whether all before it is on the disk."""
    diary = assembly.open_diary(url)
    hooks = Hooks(lambda event: tell(event | {"on_disk": diary.failure is None}))
    assembly.rehearse(Config().with_profile(script.conditions), script, diary, began, hooks)
    diary.close()
