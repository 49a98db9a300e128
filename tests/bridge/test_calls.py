"""Calls for help: several addresses, a dead network, and a clock that is set in between."""

from datetime import UTC, datetime, timedelta

import pytest

from nightvoice.diary.store import Diary
from nightvoice.system.control_socket import Order
from tests.bridge.following import DANGER, HELP, SetClock, bookmark, following, results
from tests.helpers.waiting import until


@pytest.fixture(autouse=True)
def follow_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nightvoice.bridge.notify.POLL_S", 0.01)


class Inbox:
    """An address that takes messages while it is ``there``."""

    def __init__(self, there: bool = True) -> None:
        self.there, self.texts, self.attempts = there, list[str](), 0

    def __call__(self, title: str, text: str) -> bool:
        self.attempts += 1
        if self.there:
            self.texts.append(text)
        return self.there


def now() -> datetime:
    return datetime.now().astimezone()


def test_a_dead_address_delays_no_message_and_repeats_none(diary: Diary) -> None:
    alive, dead, lines = Inbox(), Inbox(there=False), list[str]()
    given: list[Order] = []
    with following(diary, dead, alive, order=lambda order: not given.append(order), report=lines.append):
        diary.append("heard", now(), HELP)
        until(lambda: ("help", True) in results(diary), "the first result")
        diary.append("flag", now(), DANGER)
        until(lambda: ("danger", True) in results(diary) and dead.attempts > 5, "the second result")
    assert ["asked for help" in text for text in alive.texts] == [True, False]
    assert given[-1] is Order.CONTACT_REACHED
    assert any("address 1 did not take it" in line for line in lines)


def test_an_address_that_comes_back_gets_each_message_once(diary: Diary) -> None:
    alive, dead = Inbox(), Inbox(there=False)
    with following(diary, alive, dead):
        diary.append("heard", now(), HELP)
        diary.append("flag", now(), DANGER)
        until(lambda: dead.attempts > 4, "attempts")
        dead.there = True
        until(lambda: len(dead.texts) == 2, "the messages")
    assert len(alive.texts) == 2


def test_a_fault_in_one_service_does_not_end_the_attempts(diary: Diary) -> None:
    def broken(title: str, text: str) -> bool:
        raise RuntimeError("a bug of a service")

    alive = Inbox()
    with following(diary, broken, alive):
        diary.append("heard", now(), HELP)
        until(lambda: ("help", True) in results(diary), "the result")


def test_a_call_outlives_a_clock_set_forward_while_the_network_is_away(diary: Diary) -> None:
    inbox, clock = Inbox(there=False), SetClock()
    with following(diary, inbox, clock=clock):
        diary.append("heard", now(), HELP)
        until(lambda: inbox.attempts, "an attempt")
        clock.set_forward = timedelta(days=200)
        inbox.there = True
        until(lambda: ("help", True) in results(diary), "the result")
    assert len(inbox.texts) == 1


def test_a_call_is_given_up_only_after_hours_of_elapsed_time_and_never_silently(diary: Diary) -> None:
    inbox, clock, lines = Inbox(there=False), SetClock(), list[str]()
    with following(diary, inbox, clock=clock, report=lines.append):
        diary.append("heard", now(), HELP)
        until(lambda: inbox.attempts, "an attempt")
        clock.skipped = 13 * 3600.0
        until(lambda: any("given up" in line for line in lines), "the line")
    assert results(diary) == [("help", False)]


def test_a_call_after_the_clock_was_set_back_is_no_repetition(diary: Diary) -> None:
    inbox, clock = Inbox(), SetClock()
    with following(diary, inbox, clock=clock):
        diary.append("heard", now(), HELP)
        until(lambda: inbox.texts, "the first message")
        clock.set_forward = timedelta(hours=-3)
        clock.skipped = 3600.0
        diary.append("heard", clock.now(), HELP)
        until(lambda: len(inbox.texts) == 2, "the second message")


def test_a_call_from_before_the_bridge_started_is_sent_with_its_true_time(diary: Diary) -> None:
    bookmark(diary)
    booted = datetime(1970, 1, 1, 0, 0, 20, tzinfo=UTC)
    diary.append("heard", booted, HELP)
    diary.append("listening_stopped", booted + timedelta(seconds=20), {"reason": "clock"})
    diary.append("listening_started", now() - timedelta(seconds=1))
    inbox, given = Inbox(), list[Order]()
    with following(diary, inbox, order=lambda order: not given.append(order)):
        until(lambda: ("help", True) in results(diary), "the result")
    assert Order.CONTACT_REACHED in given
    assert "1970" not in inbox.texts[0]


def test_of_calls_as_old_as_a_recovered_diary_one_causes_a_message_with_its_date(diary: Diary) -> None:
    bookmark(diary)
    given = list[Order]()
    for day in (1, 2, 3):
        diary.append("heard", datetime(2026, 3, day, 3, 0, tzinfo=UTC), HELP)
    inbox = Inbox()
    with following(diary, inbox, order=lambda order: not given.append(order)):
        until(lambda: len([r for r in results(diary) if r == ("help", True)]) == 3, "the results")
    assert len(inbox.texts) == 1
    assert "2026-03-0" in inbox.texts[0]
    assert not given


def test_a_restart_tries_again_what_reached_nobody_and_repeats_nothing(diary: Diary) -> None:
    inbox = Inbox(there=False)
    with following(diary, inbox):
        diary.append("heard", now(), HELP)
        until(lambda: results(diary) == [("help", False)], "the failure")
    with following(diary, inbox):
        until(lambda: inbox.attempts, "an attempt")
        inbox.there = True
        until(lambda: results(diary) == [("help", False), ("help", True)], "the result")
        until(lambda: bookmark(diary).seq >= 1, "the bookmark")
    with following(diary, inbox):
        diary.append("flag", now(), DANGER)
        until(lambda: ("danger", True) in results(diary), "the next result")
    assert len(inbox.texts) == 2
