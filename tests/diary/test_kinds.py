"""The schema of events: what is written is in it, and only marked fields leave the bed."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, make_dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from typer.testing import CliRunner

from nightvoice.bridge.messages import Topics, event_message
from nightvoice.cli import app
from nightvoice.cli.diagnostics import log_lines
from nightvoice.diary.event import Event
from nightvoice.diary.kinds import KINDS, EpisodeEdited, NightTagged
from nightvoice.diary.marks import BRIDGE, EXPORT, LOG, SUPPORT, WORDS, Destination, EventData, coded, free_text
from nightvoice.diary.store import Diary
from nightvoice.hub.export import export
from nightvoice.hub.messages import parse
from nightvoice.hub.store import Store
from nightvoice.night.events import NIGHT_EVENTS
from nightvoice.night.log import NightLog

AT = datetime(2026, 3, 2, 2, 13, tzinfo=UTC)
SECRET = "SECRET"
LONG_NIGHT = """\
from: "2026-03-02T03:00"
until: 9200
profile: {diabetes: false}
night:
  - {at: 5, say: "good evening"}
  - {after: a walk, say: "yes"}
  - {after: on your feet, say: "no"}
  - {after: alcohol, say: "no"}
  - {after: stretches done, say: "yes"}
  - {at: 120, say: "start my stretches"}
  - {at: 900, say: "i have a cramp"}
  - {after: where, say: "calf"}
  - {after: usual cramp, say: "yes"}
  - {after: easing, say: "it's easing"}
  - {after: gone, say: "yes"}
  - {at: 4000, say: "i have a cramp in my left calf"}
  - {after: usual cramp, say: "yes"}
  - {after: five, say: "my calf is swollen and hot"}
  - {after: call for you, wait: 8, say: "next"}
  - {at: 9000, say: "good morning"}
  - {after: note how it was, say: "yes"}
  - {after: how bad, say: "seven"}
"""
IN_THE_LONG_NIGHT = {
    *("listening_started", "listening_stopped", "heard", "episode_opened", "site", "step", "effect", "flag"),
    *("episode_closed", "episode_edited", "night_tagged", "stretch_started", "stretch_ended"),
}


class OneBed:
    """What the export reads of a store: one bed with one event."""

    def __init__(self, kind: str, data: Mapping[str, Any]) -> None:
        self._kind, self._data = kind, data

    def beds(self) -> list[str]:
        return ["bed"]

    def nights(self, bed: str) -> list[tuple[date, float, str, int]]:
        return []

    def events(self, bed: str, kinds: tuple[str, ...]) -> list[tuple[Any, ...]]:
        return [(AT, 0, AT.date(), None, self._kind, self._data)] if self._kind in kinds else []


def copies(kind: str, data: Mapping[str, Any], folder: Path) -> Iterator[tuple[Destination, str]]:
    """Every copy that is made of an event outside the diary, with its destination."""
    message = event_message(Event(1, AT, AT.date(), None, kind, data), "0f", Topics("nightvoice/bed"))
    yield BRIDGE, message.payload
    # The hub drops what it should not have even where a bed sends it.
    payload = json.dumps(json.loads(message.payload) | {"data": data})
    yield BRIDGE, str(parse(message.topic, payload.encode(), AT))
    yield EXPORT, "".join(export(cast(Store, OneBed(kind, data)), bytes(32)))
    for destination, words in ((LOG, False), (WORDS, True)):
        file = folder / f"{destination}.log"
        NightLog(file, words).event({"t": 1.0, "event": kind, **data})
        text = file.read_text()
        yield destination, text
        yield SUPPORT, "\n".join(log_lines(text.splitlines(), []))


def with_field(event_class: type[EventData], name: str, field: Any) -> type[EventData]:
    """``event_class`` with one field more."""
    return make_dataclass(event_class.__name__, [(name, str, field)], bases=(event_class,), kw_only=True)


@pytest.fixture(params=sorted(NIGHT_EVENTS))
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of the diary and of the night in turn."""
    return str(request.param)


def replace_kind(kind: str, event_class: type[EventData], monkeypatch: pytest.MonkeyPatch) -> None:
    for schema in (KINDS, *NIGHT_EVENTS.maps):
        if kind in schema:
            monkeypatch.setitem(cast(dict[str, type[EventData]], schema), kind, event_class)


def test_a_field_without_a_mark_leaves_by_no_way(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace_kind(kind, with_field(NIGHT_EVENTS[kind], "new", SECRET), monkeypatch)
    for destination, copy in copies(kind, {"new": SECRET}, tmp_path):
        assert SECRET not in copy, destination


def test_a_marked_field_goes_where_the_mark_says_and_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, to in enumerate((BRIDGE, EXPORT, LOG, SUPPORT | LOG)):
        folder = tmp_path / str(number)
        replace_kind("heard", with_field(KINDS["heard"], "new", coded(to, default=SECRET)), monkeypatch)
        found = {destination for destination, copy in copies("heard", {"new": SECRET}, folder) if SECRET in copy}
        assert found == {destination for destination in (BRIDGE, EXPORT, LOG, SUPPORT) if destination in to} | (
            {WORDS} if LOG in to else set()  # the log with words holds the other fields as well
        )


def test_an_unknown_kind_leaves_only_its_name(tmp_path: Path) -> None:
    for destination, copy in copies("of_a_later_version", {"intent": SECRET, "why": SECRET}, tmp_path):
        assert SECRET not in copy, destination


@pytest.mark.parametrize("to", [BRIDGE, EXPORT, LOG, SUPPORT, LOG | WORDS])
def test_free_text_cannot_be_marked_to_leave(to: Destination) -> None:
    with pytest.raises(ValueError, match="free text"):
        free_text(to)


def test_what_a_long_night_writes_and_shows_is_in_the_schema(tmp_path: Path) -> None:
    script = tmp_path / "night.yaml"
    script.write_text(LONG_NIGHT)
    url = str(tmp_path / "diary.sqlite")
    result = CliRunner().invoke(app, ["rehearse", "--json", "--script", str(script), "--diary", url])
    assert result.exit_code == 0, result.output
    with Diary.open(url) as diary:
        written = diary.events()
    assert {event.kind for event in written} >= IN_THE_LONG_NIGHT
    for event in written:
        assert rebuilt(KINDS[event.kind], event.data) == list(event.data.items())
    for shown in map(json.loads, result.stdout.splitlines()):
        data = {name: value for name, value in shown.items() if name not in ("t", "event")}
        assert rebuilt(NIGHT_EVENTS[shown["event"]], data) == list(data.items())


def rebuilt(event_class: type[EventData], data: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """``data`` as the class gives it, in order. Raises TypeError where the class has other fields."""
    if event_class is NightTagged:
        return list(NightTagged(tags=data).data().items())
    return list(event_class(**data).data().items())


def test_an_optional_field_that_is_not_given_is_absent_and_none_is_not() -> None:
    assert EpisodeEdited(severity=7, notes=None).data() == {"severity": 7, "notes": None}


def test_every_field_of_the_schema_is_marked() -> None:
    unmarked = [(kind, item.name) for kind, made in NIGHT_EVENTS.items() for item in fields(made) if not item.metadata]
    assert unmarked == []
