"""What was filled in for a night: tags of the day before, and a note. And how the log's events make it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from nightvoice.diary.event import Event


@dataclass(frozen=True, slots=True)
class Day:
    """The day before a night, as far as somebody told of it."""

    night: date
    tags: Mapping[str, bool] = field(default_factory=dict)
    """Yes or no by tag; what nobody said is not here."""
    note: str | None = None


def day_after(day: Day, event: Event) -> Day:
    """``day`` as it is after ``event``."""
    match event.kind:
        case "night_tagged":
            tags = {**day.tags, **event.data}
            return replace(day, tags={tag: said for tag, said in tags.items() if said is not None})
        case "night_noted":
            return replace(day, note=event.data["text"])
        case _:
            return day
