"""The first words: the stretch at once, and the question about danger while the person holds."""

from collections import Counter
from collections.abc import Iterator

import pytest

from nightvoice.content.loader import load_pack
from nightvoice.content.schema import SITES
from nightvoice.dialogue.actions import Say
from nightvoice.dialogue.agenda import QuestionKind
from nightvoice.dialogue.cramp_history import NO_HISTORY, CrampHistory
from nightvoice.dialogue.events import Event, Heard, HistoryReady, SpeechEnded
from nightvoice.dialogue.guide import Guide
from nightvoice.dialogue.state import Phase, State
from nightvoice.dialogue.step_history import StepHistory
from nightvoice.speaking.duration import estimate_seconds
from tests.dialogue.test_guide import PACK, SPEECH_S, Bedside, first_wordings, texts

USUAL = PACK.phrases.questions["usual"].ask
CAUTION = set(PACK.phrases.advice["caution"].say)


def held(site: str = "calf") -> Bedside:
    """A bedside where the question within the hold was just asked."""
    bed = Bedside()
    bed.hear("cramp", site=site)
    while bed.state.held_question is None:
        bed.wait(0.5)
    return bed


@pytest.mark.parametrize("site", SITES)
def test_the_stretch_comes_first_and_the_question_does_not_stop_the_count(site: str) -> None:
    bed = Bedside()
    bed.hear("cramp", site=site, side="left")
    said = bed.wait(60)
    assert said[0] in next(step for step in PACK.protocols[site] if not step.only_with).say
    asked = next(n for n, text in enumerate(said) if text in USUAL)
    assert (said[asked - 1], said[asked + 1]) in {("three", "seven"), ("five", "ten")}


def first_words(language: str, site: str, history: CrampHistory) -> Iterator[tuple[float, str]]:
    """Yield what is said to a person who stays silent up to the count, and the seconds of speech before each."""
    guide, speech_s = Guide(load_pack(language)), 0.0
    state, _ = guide.step(State(), HistoryReady(0.0, history))
    event: Event = Heard(0.0, "cramp", {"site": site, "side": "left"})
    while True:
        state, actions = guide.step(state, event)
        say = next(action for action in actions if isinstance(action, Say))
        yield speech_s, say.text
        if say.text.islower():
            return
        speech_s += estimate_seconds(say.text)
        event = SpeechEnded(speech_s, say.utterance)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("site", SITES)
def test_the_first_movement_comes_within_three_seconds_and_the_count_within_eight(site: str, language: str) -> None:
    steps = load_pack(language).protocols[site]
    helped = (step.id for step in steps if not (step.only_with or step.only_if_eased))
    histories = [CrampHistory(StepHistory(Counter([(site, id)]), Counter()), frozenset({site})) for id in helped]
    for history in (NO_HISTORY, CrampHistory(usual_sites=frozenset({site})), *histories):
        said = list(first_words(language, site, history))
        movement_s = next(at for at, text in said if any(text in step.say for step in steps))
        assert movement_s <= 3.0, said
        assert said[-1][0] <= 8.0, said


def test_a_yes_in_the_hold_goes_on_counting_and_a_no_asks_about_danger() -> None:
    for answer, stops in (("yes", False), ("no", True)):
        bed = held()
        spoken = texts(bed.hear(answer))
        assert bool(spoken) is stops
        if stops:
            assert spoken[0] in PACK.phrases.advice["worse"].say
            bed.wait(SPEECH_S)
            assert bed.state.asked is not None
            assert bed.state.asked.kind is QuestionKind.TRIAGE
        else:
            assert not set(bed.wait(60)) & set(PACK.phrases.advice["caution"].say)


def test_silence_in_the_hold_brings_the_caution_once() -> None:
    said = held().wait(200)
    assert sum(text in PACK.phrases.advice["caution"].say for text in said) == 1


def test_a_risk_asks_first() -> None:
    bed = Bedside(Guide(PACK, profile=frozenset({"arterial_disease"})))
    bed.hear("cramp", site="calf")
    assert not set(bed.wait(20)) & first_wordings()


@pytest.mark.parametrize("said", ["unsure", "unusual"])
def test_not_sure_or_not_usual_stops_the_stretch(said: str) -> None:
    assert texts(held().hear(said))[0] in PACK.phrases.advice["worse"].say


def test_without_a_place_nothing_shortens_the_thigh() -> None:
    bed = Bedside()
    bed.hear("cramp")
    assert bed.wait(SPEECH_S)[0] in PACK.phrases.advice["first_unknown"].say
    said = " ".join((*texts(bed.actions), *bed.wait(300))).lower()
    assert "straight" not in said
    assert "bend" not in said


def test_a_no_after_the_cramp_is_gone_is_no_answer_to_the_question_in_the_hold() -> None:
    bed = held()
    bed.hear("gone")
    assert bed.hear("no") == ()


def test_a_no_in_the_next_hold_is_no_answer_to_the_question_in_the_first() -> None:
    bed = held()
    while not set(bed.wait(0.5)) & CAUTION:
        pass
    assert bed.state.held_question is not None, "there is some time to answer"
    progress = bed.state.progress
    while bed.state.progress == progress:
        bed.wait(0.5)
    bed.hear("no")
    assert bed.state.phase is Phase.GUIDING
    assert bed.state.asked is None
