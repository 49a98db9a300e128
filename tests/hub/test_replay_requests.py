"""A hub that reconnects asks every bed for missing events, some at a time. Pure."""

from collections.abc import Collection
from typing import cast

from nightvoice.hub.replay_requests import ASKED_AT_ONCE, ReplayRequests
from nightvoice.hub.store import Store


class Marks:
    """A store that notes about how many beds it is asked at once."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def high_water_marks(self, beds: Collection[str]) -> dict[str, tuple[str, int]]:
        self.asked.append(len(beds))
        return {"bed1": ("0f3a", 7)} if "bed1" in beds else {}


def test_some_beds_at_a_time_and_each_once_a_connection() -> None:
    marks = Marks()
    sent: list[tuple[str, str]] = []
    requests = ReplayRequests(cast(Store, marks), "nightvoice", lambda *request: sent.append(request))
    beds = [f"bed{number}" for number in range(2 * ASKED_AT_ONCE + 1)]
    for _ in range(2):  # the second time, they have been asked
        for bed in beds:
            requests.note_online(bed, retained=True)
        while requests.waiting:
            requests.ask_some()
    assert marks.asked == [ASKED_AT_ONCE, ASKED_AT_ONCE, 1]
    assert sorted(topic for topic, _ in sent) == sorted(f"nightvoice/{bed}/replay" for bed in beds)
    assert dict(sent)["nightvoice/bed1/replay"] == "0f3a 7"
    assert dict(sent)["nightvoice/bed2/replay"] == "0"
    requests.note_online("bed1", retained=False)  # its bridge has restarted
    requests.ask_some()
    requests.reconnected()
    requests.note_online("bed1", retained=True)
    requests.ask_some()
    assert marks.asked[3:] == [1, 1]
