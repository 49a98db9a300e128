"""Scripted nights through the real guide, the real diary and the command line."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from nightvoice.cli import app

HERE = Path(__file__).parent
Events = list[dict[str, Any]]


def rehearse(*arguments: str | Path) -> Events:
    result = CliRunner().invoke(app, ["rehearse", "--json", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def night(name: str) -> Events:
    return rehearse("--script", HERE / f"{name}.yaml")


def named(events: Events, *names: str) -> list[str]:
    return [event["event"] for event in events if event["event"] in names]


def said(events: Events) -> list[str]:
    return [event["text"] for event in events if event["event"] == "said"]


def after(events: Events, text: str) -> list[str]:
    """What was said after the person's words ``text``."""
    start = max(i for i, event in enumerate(events) if event["event"] == "heard" and event["text"] == text)
    return said(events[start:])


def closed(events: Events) -> list[str]:
    return [event["outcome"] for event in events if event["event"] == "episode_closed"]


@pytest.mark.parametrize("name", sorted(path.stem for path in HERE.glob("*.yaml")))
def test_events_are_in_order_and_end_with_the_summary(name: str) -> None:
    events = night(name)
    assert events[0]["event"] == "listening"
    assert events[-1]["event"] == "summary"
    times = [event["t"] for event in events]
    assert times == sorted(times)


@pytest.mark.parametrize("name", sorted(path.stem for path in HERE.glob("*.yaml")))
def test_a_night_gives_the_same_result_each_time(name: str) -> None:
    assert night(name) == night(name)


def test_a_usual_cramp_from_the_first_word_to_the_morning() -> None:
    events = night("usual_cramp")
    spoken = said(events)
    assert spoken[:3] == ["Your left calf.", "Straighten your knee, and gently pull your toes up.", "one"]
    assert spoken[5:7] == ["Is it like your usual cramp?", "seven"]
    assert spoken.count("ten") == 4  # three holds and once more
    assert named(events, "episode_opened", "step", "effect", "episode_closed") == [
        "episode_opened",
        "step",
        "effect",
        "episode_closed",
    ]
    assert closed(events) == ["gone"]
    summary = events[-1]
    assert summary["night"] == "2026-03-01"
    assert summary["cramps"] == 1
    assert summary["episodes"][0]["site"] == "calf"
    assert summary["episodes"][0]["eased_by"] == "towel-stretch"
    assert "at 10:30, in your left calf. It took one minute; the towel stretch eased it." in summary["text"]


def test_the_first_instruction_carries_its_claim() -> None:
    instruction = next(event for event in night("usual_cramp") if event.get("text", "").startswith("Straighten"))
    assert instruction["claim"] == "towel-stretch"
    assert instruction["end"] > instruction["start"]


def test_without_answers_it_goes_on_gently_and_says_when_it_ends() -> None:
    events = night("no_answers")
    spoken = said(events)
    assert spoken.count("Tell me where: calf, foot, toes, shin, or thigh.") == 1
    assert any(text.startswith("If it's swollen") for text in spoken)
    assert "Let the leg go loose. Breathe out slowly." in spoken
    assert not any("toes" in text for text in spoken[spoken.index("one") :])  # no direction for an unknown site
    assert spoken[-1] == "Rest now. If you need me, say, I have a cramp."
    assert closed(events) == ["unanswered"]


def test_worse_stops_the_stretch_asks_for_danger_signs_and_escalates() -> None:
    events = night("worse")
    spoken = after(events, "worse")
    assert spoken[0].startswith("Then stop.")
    assert spoken[1] == "Do you have chest pain, or trouble breathing?"
    route = "At night, go to an emergency department."
    assert f"If the pain stays this bad, call a doctor. {route} I can't call for you." in spoken
    assert closed(events) == ["worse"]
    effects = [event["effect"] for event in events if event["event"] == "effect"]
    assert effects == ["worse"]


def test_a_red_flag_in_the_middle_of_a_hold_interrupts_and_ends_the_stretching() -> None:
    events = night("red_flag_mid_hold")
    index = next(i for i, event in enumerate(events) if event["event"] == "flag")
    assert (events[index]["flag"], events[index]["action"]) == ("chest", "emergency")
    spoken = said(events[index:])
    assert spoken[0].startswith("That can be an emergency. Call 1 1 2 now.")
    assert not {"one", "ten", "Is it easing?"} & set(spoken)
    assert after(events, "next")[0].startswith("Please get that help now.")
    assert closed(events) == ["escalated"]
    assert events[-1]["text"].index("chest pain") < events[-1]["text"].index("cramp")


def test_two_cramps_in_one_night() -> None:
    events = night("two_cramps")
    assert closed(events) == ["gone", "gone"]
    summary = events[-1]
    assert [episode["site"] for episode in summary["episodes"]] == ["calf", "arch"]
    assert "two cramps" in summary["text"]


def test_awake_and_nothing_more_is_no_episode() -> None:
    events = night("wake_and_nothing_more")
    assert said(events) == ["Do you have a cramp?"]
    assert named(events, "episode_opened") == []
    assert events[-1]["cramps"] == 0


def test_a_call_for_help_without_an_answer_leads_to_the_number() -> None:
    events = night("call_for_help")
    spoken = said(events)
    assert spoken[:2] == ["Do you have a cramp?", "Do you need help?"]
    assert any("call 1 1 2" in text for text in spoken[2:])
    assert [event["status"] for event in events if event["event"] == "flag"] == ["unconfirmed"]


def test_every_command_works_and_a_yes_within_a_sentence_does_not() -> None:
    events = night("every_command")
    intents = [event["intent"] for event in events if event["event"] == "heard"]
    assert intents == [
        *("cramp", "yes", "louder", "slower", "pause", "continue", "next"),
        *("back", "repeat", "quieter", "help", "commands", "better", "stop"),
    ]
    rejected = [event["text"] for event in events if event["event"] == "rejected"]
    assert rejected == ["tell him yes when he rings on monday"]
    assert after(events, "pause")[0] == "All right. I'll wait."
    assert after(events, "help me")[0].startswith("If this is an emergency, call 1 1 2.")
    assert after(events, "what can I say")[0].startswith("You can say next, again, wait")
    steps = [event["step"] for event in events if event["event"] == "step"]
    assert steps == ["towel-stretch", "dangle-feet", "towel-stretch", "towel-stretch"]
    assert closed(events) == ["stopped"]


def test_ten_minutes_run_on_across_pauses_repeats_and_a_restart() -> None:
    events = night("ten_minutes")
    flag = next(event for event in events if event["event"] == "flag")
    assert flag["flag"] == "ten_minutes"
    assert flag["t"] == pytest.approx(605, abs=0.1)
    assert closed(events)[-1] == "escalated"


def test_snoring_is_nothing(tmp_path: Path) -> None:
    rate, seconds = 16_000, 60
    t = np.arange(rate * seconds) / rate
    rng = np.random.default_rng(3)
    breath = np.clip(np.sin(2 * np.pi * t / 4), 0, 1) ** 2
    rattle = 0.5 + 0.5 * np.sign(np.sin(2 * np.pi * 28 * t))
    rough = np.convolve(rng.standard_normal(len(t)), np.ones(24) / 24, "same")
    recording = tmp_path / "snoring.wav"
    soundfile.write(recording, (0.5 * breath * rattle * rough).astype(np.float32), rate)
    events = rehearse(recording, "--from", "2026-03-01T23:00")
    assert named(events, "heard", "said", "episode_opened") == []
    assert events[-1]["cramps"] == 0
