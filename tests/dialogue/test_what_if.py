"""What to do at once if a danger came: one sentence for each, with its source, for who asks "what if …?"."""

import pytest

from nightvoice.content.loader import load_pack
from nightvoice.content.triage import CALM_ACTIONS
from nightvoice.dialogue.actions import Say
from nightvoice.dialogue.events import Suspected
from tests.dialogue.observer import filled
from tests.dialogue.rules import RAISED, SIT_UP
from tests.dialogue.test_guide import PACK, Bedside, guided, texts

FLAGS = PACK.triage.flags


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_pressing_danger_has_its_sentence_without_a_posture_that_another_forbids(language: str) -> None:
    for name, flag in load_pack(language).triage.flags.items():
        assert flag.then or flag.action in CALM_ACTIONS, name
        assert not RAISED.search(flag.then), name
        assert not SIT_UP.search(flag.then), name


@pytest.mark.parametrize("flag", [name for name, flag in FLAGS.items() if flag.then])
def test_what_if_is_answered_with_what_to_do_and_the_count_goes_on(flag: str) -> None:
    bed = guided()
    bed.wait(9)
    first = bed.hear("asked", what="what_if", flag=flag)
    assert texts(first) == [filled(FLAGS[flag].then)]
    assert [say.claim for say in first if isinstance(say, Say)] == [FLAGS[flag].claim]
    assert not bed.state.flags
    bed.wait(9)
    again = texts(bed.hear("asked", what="what_if", flag=flag))
    assert again == [f"As I said. {filled(FLAGS[flag].then)}"]
    assert set(bed.wait(20)) & set(PACK.phrases.counts)


def test_a_danger_without_a_sentence_or_a_name_gets_the_number() -> None:
    for slots in ({"what": "what_if"}, {"what": "what_if", "flag": "dangling"}):
        bed = guided()
        bed.wait(9)
        assert "1 1 2" in texts(bed.hear("asked", **slots))[0]


def test_a_danger_that_may_be_there_is_answered_and_asked_about() -> None:
    for bed in (guided(), Bedside()):
        bed.wait(9)
        said = [*texts(bed.send(Suspected(bed.t, "chest", what_if=True))), *bed.wait(3)]
        assert said[:2] == [filled(FLAGS["chest"].then), FLAGS["chest"].ask]
