"""What the bridge publishes about the night of somebody who sleeps by day."""

import json
from datetime import datetime, time, timedelta

from nightvoice.bridge.messages import Topics
from nightvoice.bridge.retained_state import RetainedState
from nightvoice.diary.store import Diary

TOPICS = Topics("nightvoice/bed")
BED = datetime(2026, 3, 2, 9, 0).astimezone()
HOUR = timedelta(hours=1)


def test_home_assistant_and_the_hub_count_a_day_s_sleep_as_one_night(diary: Diary) -> None:
    diary.end_nights_at(time(18))
    diary.listening(BED, BED + 8 * HOUR)
    number = diary.append("episode_opened", BED + 4.5 * HOUR, {"site": "calf", "side": "left"})
    diary.append("episode_closed", BED + 4.6 * HOUR, {"outcome": "gone"})
    for now in (BED + 8 * HOUR, BED + 20 * HOUR):
        state = RetainedState(diary, TOPICS)
        (night,) = [json.loads(message.payload) for message in state.changed(now) if message.topic == TOPICS.night]
        assert (night["night"], night["cramps"], night["listened_h"]) == ("2026-03-01", 1, 8.0)
    assert {str(event.night) for event in diary.events() if event.episode == number} == {"2026-03-01"}
