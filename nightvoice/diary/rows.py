"""Between the diary's dataclasses and the rows of its tables."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from sqlalchemy import RowMapping

from nightvoice.diary.episode import Episode, Flag, Step
from nightvoice.diary.event import Event
from nightvoice.diary.night import Span


def fixed(at: datetime) -> datetime:
    """An aware time with its offset frozen to whole minutes. Raises ValueError for a naive one."""
    offset = at.utcoffset()
    if offset is None:
        raise ValueError(f"{at} has no time zone")
    return at.astimezone(timezone(timedelta(minutes=offset // timedelta(minutes=1))))


def moment(name: str, at: datetime | None) -> dict[str, Any]:
    """The two columns of a moment."""
    if at is None:
        return {name: None, f"{name}_offset": None}
    offset = at.utcoffset() or timedelta()
    return {name: at.astimezone(UTC).replace(tzinfo=None), f"{name}_offset": offset // timedelta(minutes=1)}


def event_row(event: Event) -> dict[str, Any]:
    """Without ``seq``: the database gives it."""
    return {
        **moment("at", event.at),
        "night": event.night,
        "episode": event.episode,
        "kind": event.kind,
        "data": dict(event.data),
    }


def to_event(row: RowMapping) -> Event:
    return Event(row["seq"], _at(row, "at"), row["night"], row["episode"], row["kind"], row["data"])


def episode_row(episode: Episode) -> dict[str, Any]:
    plain = ("id", "night", "site", "side", "outcome", "severity", "soreness", "sleep_lost_minutes", "notes")
    return {
        **{name: getattr(episode, name) for name in plain},
        **moment("onset", episode.onset),
        **moment("ended", episode.ended),
        "steps": [step._asdict() | {"at": step.at.isoformat()} for step in episode.steps],
        "flags": [flag._asdict() | {"at": flag.at.isoformat()} for flag in episode.flags],
    }


def to_episode(row: RowMapping) -> Episode:
    fields = dict(row) | {
        "onset": _at(row, "onset"),
        "ended": None if row["ended"] is None else _at(row, "ended"),
        "steps": tuple(Step(**step | {"at": datetime.fromisoformat(step["at"])}) for step in row["steps"]),
        "flags": tuple(Flag(**flag | {"at": datetime.fromisoformat(flag["at"])}) for flag in row["flags"]),
    }
    return Episode(**{name: value for name, value in fields.items() if not name.endswith("_offset")})


def to_span(row: RowMapping) -> Span:
    return Span(_at(row, "start"), _at(row, "end"))


def _at(row: RowMapping, name: str) -> datetime:
    utc: datetime = row[name].replace(tzinfo=UTC)
    return utc.astimezone(timezone(timedelta(minutes=row[f"{name}_offset"])))
