"""What the guide leaves out, and offers, once it knows the person's cramps."""

from collections import Counter
from collections.abc import Sequence
from itertools import repeat

import pytest

from nightvoice.dialogue.actions import Record
from nightvoice.dialogue.cramp_history import CrampHistory, EarlierCramp, Place, most_frequent_place, usual_sites
from nightvoice.dialogue.events import HistoryReady
from nightvoice.dialogue.guide import Guide
from nightvoice.dialogue.step_history import StepHistory
from tests.dialogue.test_guide import PACK, Bedside, step, texts

CALF = Place("calf", "left")
USUAL = EarlierCramp(CALF, usual=True, flagged=False)
KNOWN = CrampHistory(
    StepHistory(Counter([("calf", "let-go")]), Counter()), usual_sites=frozenset({"calf"}), place=CALF
)  # fmt: skip


def known(history: CrampHistory = KNOWN, profile: frozenset[str] = frozenset()) -> Bedside:
    bed = Bedside(Guide(PACK, profile=profile))
    bed.send(HistoryReady(0.0, history))
    return bed


def asked(said: list[str], question: str) -> bool:
    return not set(PACK.phrases.questions[question].ask).isdisjoint(said)


def asked_place(said: list[str]) -> bool:
    return not {text.format(place="in your left calf") for text in PACK.phrases.questions["place"].ask}.isdisjoint(said)


@pytest.mark.parametrize(
    ("cramps", "sites"),
    [
        ([USUAL] * 3, {"calf"}),
        ([USUAL] * 2, set()),
        ([USUAL] * 3 + [USUAL._replace(usual=False)], set()),
        ([USUAL] * 3 + [USUAL._replace(flagged=True)], set()),
        ([USUAL._replace(usual=False)] + [USUAL] * 3, {"calf"}),
        ([USUAL] * 3 + [USUAL._replace(usual=None)] * 9, {"calf"}),
        ([USUAL] * 2 + [USUAL._replace(place=Place("arch", None))], {"calf", "arch"}),
        ([USUAL._replace(place=None)] * 3, set()),
    ],
)
def test_three_usual_cramps_make_the_next_one_usual(cramps: list[EarlierCramp], sites: set[str]) -> None:
    assert usual_sites(cramps) == sites


@pytest.mark.parametrize(
    ("places", "place"),
    [
        ([CALF] * 3, CALF),
        ([CALF] * 2, None),
        ([CALF] * 3 + [None] * 5, CALF),
        ([CALF] * 3 + [Place("arch", None)] * 3, None),
    ],
)
def test_the_most_frequent_place(places: Sequence[Place | None], place: Place | None) -> None:
    assert most_frequent_place(EarlierCramp(p, None, False) for p in places) == place


def test_a_known_cramp_is_not_asked_about_and_starts_with_what_helped() -> None:
    bed = known()
    said = [*texts(bed.hear("cramp", site="calf", side="left")), *bed.wait(40.0)]
    assert said[0] in [text.format(place_name="Your left calf") for text in PACK.phrases.talk["at_place"]]
    assert said[1] in next(step for step in PACK.protocols["calf"] if step.id == "let-go").say
    assert said[2:4] == [PACK.phrases.talk["as_last_time"][0], "one"]
    assert step(bed) == "let-go"
    assert not asked(said, "usual")
    assert not set(PACK.phrases.advice["caution"].say) & set(said)
    assert asked(said, "easing")


@pytest.mark.parametrize(
    ("profile", "site"),
    [(frozenset({"pregnant"}), "calf"), (frozenset({"arterial_disease"}), "calf"), (frozenset(), "arch")],
)
def test_a_risk_or_another_muscle_is_asked_about_all_the_same(profile: frozenset[str], site: str) -> None:
    bed = known(profile=profile)
    bed.hear("cramp", site=site)
    assert asked(bed.wait(15.0), "usual")


def test_who_is_known_is_still_asked_about_each_danger_once_it_is_unusual() -> None:
    bed = known()
    bed.hear("cramp", site="calf")
    bed.wait(9.0)
    bed.hear("unusual")
    assert ("usual", False) in bed.records
    assert bed.state.asked is not None or bed.wait(10.0)
    assert bed.state.episode is not None
    assert bed.state.episode.screening == 0


def test_who_is_known_is_asked_about_their_place_at_once() -> None:
    bed = known()
    said = [*texts(bed.hear("cramp")), *bed.wait(4.0)]
    assert asked_place(said)
    bed.hear("yes")
    assert bed.state.episode is not None
    assert (bed.state.episode.site, bed.state.episode.side) == ("calf", "left")
    assert bed.state.episode.known


def test_silence_about_the_place_offers_the_most_frequent_one() -> None:
    bed = known(CrampHistory(place=CALF))
    bed.hear("cramp")
    assert asked_place(bed.wait(16.0))
    bed.hear("yes")
    assert bed.state.episode is not None
    assert (bed.state.episode.site, bed.state.episode.side) == ("calf", "left")
    assert ("site", "calf") in bed.records


def test_silence_about_that_place_asks_where() -> None:
    bed = known()
    bed.hear("cramp")
    said = bed.wait(60.0)
    assert asked_place(said)
    assert asked(said, "site")
    assert bed.state.episode is not None
    assert bed.state.episode.protocol == "unknown"


def test_no_to_that_place_asks_where_and_offers_it_no_more() -> None:
    bed = known()
    bed.hear("cramp")
    bed.wait(4.0)
    said = [*texts(bed.hear("no")), *bed.wait(60.0)]
    assert asked(said, "site")
    assert not [text for text in said if "left calf" in text]
    assert bed.state.episode is not None
    assert bed.state.episode.protocol == "unknown"


def test_the_answer_is_written_down() -> None:
    for intent, usual in (("yes", True), ("no", False)):
        bed = Bedside()
        bed.hear("cramp", site="calf")
        bed.wait(12.0)
        bed.hear(intent)
        assert ("usual", usual) in bed.records


def test_a_usual_cramp_that_is_back_is_not_asked_about_again() -> None:
    bed = Bedside()
    for first in (True, False):
        bed.hear("cramp", site="calf")
        assert asked(bed.wait(12.0), "usual") is first
        bed.hear("yes")
        bed.hear("gone")
        bed.wait(300.0)
    bed.wait(3600.0)
    bed.hear("cramp", site="calf")
    assert asked(bed.wait(12.0), "usual")


def test_how_to_get_up_is_told_once_a_night() -> None:
    bed, getting_up = Bedside(), set(PACK.phrases.advice["getting_up"].say)
    for told in (True, False):
        bed.hear("cramp", site="calf")
        bed.hear("gone")
        assert bool(getting_up & set(bed.wait(300.0))) is told


def test_staying_in_bed_is_told_every_time() -> None:
    bed, staying = (
        Bedside(Guide(PACK, profile=frozenset({"fall_risk"}))),
        set(PACK.phrases.advice["staying_in_bed"].say),
    )
    for _ in repeat(None, 2):
        bed.hear("cramp", site="calf")
        bed.hear("gone")
        assert staying & set(bed.wait(300.0))
        assert not [a for a in bed.actions if isinstance(a, Record) and a.kind == "flag"]
