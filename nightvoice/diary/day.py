"""What was entered about a day: tags and a note, folded from the log's events."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from nightvoice.diary.event import Event


@dataclass(frozen=True, slots=True)
class Day:
    """What the person entered about the day before a night."""

    night: date
    tags: Mapping[str, bool] = field(default_factory=dict)
    """Yes or no by tag; a tag that was not answered is absent."""
    note: str | None = None


def apply_to_day(day: Day, event: Event) -> Day:
    """Return ``day`` as it is after ``event``."""
    match event.kind:
        case "night_tagged":
            tags = {**day.tags, **event.data}
            return replace(day, tags={tag: answer for tag, answer in tags.items() if answer is not None})
        case "night_noted":
            return replace(day, note=event.data["text"])
        case _:
            return day
