"""Fewer cramps than in the weeks before? Chance alone is seldom taken for a change."""

from datetime import UTC, date, datetime, timedelta
from random import Random

from nightvoice.diary.episode import Episode
from nightvoice.diary.night import Night, Span
from nightvoice.insight.comparison import ChangeVerdict, rate_change

SUNDAY = date(2026, 6, 28)


def diary(cramps: list[int], hours: float = 8) -> list[Night]:
    """Return a night for each of ``cramps``, the last on a Sunday."""
    found = []
    for back, count in zip(range(len(cramps) - 1, -1, -1), cramps, strict=True):
        evening = datetime.combine(SUNDAY - timedelta(days=back), datetime.min.time(), UTC) + timedelta(hours=22)
        episodes = tuple(Episode(number, evening.date(), evening) for number in range(count))
        found.append(Night(evening.date(), (Span(evening, evening + timedelta(hours=hours)),), episodes, ()))
    return found


def test_each_answer() -> None:
    calm, usual, bad = [0] * 27 + [1], [0, 1] * 42, [1, 1, 2, 1] * 7
    assert rate_change(diary(usual + calm)).verdict is ChangeVerdict.FEWER
    assert rate_change(diary(usual + bad)).verdict is ChangeVerdict.MORE
    assert rate_change(diary(usual + usual[:28])).verdict is ChangeVerdict.UNCLEAR
    assert rate_change(diary([0] * 60)).verdict is ChangeVerdict.NONE
    assert rate_change(diary([1] * 41)).verdict is ChangeVerdict.TOO_FEW
    assert rate_change(diary([1] * 42)).verdict is not ChangeVerdict.TOO_FEW


def test_it_compares_four_weeks_with_at_most_twelve() -> None:
    found = rate_change(diary([9] * 30 + [1] * 84 + [2] * 28))
    assert (found.weeks, found.now, found.before) == (12, 14, 7)


def test_nights_hardly_listened_to_are_no_evidence() -> None:
    assert rate_change(diary([0] * 112, hours=2)).verdict is ChangeVerdict.TOO_FEW


def test_chance_alone_seldom_looks_like_a_change() -> None:
    """Also where the cramps of bad nights come together."""
    random = Random(1)
    alarms = 0
    for _ in range(300):
        nights = diary([random.choice((1, 2, 3)) if random.random() < 0.25 else 0 for _ in range(112)])
        alarms += rate_change(nights).verdict in (ChangeVerdict.FEWER, ChangeVerdict.MORE)
    assert alarms <= 300 * 0.07
