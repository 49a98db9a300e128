"""Nights in which people talk as people do: danger signs in any words, doubts, denials; and the ten minutes."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from nightvoice.cli import app

HERE = Path(__file__).parent
Events = list[dict[str, Any]]


def rehearse(script: Path, *arguments: str) -> Events:
    command = ["rehearse", "--json", "--script", str(script), *arguments]
    result = CliRunner().invoke(app, command, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def said_after(events: Events, text: str) -> list[str]:
    start = next(i for i, event in enumerate(events) if event.get("text") == text)
    return [event["text"] for event in events[start:] if event["event"] == "said"]


def flags(events: Events) -> list[tuple[str, str]]:
    return [(event["flag"], event["action"]) for event in events if event["event"] == "flag"]


def test_a_doubt_is_asked_about_once_and_a_denial_goes_on_with_the_step() -> None:
    events = rehearse(HERE / "free_text.yaml")
    heard = [(event["intent"], event["slots"]) for event in events if event["event"] == "heard"]
    assert heard == [
        ("cramp", {"side": "left", "site": "calf"}),
        ("yes", {}),
        ("suspicion", {"flag": "chest", "what_if": "on"}),
        ("no", {}),
        ("flag", {"flag": "chest"}),
        ("next", {}),
    ]
    told, asked = said_after(events, "What if my chest starts to hurt?")[:2]
    assert told == "With chest pain, or trouble breathing, call 1 1 2 at once, and tell me."
    assert asked == "Do you have chest pain, or trouble breathing?"
    assert said_after(events, "No, my chest is fine.")[1:4] == ["six", "seven", "eight"], "it goes on where it was"
    assert flags(events) == [("chest", "emergency")]


def test_in_a_mixture_with_a_command_the_danger_sign_counts() -> None:
    events = rehearse(HERE / "free_text.yaml")
    told = said_after(events, "It's gone, but now there's a terrible pressure in my chest!")
    assert told[0].startswith("That can be an emergency. Call 1 1 2 now.")
    assert said_after(events, "next")[0].endswith("I can't call for you.")


def test_somebody_who_is_not_sure_gets_the_cautious_advice() -> None:
    events = rehearse(HERE / "not_sure.yaml")
    assert said_after(events, "I'm not sure.")[0].startswith("Then stop.")
    assert said_after(events, "I'm not sure.")[1] == "Do you have chest pain, or trouble breathing?"
    told = said_after(events, "i don't know")
    assert told[0].startswith(("I can't tell whether you need help", "I don't know whether you need help"))
    assert "Get medical help." in told[1]
    assert not any("toes" in text for text in told), "nothing that stretches in a direction"


@pytest.mark.parametrize("end", ["stop", None])
def test_the_ten_minutes_run_on_across_a_restart(tmp_path: Path, end: str | None) -> None:
    """Whether the first run was ended by a word or by the plug."""
    diary = f"sqlite:///{tmp_path}/diary.sqlite"
    cramp = '  - {at: 5, say: "i have a cramp in my calf"}\n  - {at: 20, say: "yes"}\n'
    before, after = tmp_path / "before.yaml", tmp_path / "after.yaml"
    stop = f'  - {{at: 60, say: "{end}"}}\n' if end else ""
    before.write_text(f'from: "2026-03-02T02:00"\nuntil: 100\nnight:\n{cramp}{stop}', "utf-8")
    again = "".join(f'  - {{at: {at}, say: "again"}}\n' for at in range(60, 400, 60))
    after.write_text(f'from: "2026-03-02T02:04"\nuntil: 420\nnight:\n{cramp}{again}', "utf-8")
    rehearse(before, "--diary", diary)
    flag = next(event for event in rehearse(after, "--diary", diary) if event["event"] == "flag")
    assert flag["flag"] == "ten_minutes"
    assert flag["t"] == pytest.approx(605 - 240, abs=0.1)
