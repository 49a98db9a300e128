"""The profile by voice: answers are stored and apply at once; silence changes nothing."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from errno import EROFS
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from nightvoice import assembly
from nightvoice.cli import app
from nightvoice.config.reader import load_config
from nightvoice.content.eligibility import CONDITIONS
from nightvoice.content.loader import load_pack
from nightvoice.dialogue.events import ProfileTime
from nightvoice.diary.store import Diary
from nightvoice.night.settings import Hooks
from nightvoice.rehearsal.script import NightScript

Configure = Callable[[str], Path]
QUESTIONS = load_pack().profile.questions
NOT_KEPT = set(load_pack().phrases.talk["not_kept"])
BEGAN = datetime(2026, 3, 1, 21, tzinfo=UTC)


def asked(answers: Mapping[str, str], until: float = 200) -> list[dict[str, Any]]:
    """Run the profile questions as ``--voice`` does, with ``answers`` by question, and return the events."""
    words = [
        {"after": QUESTIONS[name].ask[0], "say": answers[name]} if name in answers else {"after": text, "say": "next"}
        for name, text in ((name, question.ask[0]) for name, question in QUESTIONS.items())
    ]
    return by_voice(words, until)


def by_voice(words: list[dict[str, str]], until: float) -> list[dict[str, Any]]:
    """Run the profile dialogue, storing its answers, and return the events."""
    script, events = NightScript.model_validate({"night": words, "until": until}), list[dict[str, Any]]()
    hooks = Hooks(events.append, keep_condition=assembly.keep_condition)
    assembly.rehearse(load_config(), script, Diary.open(None), BEGAN, hooks, only=ProfileTime(0.0))
    return events


def said(events: list[dict[str, Any]]) -> list[str]:
    return [event["text"] for event in events if event["event"] == "said"]


def rehearse(folder: Path, night: str) -> list[dict[str, Any]]:
    (folder / "night.yaml").write_text(night, "utf-8")
    result = CliRunner().invoke(
        app, ["rehearse", "--json", "--script", str(folder / "night.yaml")], catch_exceptions=False
    )
    assert result.stderr == ""
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_each_condition_is_asked_once_and_answers_are_stored(configure: Configure) -> None:
    configure("profile:\n  diabetes: true\n  kidney_disease: true\n")
    events = asked({"fall_risk": "yes", "pregnant": "no", "diabetes": "no"})
    assert load_config().profile.conditions == {"fall_risk", "kidney_disease"}, "next leaves it as it was"
    spoken = said(events)
    assert [text for text in spoken if text.endswith("?")] == [QUESTIONS[name].ask[0] for name in QUESTIONS]
    assert spoken[-1] in load_pack().profile.talk["done"]
    assert [event["condition"] for event in events if event["event"] == "profile"] == [
        name for name in QUESTIONS if name in ("fall_risk", "pregnant", "diabetes")
    ]


def test_not_sure_selects_the_more_careful_advice() -> None:
    asked({"neuropathy": "I don't know", "helper": "not sure"})
    assert load_config().profile.conditions == {"neuropathy"}


def test_silence_and_stop_end_the_questions_and_change_nothing(configure: Configure) -> None:
    configure("profile:\n  pregnant: true\n")
    for answers in ({}, {"fall_risk": "stop"}):
        words = [{"after": QUESTIONS["fall_risk"].ask[0], "say": "stop"}] if answers else []
        events = by_voice(words, until=90)
        assert said(events)[-1] in load_pack().check_in.talk["later"]
        assert load_config().profile.conditions == {"pregnant"}


def test_answers_apply_the_same_night_and_a_rehearsal_stores_nothing(tmp_path: Path) -> None:
    night = """
until: 120
night:
  - {at: 1, say: set up my profile}
  - {after: dizzy, say: next}
  - {after: reach your feet, say: next}
  - {after: who can help, say: next}
  - {after: pregnant, say: "yes"}
  - {after: blood thinner, say: stop}
  - {at: 50, say: cramp in my calf}
  - {after: usual cramp, say: "yes"}
  - {after: five, say: next}
"""
    events = rehearse(tmp_path, night)
    steps = [event["step"] for event in events if event["event"] == "step"]
    assert set(steps) == {"towel-stretch", "let-go"}, "no massage, no warmth"
    assert load_config().profile.conditions == frozenset()


def test_a_danger_sign_interrupts_the_questions(tmp_path: Path) -> None:
    night = """
until: 60
night:
  - {at: 1, say: set up my profile}
  - {after: dizzy, say: my chest hurts}
"""
    events = rehearse(tmp_path, night)
    assert [event["flag"] for event in events if event["event"] == "flag"] == ["chest"]


@pytest.fixture
def read_only(configure: Configure, monkeypatch: pytest.MonkeyPatch) -> None:
    """A configuration that cannot be written."""

    def refuse(**_: object) -> None:
        raise OSError(EROFS, "Read-only file system")

    configure("")
    monkeypatch.setattr("nightvoice.system.atomic_file.tempfile.mkstemp", refuse)


@pytest.mark.usefixtures("read_only")
@pytest.mark.parametrize("answered", [("fall_risk",), ("fall_risk", "pregnant"), (list(QUESTIONS)[-1],)])
def test_answers_that_cannot_be_stored_still_apply_and_are_told_once(answered: tuple[str, ...]) -> None:
    events = asked(dict.fromkeys(answered, "yes"))
    assert "cannot be changed" in next(event["why"] for event in events if event["event"] == "profile_not_kept")
    *_, done, not_kept = said(events)
    assert done in load_pack().profile.talk["done"]
    assert not_kept in NOT_KEPT
    assert len(NOT_KEPT.intersection(said(events))) == 1


@pytest.mark.usefixtures("read_only")
def test_answers_that_cannot_be_stored_are_told_also_after_stop() -> None:
    events = asked({"fall_risk": "yes", "limited_mobility": "stop"})
    assert said(events)[-1] in NOT_KEPT


@pytest.mark.usefixtures("read_only")
def test_what_was_told_at_night_and_cannot_be_stored_is_not_promised() -> None:
    night = [
        {"at": 1, "say": "cramp in my left calf"},
        {"at": 12, "say": "yes"},
        {"at": 22, "say": "i am diabetic"},
        {"at": 40, "say": "it's gone"},
        {"after": "Shall I remember", "say": "yes"},
    ]
    script, events = NightScript.model_validate({"night": night, "until": 120}), list[dict[str, Any]]()
    hooks = Hooks(events.append, keep_condition=assembly.keep_condition)
    assembly.rehearse(load_config(), script, Diary.open(None), BEGAN, hooks)
    heard = [event["text"] for event in events if event["event"] == "said" and event not in cut_off(events)]
    assert NOT_KEPT.intersection(heard)
    assert not set(load_pack().phrases.talk["kept"]).intersection(heard)


def cut_off(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The utterances that were stopped before a frame of them was played."""
    stopped = [(event["t"], event["text"]) for event in events if event["event"] == "interrupted"]
    return [event for event in events if event["event"] == "said" and (event["t"], event["text"]) in stopped]


def test_every_condition_has_a_question() -> None:
    assert set(QUESTIONS) == set(CONDITIONS)
