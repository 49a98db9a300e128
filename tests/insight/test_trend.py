"""Cramps by week and site, and remedies: nights without listening are never counted as free of cramps."""

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightvoice.diary.episode import Episode, StepTaken
from nightvoice.diary.night import Night, Span
from nightvoice.insight.trend import MIN_OBSERVED, remedies, site_counts, weeks

MONDAY = date(2026, 3, 2)


def night(day: int, cramps: int = 0, hours: float = 8) -> Night:
    evening = datetime.combine(MONDAY + timedelta(days=day), datetime.min.time(), UTC) + timedelta(hours=22)
    spans = (Span(evening, evening + timedelta(hours=hours)),) if hours else ()
    episodes = tuple(Episode(number, evening.date(), evening) for number in range(cramps))
    return Night(evening.date(), spans, episodes, ())


def test_a_week_counts_only_observed_nights() -> None:
    nights = [night(0, 1), night(1, 3, hours=2), night(2, hours=0), night(3, 1), *(night(day) for day in range(4, 7))]
    (week,) = weeks(nights)
    assert (week.nights, week.listened, week.cramps, week.rate) == (7, 5, 2, 2.8)


def test_a_week_without_listening_has_no_rate() -> None:
    (week,) = weeks([night(day, hours=0) for day in range(7)])
    assert (week.listened, week.rate, week.average) == (0, None, None)


def test_weeks_begin_on_monday_and_the_first_may_be_short() -> None:
    found = weeks([night(day) for day in range(5, 16)])
    assert [(week.start, week.nights) for week in found] == [
        (MONDAY, 2),
        (MONDAY + timedelta(days=7), 7),
        (MONDAY + timedelta(days=14), 2),
    ]


def test_an_average_needs_seven_nights() -> None:
    found = weeks([night(day, 1) for day in range(MIN_OBSERVED - 1)])
    assert found[-1].average is None
    found = weeks([night(day, 1) for day in range(MIN_OBSERVED)])
    assert found[-1].average is not None
    assert found[-1].average.rate == 7


def test_the_average_looks_back_four_weeks() -> None:
    found = weeks([night(day, cramps=2 if day < 7 else 0) for day in range(7 * 6)])
    assert [week.average and round(week.average.rate, 2) for week in found] == [14, 7, 4.67, 3.5, 0, 0]


def test_the_interval_without_cramps_does_not_end_at_zero() -> None:
    """No cramp in 28 nights is compatible with up to 3.7 (Poisson, 97.5 %)."""
    average = weeks([night(day) for day in range(28)])[-1].average
    assert average is not None
    assert average.rate == average.interval.low == 0
    assert average.interval.high == pytest.approx(7 * 3.69 / 28, rel=0.02)


def test_the_interval_matches_the_exact_poisson_interval() -> None:
    """Ten in 28 nights: 4.80 to 18.39 (exact, Ulm 1990)."""
    average = weeks([night(day, cramps=int(day % 3 == 0)) for day in range(28)])[-1].average
    assert average is not None
    assert (average.interval.low * 4, average.interval.high * 4) == pytest.approx((4.80, 18.39), rel=0.02)


def test_clusters_widen_the_interval() -> None:
    even = weeks([night(day, cramps=1) for day in range(28)])[-1].average
    clustered = weeks([night(day, cramps=7 * (day % 7 == 0)) for day in range(28)])[-1].average
    assert even is not None
    assert clustered is not None
    assert even.rate == clustered.rate
    assert clustered.interval.low < even.interval.low < even.interval.high < clustered.interval.high


def test_the_interval_covers_the_true_rate() -> None:
    """For 1,000 simulated people with 1.4 cramps a week and every fourth night missed, it fails for about 5 %."""
    random = Random(7)
    missed = 0
    for _ in range(1000):
        nights = [
            night(day, sum(random.random() < 0.1 for _ in range(2)), 0 if day % 4 == 0 else 8) for day in range(28)
        ]
        average = weeks(nights)[-1].average
        assert average is not None
        missed += not average.interval.low <= 1.4 <= average.interval.high
    assert missed <= 60


@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from([0, 3, 8])), min_size=1, max_size=120))
def test_any_nights_can_be_grouped_by_week(given_nights: list[tuple[int, int]]) -> None:
    nights = [night(day, cramps, hours) for day, (cramps, hours) in enumerate(given_nights)]
    found = weeks(nights)
    assert sum(week.nights for week in found) == len(nights)
    assert sum(week.listened for week in found) == sum(hours == 8 for _, hours in given_nights)
    assert sum(week.cramps for week in found) == sum(cramps for cramps, hours in given_nights if hours == 8)
    for week in found:
        if week.average:
            assert 0 <= week.average.interval.low <= week.average.rate <= week.average.interval.high


def episode(site: str | None, side: str | None, *steps: tuple[str, str | None], outcome: str | None = None) -> Night:
    began = datetime(2026, 3, 2, 23, tzinfo=UTC)
    done = tuple(StepTaken(site or "unknown", name, began, effect) for name, effect in steps)
    one = Episode(1, began.date(), began, began, site, side, outcome, steps=done)
    return Night(began.date(), (), (one,), ())


def test_site_counts() -> None:
    nights = [
        episode("calf", "left"),
        episode("calf", "right"),
        episode("calf", "left"),
        episode("toes", "both"),
        episode(None, None),
        episode(None, "left"),
        episode(None, None),
        episode(None, None),
    ]
    assert site_counts(nights) == [("calf", 2, 1, 0), ("toes", 0, 0, 1), (None, 1, 0, 3)]


def test_remedies_have_denominators() -> None:
    nights = [
        episode("calf", None, ("towel-stretch", "eased")),
        episode("calf", None, ("towel-stretch", "same"), ("massage", "eased")),
        episode("calf", None, ("towel-stretch", None), outcome="gone"),
        episode("calf", None, ("towel-stretch", None), ("towel-stretch", None), outcome="stopped"),
    ]
    towel, massage = remedies(nights)
    assert (towel.step, towel.eased, towel.known, towel.unknown) == ("towel-stretch", 2, 3, 1)
    assert (massage.step, massage.eased, massage.known, massage.unknown) == ("massage", 1, 1, 0)
    assert towel.interval is not None
    assert towel.interval == pytest.approx((0.2077, 0.9385), abs=1e-3)  # Wilson's of 2 of 3


def test_steps_without_a_reported_effect() -> None:
    (one,) = remedies([episode("calf", None, ("massage", None), outcome="stopped")])
    assert (one.eased, one.known, one.unknown, one.interval) == (0, 0, 1, None)
