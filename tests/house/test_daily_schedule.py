"""Daily events while the computer sleeps and its clock is set."""

from datetime import UTC, datetime, time, timedelta

import pytest

from nightvoice.system.clock import APART, LATE, DailySchedule, NightClock

BEGAN = datetime(2026, 3, 1, 22, 30, tzinfo=UTC)
HOUR = 3600.0
EIGHT = 9.5 * HOUR
"""Seconds from BEGAN to eight o'clock."""


class Plan:
    """A schedule with one event, at eight."""

    def __init__(self, began: datetime = BEGAN) -> None:
        self.clock = NightClock(began)
        self.schedule = DailySchedule(self.clock, {"morning": time(8)})

    def told(self, *hours: float) -> int:
        """How often the event was due at these hours of the night."""
        return sum(len(self.schedule.due(at * HOUR)) for at in hours)

    def sleep(self, t: float, seconds: float) -> None:
        self.clock.shift(seconds)
        self.schedule.reschedule(t)

    def set(self, t: float, seconds: float) -> None:
        self.clock.shift(seconds)
        self.schedule.reschedule(t, seconds)


def test_an_event_is_due_every_day_once() -> None:
    assert Plan().told(0, 9.4, 9.5, 9.6, 20, 33.4, 33.5, 33.6) == 2
    assert Plan(BEGAN + timedelta(hours=9.6)).told(0, 1, 23) == 0, "it was due before the night began"


@pytest.mark.parametrize(("asleep", "told"), [(LATE.total_seconds(), 1), (5 * HOUR, 0)])
def test_a_sleep_over_it_makes_it_late_and_a_long_one_skips_it(asleep: float, told: int) -> None:
    plan = Plan()
    plan.told(9)
    plan.sleep(9 * HOUR, asleep)
    assert plan.told(9, 9.1, 10) == told
    plan.sleep(10 * HOUR, (24 - 10) * HOUR - asleep)
    assert plan.told(19.0, 19.6) == 1, "the next day"


def test_a_clock_set_forward_over_it_does_not_lose_it() -> None:
    plan = Plan()
    plan.told(9.25)
    plan.set(9.25 * HOUR, HOUR)
    assert plan.told(9.25, 9.3, 10) == 1


@pytest.mark.parametrize("back", [HOUR, 3 * HOUR, 24 * HOUR, 10 * 365 * 24 * HOUR])
def test_a_clock_set_back_over_it_does_not_repeat_it_and_loses_no_later_one(back: float) -> None:
    plan = Plan()
    assert plan.told(9.5) == 1
    plan.set(9.6 * HOUR, -back)
    assert plan.told(*(9.6 + quarter / 4 for quarter in range(4 * 15))) == 0
    assert plan.told(*(24.6 + quarter / 4 for quarter in range(4 * 24))) == 1


def test_an_appointment_of_the_run_before_is_not_kept_again() -> None:
    plan = Plan(BEGAN + timedelta(hours=9.4))
    plan.schedule.go_on({"morning": BEGAN + timedelta(hours=9.5)}, None)
    assert plan.told(0, 0.1, 0.2, 1) == 0, "the clock was set back in between"
    assert plan.told(24, 24.2) == 1


@pytest.mark.parametrize(("off_h", "on_h", "told"), [(9.4, 9.6, 1), (9.4, 12, 0), (-24, 9.6, 0), (9.55, 9.6, 0)])
def test_an_appointment_in_a_short_break_is_late_and_not_lost(off_h: float, on_h: float, told: int) -> None:
    plan = Plan(BEGAN + timedelta(hours=on_h))
    plan.schedule.go_on({}, BEGAN + timedelta(hours=off_h))
    assert plan.told(0, 0.1, 0.2, 1) == told


def test_a_night_that_began_by_an_unset_clock_has_its_event() -> None:
    plan = Plan(datetime(1970, 1, 1, 9, 0, tzinfo=UTC))
    plan.told(0)
    plan.set(10.0, (datetime(2026, 3, 2, 7, 50, tzinfo=UTC) - plan.clock.at(10.0)).total_seconds())
    assert plan.told(0.1, 0.2, 1) == 1
    assert APART > LATE
