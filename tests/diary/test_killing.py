"""The plug is pulled while it writes."""

from collections import Counter
from pathlib import Path
from random import Random

from tests.diary.killing import check, kill
from tests.diary.killing_nights import killed_night


def test_what_was_acknowledged_survives_every_kill(url: str) -> None:
    random = Random(1)
    acknowledged = []
    for _ in range(25):
        acknowledged += kill(url, random)
        check(url, acknowledged)
    assert len(acknowledged) > 25


def test_a_night_that_is_killed_in_a_cramp_goes_on_with_it_or_closes_it(tmp_path: Path) -> None:
    random, ways = Random(2), Counter()
    for number in range(12):
        ways[killed_night(str(tmp_path / f"{number}.sqlite"), random)[0]] += 1
    assert ways["resumed"]
    assert ways["closed"]
