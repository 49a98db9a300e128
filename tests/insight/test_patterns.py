"""Patterns, found in nights with known effects."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from statistics import fmean

import numpy as np
import pytest

pytest.importorskip("scipy")

from hypothesis import given, settings
from hypothesis import strategies as st

from nightvoice.content.pages import load_pages
from nightvoice.diary.episode import Episode
from nightvoice.diary.night import Night, Span
from nightvoice.diary.store import Diary
from nightvoice.insight.association import Share
from nightvoice.insight.coverage import Observation, observation
from nightvoice.insight.pattern_narrative import patterns_json, tell_patterns
from nightvoice.insight.patterns import (
    SINCE_STRETCHES,
    STRETCHES,
    NightFactors,
    PatternFinding,
    Patterns,
    PatternVerdict,
    factors_of,
    find,
    patterns,
)
from nightvoice.insight.report import report
from nightvoice.insight.trend import weeks
from scripts.bench.people import CAUSE, Missing, person

FIRST = date(2026, 3, 2)
TOGETHER = (PatternVerdict.MORE, PatternVerdict.LESS)


def a_night(
    number: int, heard: float = 8, cramp: bool = False, tags: Mapping[str, bool] | None = None, gap: float = 0
) -> Night:
    """Return a night with ``heard`` hours of listening from ten on, and a ``gap`` in hours at midnight."""
    day = FIRST + timedelta(days=number)
    begin = datetime.combine(day, time(22), UTC)
    end, middle = begin + timedelta(hours=heard), begin + timedelta(hours=2)
    spans = (Span(begin, middle), Span(middle + timedelta(hours=gap), end)) if gap else (Span(begin, end),)
    episodes = (Episode(number + 1, day, begin + timedelta(minutes=30)),) if cramp else ()
    return Night(day, spans if heard else (), episodes, (), tags or {})


def the(factor: str, found: Patterns) -> PatternFinding:
    return next(finding for finding in found.findings if finding.factor == factor)


# which nights count


@pytest.mark.parametrize(
    ("night", "expected"),
    [
        (a_night(0), Observation.OBSERVED),
        (a_night(0, gap=1), Observation.OBSERVED),
        (a_night(0, gap=1.1), Observation.PARTLY),
        (a_night(0, heard=6.9), Observation.PARTLY),  # until five minutes to five
        (a_night(0, heard=2), Observation.PARTLY),
        (a_night(0, heard=0), Observation.NOT),
    ],
)
def test_observation_of_a_night(night: Night, expected: Observation) -> None:
    assert observation(night) is expected
    with_cramp = replace(night, episodes=a_night(0, cramp=True).episodes)
    assert observation(with_cramp) is expected, "what happened in a night must not decide whether it counts"


def test_a_night_without_listening_never_counts_as_free_of_cramps() -> None:
    """After alcohol, listening was mostly forgotten; counted as free, those nights would favour alcohol."""
    random = np.random.default_rng(1)
    drank, cramp, forgot = random.random(120) < 0.5, random.random(120) < 0.4, random.random(120) < 0.7
    heard = [0 if drank[n] and forgot[n] else 8 for n in range(120)]
    nights = [a_night(n, heard[n], bool(cramp[n] and heard[n]), {"alcohol": bool(drank[n])}) for n in range(120)]
    found = patterns(nights)
    missed = heard.count(0)
    assert missed > 30
    assert (found.observed, found.partly, found.unheard) == (120 - missed, 0, missed)
    assert the("alcohol", found).given.nights == sum(drank) - missed
    assert the("alcohol", found).otherwise.nights == 120 - sum(drank)
    assert the("alcohol", found).verdict not in TOGETHER
    as_if_free = find([replace(day, cramp=bool(day.cramp)) for day in factors_of(nights)])
    assert the("alcohol", as_if_free).verdict is PatternVerdict.LESS, "the mistake that this test is about"


def test_a_partly_observed_night_never_counts() -> None:
    whole = [a_night(number, cramp=number % 3 == 0, tags={"walk": number % 2 == 0}) for number in range(30)]
    partly = [
        a_night(30 + number, heard=3, cramp=number % 2 == 0, tags={"walk": number % 2 == 0}) for number in range(10)
    ]
    found = patterns(whole + partly)
    assert (found.observed, found.partly, found.cramps) == (30, 10, 10)
    assert the("walk", found).given.nights + the("walk", found).otherwise.nights == 30


def test_one_night_is_told_of_as_one() -> None:
    whole = [a_night(number, cramp=number % 3 == 0) for number in range(12)]
    text = " ".join(tell_patterns(patterns([*whole, a_night(12, heard=3)]), load_pages()).intro)
    assert "One night I heard only in part." in text
    assert "1 nights" not in text


def test_a_cramp_told_later_counts_only_in_an_observed_night() -> None:
    """People who enter cramps by hand, but no free nights, would otherwise seem to have more cramps."""
    whole = [a_night(number, cramp=number % 3 == 0) for number in range(30)]
    missed = [a_night(30 + number, heard=0, cramp=True) for number in range(20)]
    nights = [
        replace(night, episodes=tuple(replace(episode, told_later=True) for episode in night.episodes))
        for night in (*whole, *missed)
    ]
    found = patterns(nights)
    assert (found.observed, found.unheard, found.cramps) == (30, 20, 10)
    assert sum(week.cramps for week in weeks(nights)) == 10
    made = report(nights)
    assert (made.cramp_nights, made.counted, made.cramps, made.told_later) == (10, 10, 30, 30)


def test_an_unanswered_tag_is_not_a_no() -> None:
    tags = [{"walk": True}, {"walk": False}, {}]
    found = patterns([a_night(number, cramp=number % 4 == 0, tags=tags[number % 3]) for number in range(60)])
    assert (the("walk", found).given.nights, the("walk", found).otherwise.nights) == (20, 20)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from([True, False, None]), st.sampled_from([True, False, None])), min_size=1))
def test_nothing_is_compared_before_there_are_enough_nights(nights: list[tuple[bool | None, bool | None]]) -> None:
    """Ten observed nights and three with a cramp are needed, and the numbers add up for any nights."""
    found = find(
        [
            NightFactors(FIRST + timedelta(days=number), cramp, {} if walk is None else {"walk": walk})
            for number, (cramp, walk) in enumerate(nights)
        ]
    )
    heard = [cramp for cramp, _ in nights if cramp is not None]
    assert (found.observed, found.cramps, found.unheard) == (len(heard), sum(heard), len(nights) - len(heard))
    assert found.enough == (len(heard) >= 10 and sum(heard) >= 3)
    if not found.enough:
        assert found.compared == 0
        assert all(finding.difference is None and finding.p is None for finding in found.findings)
        assert tell_patterns(found, load_pages()).groups == ()
    for finding in found.findings:
        assert finding.given.nights + finding.otherwise.nights <= found.observed
        assert (finding.difference is None) == (finding.verdict is PatternVerdict.TOO_FEW)


def test_nights_must_be_consecutive_dates() -> None:
    with pytest.raises(ValueError, match="all dates"):
        find([NightFactors(FIRST, True, {}), NightFactors(FIRST + timedelta(days=2), True, {})])
    with pytest.raises(ValueError, match="no nights"):
        patterns([])


# bedtime stretches


def test_guided_stretches_come_from_the_log(tmp_path: object) -> None:
    with Diary.open(f"{tmp_path}/diary.sqlite") as diary:
        for number in range(40):
            evening = datetime.combine(FIRST + timedelta(days=number), time(22), UTC)
            diary.listening(evening, evening + timedelta(hours=8))
            if number >= 20 and number % 2:
                diary.append("stretch_started", evening)
                diary.append("stretch_ended", evening, {"completed": number != 21, "holds": 6})
            if number < 20:
                diary.append("episode_opened", evening + timedelta(hours=3), {"site": "calf"})
                diary.append("episode_closed", evening + timedelta(hours=3, minutes=2), {"outcome": "gone"})
        found = patterns(diary.nights(FIRST, FIRST + timedelta(days=39)))
    assert the(STRETCHES, found).given == Share(0, 9), "what was broken off is not counted as done"
    assert the(STRETCHES, found).otherwise == Share(20, 31), "the log knows on which nights none were led"
    before_after = the(SINCE_STRETCHES, found)
    assert (before_after.otherwise, before_after.given) == (Share(20, 23), Share(0, 17))
    assert before_after.design_effect is not None
    assert before_after.design_effect > 4, "two long runs are little proof"
    told = tell_patterns(found, load_pages())
    texts = [item.text for group in told.groups for item in group.items if item.finding is before_after]
    assert "Other things may have changed" in texts[0]


def test_with_tagged_stretches_only_a_tag_means_no() -> None:
    nights = [a_night(number, cramp=number % 4 == 0) for number in range(30)]
    nights[3] = replace(nights[3], stretched=True)
    nights[7] = replace(nights[7], tags={STRETCHES: False})
    assert the(STRETCHES, patterns(nights)).given == Share(0, 1)
    assert the(STRETCHES, patterns(nights)).otherwise == Share(0, 1)


# simulated people


def some_people(nights: int, effect: str, missing: Missing, people: int) -> list[Patterns]:
    random = np.random.default_rng([7, nights])
    return [find(person(nights, effect, missing, random).days) for _ in range(people)]


@pytest.mark.parametrize(("nights", "people"), [(30, 150), (90, 150), (365, 100)])
def test_chance_is_rarely_reported_as_a_pattern(nights: int, people: int) -> None:
    """No factor has an effect; nights are clustered, and a third are missing, mostly after alcohol."""
    found = some_people(nights, "none", "linked", people)
    assert fmean(bool(one.of(*TOGETHER)) for one in found) <= 0.05
    assert fmean(one.compared for one in found) > 4, "otherwise nothing was tried"


def test_only_the_strong_pattern_is_found() -> None:
    found = some_people(365, "strong", "some", 120)
    picked = [{finding.factor: finding for finding in one.of(*TOGETHER)} for one in found]
    assert fmean(CAUSE in one and one[CAUSE].verdict is PatternVerdict.MORE for one in picked) > 0.9
    assert fmean(len(one.keys() - {CAUSE}) / max(1, len(one)) for one in picked) <= 0.05
    for one in found:
        share = len(one.of(*TOGETHER)) / one.compared
        for finding in (finding for finding in one.findings if finding.difference):
            # Selected factors have a wider interval, which excludes zero.
            level, keeps_off = finding.difference.level, finding.difference.low > 0 or finding.difference.high < 0
            assert level == pytest.approx(1 - 0.05 * share if finding.verdict in TOGETHER else 0.95)
            assert keeps_off or finding.verdict not in TOGETHER


def test_a_factor_without_effect_is_reported_as_alike_only_after_years() -> None:
    years, weeks = (some_people(nights, "none", "none", 15) for nights in (1500, 60))
    assert fmean(len(one.of(PatternVerdict.ALIKE)) / one.compared for one in years) > 0.8
    assert not any(one.of(PatternVerdict.ALIKE) for one in weeks)
    for one in years:
        for finding in one.of(PatternVerdict.ALIKE):
            assert finding.difference is not None
            assert max(-finding.difference.low, finding.difference.high) < 1 / 7


# words


def test_the_wording_has_denominators_and_names_no_cause() -> None:
    words = load_pages()
    for one in some_people(365, "strong", "linked", 5):
        told = tell_patterns(one, words)
        assert str(one.observed) in " ".join(told.intro)
        items = [item for group in told.groups for item in group.items]
        assert {item.finding.factor for item in items} == {finding.factor for finding in one.findings}
        for item in items:
            given_, otherwise = item.finding.given, item.finding.otherwise
            assert f"{given_.cramps} of {given_.nights} nights" in item.text
            assert f"{otherwise.cramps} of {otherwise.nights}" in item.text
            assert not {"because", "causes", "caused", "due", "prevents"} & set(item.text.lower().split())
        assert "Seen together does not mean" in told.caution
    headings = {group.verdict: group.heading for group in told.groups}
    assert headings[PatternVerdict.MORE].startswith("Seen together")


def test_what_stands_out_comes_first_and_marks_have_labels() -> None:
    pages = load_pages()
    found = some_people(365, "strong", "some", 1)[0]
    told = tell_patterns(found, pages)
    assert told.answer == "More nights with cramps are seen together with much standing."
    marks = [item.mark for group in told.groups for item in group.items if item.finding.difference]
    assert all(mark.endswith(("more", "fewer")) for mark in marks)
    assert re.search(r"From \d+ [A-Z][a-z]+ \d{4} to \d+ [A-Z][a-z]+ \d{4} I listened", told.intro[0])
    nothing = find([NightFactors(FIRST + timedelta(days=n), n % 2 == 0, {"walk": n % 4 < 2}) for n in range(40)])
    assert tell_patterns(nothing, pages).answer == "Nothing stands out so far."


def test_a_custom_tag_is_quoted() -> None:
    found = patterns([a_night(n, cramp=n % 3 == 0, tags={"gardening": n % 2 == 0}) for n in range(30)])
    told = tell_patterns(found, load_pages())
    assert any(item.label == "gardening" for group in told.groups for item in group.items)


def test_patterns_as_data() -> None:
    found = some_people(365, "strong", "some", 1)[0]
    data = patterns_json(found, tell_patterns(found, load_pages()))
    assert sum(data["nights"][kind] for kind in ("observed", "heard_in_part", "not_listened")) == 365
    standing = next(finding for finding in data["findings"] if finding["factor"] == CAUSE)
    assert standing["verdict"] == "more"
    assert standing["difference"]["low"] > 0
    assert standing["with"]["nights"] > standing["with"]["cramps"] > 0
