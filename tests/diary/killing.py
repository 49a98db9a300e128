"""A writer that is killed with SIGKILL at any moment, and what must hold of its diary then."""

import json
import os
import signal
import time
from datetime import UTC, date, datetime
from itertools import count
from random import Random
from typing import Any

from nightvoice.diary.store import Diary

AT = datetime(2026, 3, 2, 2, 13, tzinfo=UTC)
NIGHT = date(2026, 3, 1)
STEP = {"protocol": "calf", "step": "towel-stretch"}
LONGEST_S = 0.03
"""The kill comes within so many seconds of the first acknowledgement."""

Acknowledged = tuple[int, str, dict[str, Any]]
"""Number, kind and data of an event."""


def kill(url: str, random: Random) -> list[Acknowledged]:
    """Let a process write into the diary at ``url``, kill it; return what it had acknowledged."""
    out, into = os.pipe()
    child = os.fork()
    if not child:
        try:
            _write(url, into)
        finally:
            os._exit(1)
    os.close(into)
    with os.fdopen(out, "rb") as acknowledged:
        lines = [acknowledged.readline()]
        time.sleep(random.uniform(0, LONGEST_S))
        os.kill(child, signal.SIGKILL)
        lines += acknowledged.readlines()
    os.waitpid(child, 0)
    return [json.loads(line) for line in lines if line.endswith(b"\n")]


def check(url: str, acknowledged: list[Acknowledged]) -> int:
    """Everything that was acknowledged is there, nothing half-written is; return how many events there are."""
    with Diary.open(url, create=False) as diary:
        events = {event.seq: event for event in diary.events()}
        for seq, kind, data in acknowledged:
            assert seq in events, f"event {seq} was acknowledged and is lost"
            assert (events[seq].kind, events[seq].data) == (kind, data), f"event {seq} is not what was written"
        shown = (diary.episodes(), diary.night(NIGHT))
        diary.rebuild()
        assert (diary.episodes(), diary.night(NIGHT)) == shown, "what is shown is not what the log says"
        if diary.database.dialect == "sqlite":
            with diary.database.reading() as sql:
                assert sql("PRAGMA integrity_check") == [("ok",)]
        return len(events)


def _write(url: str, into: int) -> None:
    with Diary.open(url) as diary:
        for number in count():
            for kind, data in _cramp(number):
                seq = diary.append(kind, AT, data)
                os.write(into, json.dumps([seq, kind, data]).encode() + b"\n")


def _cramp(number: int) -> list[tuple[str, dict[str, Any]]]:
    return [
        ("night_tagged", {"walk": number % 2 == 0}),
        ("heard", {"intent": "cramp", "slots": {"site": "calf"}, "score": 0.9}),
        ("episode_opened", {"site": "calf", "side": "left"}),
        ("step", STEP),
        ("effect", STEP | {"effect": "eased"}),
        ("flag", {"flag": "worse", "action": "doctor"}),
        ("episode_closed", {"outcome": "gone"}),
    ]
