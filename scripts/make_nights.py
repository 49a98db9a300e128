"""Play the nights of docs/nights/nights.yaml through the real guide and write their transcripts beside it.

python scripts/make_nights.py [FOLDER]
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from nightvoice import assembly
from nightvoice.config.schema import Config, SafetySettings
from nightvoice.diary.store import Diary
from nightvoice.night.settings import Hooks
from nightvoice.rehearsal.script import NightScript
from nightvoice.system.clock import LOCAL

FOLDER = Path(__file__).parent.parent / "docs" / "nights"
BEGINS = "2026-03-02T02:00"
WRITTEN = (
    "episode_opened",
    "site",
    "step",
    "effect",
    "flag",
    "episode_closed",
    "stretch_ended",
    "episode_edited",
    "profile",
)
"""Kinds of diary events that the pages show."""
NOTE = "*Written by `python scripts/make_nights.py` from [nights.yaml](nights.yaml); a test keeps it current.*"
INTRODUCTION = f"""\
# Nights

What nightvoice says in the night, word for word, played through the program as it is: one page for each place of a
cramp, and pages for what else may happen. `>` is the person, `*` what goes into the diary; in brackets is the claim
that a clinical sentence rests on (`nightvoice why CLAIM`). Silence is to be seen from the times.

{NOTE}
"""


Watch = Callable[[Mapping[str, Any], list[dict[str, Any]]], None]
"""Receives each night as written, and its events."""


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages():
        (folder / name).write_text(text, encoding="utf-8")
        print(folder / name)


def pages(watch: Watch = lambda night, events: None) -> Iterator[tuple[str, str]]:
    """The name and text of each page."""
    written = yaml.safe_load((FOLDER / "nights.yaml").read_text("utf-8"))
    index: list[str] = []
    for site, words in written["sites"].items():
        index.append(f"- [{words['title']}]({site}.md)")
        yield f"{site}.md", _page(words["title"], [_placed(course, words) for course in written["courses"]], watch)
    for page in written["pages"]:
        index.append(f"- [{page['title']}]({page['file']}.md)")
        yield f"{page['file']}.md", _page(page["title"], page["nights"], watch)
    yield "README.md", "\n".join((INTRODUCTION, *index)) + "\n"


def _placed(course: Mapping[str, Any], words: Mapping[str, str]) -> dict[str, Any]:
    said = [{**utterance, "say": utterance["say"].format(**words)} for utterance in course["night"]]
    return {**course, "night": said}


def _page(title: str, nights: list[dict[str, Any]], watch: Watch) -> str:
    parts = [f"# {title}\n\n{NOTE}\n"]
    for night in nights:
        profile = ", ".join(night.get("profile", {}))
        about = f"\nProfile: {profile}.\n" if profile else ""
        parts.append(f"## {night['title']}\n{about}\n```text\n{_transcript(night, watch)}\n```\n")
    return "\n".join(parts)


def _transcript(night: dict[str, Any], watch: Watch) -> str:
    began = datetime.fromisoformat(night.get("from", BEGINS)).replace(tzinfo=LOCAL)
    with Diary.open(None) as diary:
        lines = list(_played(night, diary, began, watch))
        if "then" in night:
            began += timedelta(seconds=night["until"], minutes=night["again_after"])
            lines[-1] = f"           … no power for {night['again_after']} minutes"  # instead of the morning
            lines += _played({"title": night["title"], **night["then"]}, diary, began, watch)
    return "\n".join(lines)


def _played(night: Mapping[str, Any], diary: Diary, began: datetime, watch: Watch) -> Iterator[str]:
    """The transcript of one uninterrupted night."""
    script = NightScript.model_validate({key: night[key] for key in ("night", "until", "profile") if key in night})
    config = Config(safety=SafetySettings(emergency_number="112")).with_profile(script.conditions)
    events: list[dict[str, Any]] = []
    if unsaid := assembly.rehearse(config, script, diary, began, Hooks(events.append)):
        raise SystemExit(f"{night['title']}: the time for this did not come: {unsaid[0]}")
    watch(night, events)
    yield from _told(events, began)


def _told(events: list[dict[str, Any]], began: datetime) -> Iterator[str]:
    counted: list[str] = []
    for event in events:
        clock = (began + timedelta(seconds=event["t"])).strftime("%H:%M:%S")
        if event["event"] == "said" and event["text"].islower():
            counted.append(event["text"])
            continue
        line = _line(event)
        if line is None:
            continue
        if counted:
            yield f"           {counted[0]} … {counted[-1]}" if len(counted) > 1 else f"           {counted[0]}"
            counted = []
        yield f"{clock} {line}" if event["event"] != "summary" else f"morning    {line}"


def _line(event: dict[str, Any]) -> str | None:
    match event["event"]:
        case "heard" | "rejected":
            return f"> {event['text']}"
        case "said":
            return f"  {event['text']}" + (f"  [{event['claim']}]" if "claim" in event else "")
        case "summary":
            return str(event["text"])
        case kind if kind in WRITTEN:
            data = [f"{key} {value}" for key, value in event.items() if key not in ("t", "event") and value is not None]
            return "* " + ": ".join(filter(None, (kind.replace("_", " "), ", ".join(data))))
    return None


if __name__ == "__main__":
    main()
