"""The plug is pulled while it writes."""

from random import Random

from killing import check, kill


def test_what_was_acknowledged_survives_every_kill(url: str) -> None:
    random = Random(1)
    acknowledged = []
    for _ in range(25):
        acknowledged += kill(url, random)
        check(url, acknowledged)
    assert len(acknowledged) > 25
