"""What the bridge publishes while the computer's clock is set."""

from datetime import datetime, timedelta

import pytest

from nightvoice.bridge.messages import MOMENT_MAX_AGE, Topics, moment_age, moment_messages
from nightvoice.bridge.retained_state import RetainedState
from nightvoice.diary.runs import ages
from nightvoice.diary.store import Diary
from nightvoice.system.clock import this_boot

TOPICS = Topics("nightvoice/bed")
BOOT = datetime(2026, 3, 1, 3, 0).astimezone()
FORWARD, BACK = timedelta(days=3), timedelta(hours=-3)


def listening(diary: Diary, state: RetainedState, now: datetime) -> bool | None:
    """Whether the retained state shows that it listens; None if that has not changed."""
    state.note(diary.events())
    payloads = [message.payload for message in state.changed(now) if message.topic == TOPICS.ears]
    return payloads[0] == "listening" if payloads else None


def test_a_moment_before_the_clock_was_set_is_as_fresh_as_it_was(diary: Diary) -> None:
    for change in (FORWARD, BACK):
        diary.append("episode_opened", BOOT)
        diary.append("listening_stopped", BOOT + timedelta(seconds=20), {"reason": "clock"})
        diary.append("listening_started", BOOT + timedelta(seconds=20) + change)
        opened, *_ = events = diary.events(diary.last_seq() - 3)
        age = ages(diary.database, events, BOOT + timedelta(seconds=30) + change)[opened.seq]
        assert age == timedelta(seconds=30)
        assert list(moment_messages(opened, age, TOPICS))


@pytest.mark.parametrize("change", [timedelta(hours=1), -timedelta(hours=1)])
def test_a_clock_set_while_nobody_listened_makes_no_old_moment_fresh_and_no_fresh_one_old(
    diary: Diary, change: timedelta
) -> None:
    boot, now = this_boot(), datetime.now().astimezone()
    assert boot is not None
    # An hour ago by the true clock; the clock has been set by ``change`` since.
    at = now - timedelta(hours=1) - change
    diary.append("listening_started", at, {"boot": boot.id, "booted": boot.at - change.total_seconds()})
    diary.append("episode_opened", at)
    events = diary.events()
    age = ages(diary.database, events, now)[events[-1].seq]
    assert age == pytest.approx(timedelta(hours=1), abs=timedelta(seconds=1))
    assert not list(moment_messages(events[-1], age, TOPICS))


def test_the_age_of_a_moment_is_no_longer_than_since_the_last_look_at_the_log() -> None:
    second, hour = timedelta(seconds=1), timedelta(hours=1)
    assert moment_age(hour, second) == second, "the clock was set forward in between"
    assert moment_age(-hour, second) == second, "or back"
    assert moment_age(-hour, timedelta.max) > MOMENT_MAX_AGE, "nobody knows: no light at breakfast"
    assert moment_age(second, timedelta.max) == second


@pytest.mark.parametrize("change", [FORWARD, BACK])
def test_a_silent_assistant_is_shown_as_deaf_whatever_the_clock_says(diary: Diary, change: timedelta) -> None:
    elapsed = [0.0]
    state = RetainedState(diary, TOPICS, lambda: elapsed[0])
    diary.append("listening_started", BOOT)
    assert listening(diary, state, BOOT) is True
    elapsed[0] += 170.0
    assert listening(diary, state, BOOT + change) is False
    diary.heard_until(BOOT + timedelta(minutes=3))
    elapsed[0] += 60.0
    assert listening(diary, state, BOOT + timedelta(minutes=3)) is True


def test_the_clock_set_forward_does_not_make_the_assistant_deaf(diary: Diary) -> None:
    elapsed = [0.0]
    state = RetainedState(diary, TOPICS, lambda: elapsed[0])
    diary.append("listening_started", BOOT)
    assert listening(diary, state, BOOT) is True
    elapsed[0] += 60.0
    assert listening(diary, state, BOOT + FORWARD) is None
