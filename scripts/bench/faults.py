"""Unplugs the microphone and kills the sound server at random moments of real nights in the virtual bedroom.

Prints how long after it is back the program hears again, whether it then understands, and how far the gaps in the diary
are from the truth; one JSON object last; exit 1 where any was longer than 5 s, or not understood. It needs
PulseAudio and flite, as the tests do. ``--unplugged N --killed N --seed N``.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from rich.progress import track

from nightvoice.diary.store import Diary
from tests.helpers.program import Event, Program
from tests.helpers.virtual_room import VirtualRoom, missing_tools

GOAL_S = 5.0
TRIES = 3
"""How often a phrase is repeated if there is no answer."""


class Bed:
    """A person in the room who speaks to the program; every second fault hits during an episode."""

    def __init__(self, room: VirtualRoom, program: Program, folder: Path) -> None:
        self._room, self._program, self._folder = room, program, folder
        self._in_episode = False

    def speaks(self) -> bool:
        """Start an episode, or end the current one; whether that was understood."""
        words, event = ("stop", "episode_closed") if self._in_episode else ("I have a cramp", "episode_opened")
        for _ in range(TRIES):
            file = self._folder / "words.wav"
            subprocess.run(["flite", "-voice", "slt", "-t", words, "-o", str(file)], check=True)
            self._room.play(file)
            try:
                self._program.wait_for(event, seconds=6)
            except AssertionError:
                continue
            self._in_episode = not self._in_episode
            return True
        return False


def fault(room: VirtualRoom, program: Program, kill: bool, random: Random) -> tuple[datetime, datetime, float]:
    """Cause one fault; its start, its end, and seconds from the device's return until sound is heard again."""
    time.sleep(random.uniform(0.2, 5))
    came = datetime.now(UTC)
    if kill:
        room.kill_server()
    else:
        room.unplug_mic(and_its_readers=random.random() < 0.5)
    program.wait_for("deaf", seconds=20)
    time.sleep(random.uniform(0, 8))
    if kill:
        room.start_server()
    else:
        room.plug_mic()
    back = time.monotonic()
    program.wait_for("hears_again", seconds=60)
    return came, datetime.now(UTC), time.monotonic() - back


def gap_error(diary: Path, faults: list[tuple[datetime, datetime]]) -> float:
    """Largest error in seconds of a gap's start or end in the diary; infinite if a gap is missing."""
    with Diary.open(str(diary), create=False) as book:
        gaps = [event.data for event in book.events() if event.kind == "gap"]
    if len(gaps) != len(faults):
        return float("inf")
    return max(
        abs((datetime.fromisoformat(gap[end]) - truth).total_seconds())
        for gap, spans in zip(gaps, faults, strict=True)
        for end, truth in zip(("start", "end"), spans, strict=True)
    )


def figures(seconds: list[float]) -> dict[str, Any]:
    return {
        "count": len(seconds),
        "p50_s": round(statistics.median(seconds), 2) if seconds else None,
        "max_s": round(max(seconds), 2) if seconds else None,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--unplugged", type=int, default=50)
    parser.add_argument("--killed", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if reason := missing_tools():
        raise SystemExit(reason)
    random = Random(options.seed)
    kills = [False] * options.unplugged + [True] * options.killed
    random.shuffle(kills)
    spans: list[tuple[datetime, datetime]] = []
    seconds: dict[bool, list[float]] = {False: [], True: []}
    understood = 0
    with tempfile.TemporaryDirectory() as place, VirtualRoom() as room:
        folder = Path(place)
        with Program(room, folder / "diary.sqlite") as program:
            program.wait_for("listening", seconds=60)
            bed = Bed(room, program, folder)
            bed.speaks()
            for kill in track(kills, "faults", disable=not sys.stderr.isatty()):
                came, heard, took = fault(room, program, kill, random)
                spans.append((came, heard))
                seconds[kill].append(took)
                understood += bed.speaks()
                lost = "sound server" if kill else "microphone"
                print(f"{lost}: heard again {took:.1f} s after it was back", file=sys.stderr)
            exit_code = program.end()
        error = gap_error(folder / "diary.sqlite", spans)
        failed: list[Event] = [event for event in program.events if event["event"] == "part_failed"]
    result = {
        "unplugged": figures(seconds[False]),
        "killed": figures(seconds[True]),
        "understood_after": f"{understood}/{len(kills)}",
        "gap_error_max_s": round(error, 2),
        "parts_failed": len(failed),
        "exit_code": exit_code,
    }
    print(json.dumps(result))
    good = max([*seconds[False], *seconds[True]]) <= GOAL_S and understood == len(kills) and error < GOAL_S
    raise SystemExit(0 if good and exit_code == 0 else 1)


if __name__ == "__main__":
    main()
