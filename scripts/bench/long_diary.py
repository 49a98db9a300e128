"""Generate a ten-year diary in seconds: 3,650 nights, 5,000 episodes, 200,000 events, always the same.

python scripts/bench/long_diary.py FILE [NIGHTS]
"""

import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from nightvoice.diary.backup import HEADER, BackupRecord, import_records
from nightvoice.diary.night import NOON, Span, split_by_night
from nightvoice.diary.store import Diary

NIGHTS = 3650
EPISODES_A_NIGHT = 5000 / 3650
EVENTS_A_NIGHT = 200_000 / 3650
MISSED = 0.07
"""Share of nights on which the program was not switched on."""
ZONE = ZoneInfo("Europe/Berlin")
STEPS = {"calf": "towel-stretch", "arch": "arch-stretch", "toes": "toes-stretch", "hamstring": "hamstring-stretch"}
TAGS = ("walk", "standing", "alcohol", "stretches")


class _Log:
    """Numbers the events of a night."""

    def __init__(self) -> None:
        self.seq = 0

    def event(
        self, at: datetime, night: date, kind: str, data: dict[str, object], episode: int | None = None
    ) -> BackupRecord:
        self.seq += 1
        number = self.seq if kind == "episode_opened" else episode
        line = {"seq": self.seq, "at": at.astimezone(ZONE).isoformat(), "night": night.isoformat()}
        return {"event": line | {"episode": number, "kind": kind, "data": data}}


def make(file: Path, nights: int = NIGHTS, last: date | None = None) -> None:
    """Write a new diary to ``file`` whose last night is ``last`` (default: last night)."""
    with Diary.open(str(file)) as diary:
        import_records(diary, lines(nights, last or date.today() - timedelta(days=1)), "made up")


def lines(nights: int, last: date) -> Iterator[BackupRecord]:
    """A diary in the format that ``nightvoice.diary.backup`` reads."""
    random, log = Random(1), _Log()
    spans: list[BackupRecord] = []
    episodes = 0
    yield HEADER
    for number in range(nights):
        night = last - timedelta(days=nights - 1 - number)
        bed = datetime.combine(night, datetime.min.time(), ZONE) + timedelta(hours=22, minutes=random.randrange(90))
        up = (bed + timedelta(hours=7, minutes=random.randrange(90))).astimezone(ZONE)
        yield log.event(bed - timedelta(hours=1), night, "night_tagged", {tag: random.random() < 0.4 for tag in TAGS})
        listened = random.random() >= MISSED
        if listened:
            spans += _spans(bed, up, gap=random.random() < 0.05)
            yield log.event(bed, night, "listening_started", {"engine": "vosk", "voice": "hibari", "version": "0.1.0"})
        due = round((number + 1) * EPISODES_A_NIGHT) - episodes
        count = min(due, random.choice((0, 1, 1, 2, 3, 4))) if listened and number < nights - 1 else due
        episodes += count
        for index in range(count):
            yield from _episode(log, random, night, bed + timedelta(hours=1 + 5 * (index + random.random()) / count))
        while log.seq < round((number + 1) * EVENTS_A_NIGHT) - listened:
            data = {"intent": random.choice(("help", "summary")), "slots": {}, "score": 0.93, "engine": "vosk"}
            yield log.event(up - timedelta(minutes=random.randrange(60)), night, "heard", data)
        if listened:
            yield log.event(up, night, "listening_stopped", {"reason": "ended"})
    yield from spans


def _episode(log: _Log, random: Random, night: date, onset: datetime) -> Iterator[BackupRecord]:
    site, side = random.choice(("calf", "calf", "calf", *STEPS)), random.choice(("left", "right"))
    step: dict[str, object] = {"protocol": site, "step": STEPS[site]}
    heard = {"intent": "cramp", "slots": {"site": site, "side": side}, "score": 0.97, "engine": "vosk"}
    yield log.event(onset, night, "heard", heard)
    opened = log.event(onset, night, "episode_opened", {"site": site, "side": side})
    yield opened
    episode = opened["event"]["seq"]
    at = onset
    for effect in ("same", "eased"):
        at += timedelta(seconds=40 + random.randrange(80))
        yield log.event(at, night, "step", step, episode)
        said = {"intent": "better", "slots": {}, "score": 0.88, "engine": "vosk"}
        yield log.event(at + timedelta(seconds=20), night, "heard", said, episode)
        yield log.event(at + timedelta(seconds=20), night, "effect", step | {"effect": effect}, episode)
    if random.random() < 0.02:
        yield log.event(at, night, "flag", {"flag": "worse", "action": "doctor"}, episode)
    outcome = random.choice(("gone", "gone", "gone", "gone", "unanswered", "stopped"))
    yield log.event(at + timedelta(seconds=60), night, "episode_closed", {"outcome": outcome}, episode)
    if random.random() < 0.7:
        rated = {"severity": random.randrange(11), "soreness": random.randrange(6), "sleep_lost_minutes": 15}
        yield log.event(onset + timedelta(hours=6), night, "episode_edited", rated, episode)


def _spans(bed: datetime, up: datetime, gap: bool) -> list[BackupRecord]:
    middle = bed + (up - bed) / 2
    whole = [Span(bed, middle - timedelta(minutes=20)), Span(middle + timedelta(minutes=20), up)]
    parts = [part for span in (whole if gap else [Span(bed, up)]) for part in split_by_night(span, NOON)]
    return [{"listening": {"start": part.start.isoformat(), "end": part.end.isoformat()}} for part in parts]


if __name__ == "__main__":
    make(Path(sys.argv[1]), *map(int, sys.argv[2:3]))
