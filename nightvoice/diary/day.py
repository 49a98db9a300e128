"""Tags and note of a day, folded from the log's events."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from nightvoice.diary.event import Event


@dataclass(frozen=True, slots=True)
class Day:
    """The person's entries about the day before a night."""

    night: date
    tags: Mapping[str, bool] = field(default_factory=dict)
    """Yes or no by tag; an unanswered tag is absent."""
    note: str | None = None


def apply_to_day(day: Day, event: Event) -> Day:
    """Return ``day`` with ``event`` applied."""
    match event.kind:
        case "night_tagged":
            tags = {**day.tags, **event.data}
            return replace(day, tags={tag: answer for tag, answer in tags.items() if answer is not None})
        case "night_noted":
            return replace(day, note=event.data["text"])
        case _:
            return day
