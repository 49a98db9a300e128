"""Write half a year of nights of a made-up person, always the same, to try the pages with.

python scripts/demo_diary.py /tmp/demo.sqlite && nightvoice web --diary /tmp/demo.sqlite
"""

from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Annotated

import typer

from nightvoice.diary.backup import export_records, import_records
from nightvoice.diary.store import Diary
from nightvoice.insight.night import last_night

NIGHTS = 182
TAGS = {"walk": 0.6, "standing": 0.35, "alcohol": 0.2, "coffee": 0.3, "stretches": 0.5}
"""Probability of each tag."""


def write(diary: Diary, last: date, nights: int = NIGHTS) -> None:
    """Write ``nights`` nights, the newest being ``last``, into an empty ``diary``."""
    random = Random(4)
    # In memory first: a thousand events, each synced to a disk, take their time.
    with Diary.open() as draft:
        for back in range(nights - 1, -1, -1):
            _night(draft, last - timedelta(days=back), back, random)
        import_records(diary, export_records(draft), "made up")


def _night(diary: Diary, night: date, back: int, random: Random) -> None:
    evening = datetime.combine(night, datetime.min.time()).astimezone() + timedelta(hours=22)
    said = {tag: random.random() < share for tag, share in TAGS.items()}
    if random.random() < 0.85:
        diary.tag(night, said)
    holiday = 60 <= back < 69
    if holiday or (back and random.random() < 0.05):
        return
    begin = evening + timedelta(minutes=random.randint(5, 70))
    end = evening + timedelta(hours=8, minutes=random.randint(20, 90))
    if back and random.random() < 0.06:
        end = evening + timedelta(hours=4)
    middle = evening + timedelta(hours=4, minutes=random.randint(0, 90))
    if back == 0 or random.random() < 0.07:
        diary.listening(begin, middle)
        diary.listening(middle + timedelta(minutes=24), end)
    else:
        diary.listening(begin, end)
    chance = 0.16 + 0.22 * said["alcohol"] + 0.12 * said["standing"] - 0.08 * said["stretches"] + 0.0012 * (back - 90)
    cramps = 2 if back == 0 else sum(random.random() < chance for _ in range(2))
    onset = begin + timedelta(hours=1, minutes=random.randint(10, 80))
    for number in range(cramps):
        if onset < end - timedelta(minutes=20):
            _cramp(
                diary,
                onset,
                rated=back > 1 and random.random() < 0.7,
                random=random,
                dangling=back == 23 and not number,
            )
        onset += timedelta(hours=3, minutes=random.randint(0, 50))
    if back in (0, 4, 17):
        diary.note(night, "Long day on my feet at the market.")


def _cramp(diary: Diary, onset: datetime, rated: bool, random: Random, dangling: bool) -> None:
    site = random.choices(["calf", "arch", "toes", "hamstring"], [12, 4, 2, 1])[0]
    first = {"calf": "towel-stretch", "arch": "arch-stretch", "toes": "toes-stretch", "hamstring": "hamstring-stretch"}
    number = diary.append("episode_opened", onset, {"site": site, "side": random.choices(["left", "right"], [2, 1])[0]})
    at = onset
    steps = [first[site], "massage", "dangle-feet"]
    eases = 2 if dangling else random.choices([0, 1, 2, None], [12, 5, 1, 1 if rated else 0])[0]
    for index, step in enumerate(steps if eases is None else steps[: eases + 1]):
        at += timedelta(seconds=random.randint(20, 70))
        diary.append("step", at, {"protocol": site, "step": step})
        at += timedelta(seconds=random.randint(40, 90))
        if index == eases:
            diary.append("effect", at, {"protocol": site, "step": step, "effect": "eased"})
        elif random.random() < 0.8:
            diary.append("effect", at, {"protocol": site, "step": step, "effect": "same"})
    if dangling:
        diary.append("flag", at, {"flag": "dangling", "action": "morning"})
    diary.append("episode_closed", at + timedelta(seconds=30), {"outcome": "stopped" if eases is None else "gone"})
    if rated:
        severity = random.randint(3, 8)
        diary.edit_episode(
            number,
            severity=severity,
            soreness=max(0, severity - random.randint(1, 4)),
            sleep_lost_minutes=random.choice([0, 10, 15, 20, 30, 45, 60]),
        )


def main(file: Annotated[Path, typer.Argument(help="Where it goes; must not be there yet.")]) -> None:
    if file.exists():
        raise SystemExit(f"{file}: is there already")
    with Diary.open(str(file)) as diary:
        write(diary, last_night(datetime.now()))
    print(f"{NIGHTS} nights in {file}")


if __name__ == "__main__":
    typer.run(main)
