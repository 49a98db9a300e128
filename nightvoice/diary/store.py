"""The diary: an event log that is on the disk before ``append`` returns, and what is read from it."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Self

from nightvoice.diary import log, mapping
from nightvoice.diary.connect import open_database
from nightvoice.diary.day import Day
from nightvoice.diary.episode import Episode, Flag
from nightvoice.diary.event import Event
from nightvoice.diary.kinds import DAY_KINDS, LISTENING_KINDS, STRETCH_KINDS, WRITABLE_KINDS
from nightvoice.diary.night import Night, Span, merged, night_of
from nightvoice.diary.spans import Listening, write_span
from nightvoice.diary.validation import checked, checked_note, checked_tags
from nightvoice.storage.database import Database

LEAD_IN = timedelta(minutes=2)
"""What was heard this long before an episode, or before it was rated, is about it, and is deleted with it."""


class Diary:
    """One open diary. Every method may raise DiaryUnavailable; after one, the next call may well succeed again.

    Several processes and threads may have it open. Times given are aware, or ValueError is raised.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listening = Listening()

    @classmethod
    def open(cls, url: str | None = None, create: bool = True) -> Self:
        """Open the diary at a path, ``sqlite:///PATH`` or ``postgresql://…``; None: in memory.

        Without ``create`` its file must be there. Raises NightvoiceError.
        """
        return cls(open_database(url, create))

    @property
    def database(self) -> Database:
        """For copies of the whole."""
        return self._database

    @property
    def name(self) -> str:
        """The file, or the server and database, for messages."""
        return self._database.name

    def close(self) -> None:
        """Let go of it; may be called twice."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    # Writing

    def append(self, kind: str, at: datetime, data: Mapping[str, Any] | None = None) -> int:
        """Write one event and return its ``seq``; it is on the disk then.

        What happens while an episode is open belongs to it. ``episode_opened`` closes a forgotten one as interrupted.
        ``listening_started``, ``gap`` (with ISO ``start`` and ``end``), ``heard`` and ``listening_stopped`` also keep
        the record of when it was listening. ``night_tagged`` is about the night of ``at``. ``episode_edited`` names
        its ``episode`` in the data; raises NoSuchEpisode where that was deleted meanwhile.
        """
        if kind not in WRITABLE_KINDS:
            raise ValueError(f"{kind}: not an event kind")
        at, data = mapping.fixed(at), data or {}
        if kind == "night_tagged":
            return self._write_day(kind, at, night_of(at), checked_tags(data))
        if kind == "episode_edited":
            return self._edit(data["episode"], at, {name: data[name] for name in data if name != "episode"})
        with self._database.writing() as sql:
            episode = log.unfinished(sql)
            if kind == "episode_opened":
                if episode:
                    log.write(sql, "episode_closed", at, {"outcome": "interrupted"}, episode)
                seq = log.open_episode(sql, at, data)
            else:
                seq = log.write(sql, kind, at, data, None if kind in LISTENING_KINDS | STRETCH_KINDS else episode)
            self._listening.note(sql, kind, at, data)
        return seq

    def heard_until(self, at: datetime) -> None:
        """The heartbeat: it was listening without a break until ``at``."""
        with self._database.writing() as sql:
            self._listening.until(sql, mapping.fixed(at))

    def listening(self, start: datetime, end: datetime) -> None:
        """It was listening from ``start`` to ``end``."""
        with self._database.writing() as sql:
            write_span(sql, Span(mapping.fixed(start), mapping.fixed(end)))

    def interrupt_unfinished(self) -> Episode | None:
        """Close an episode that a power cut left open, at the time of its last event; return it."""
        with self._database.writing() as sql:
            episode = log.unfinished(sql)
            if episode is None:
                return None
            which = "WHERE episode = :id ORDER BY seq DESC LIMIT 1"
            (last,) = sql(f"SELECT {mapping.EVENT} FROM events {which}", id=episode.id)
            log.write(sql, "episode_closed", mapping.to_event(last).at, {"outcome": "interrupted"}, episode)
            return log.episode(sql, episode.id)

    # Filling in

    def edit_episode(self, id: int, **fields: Any) -> Episode:
        """Change what a person may change (see ``edits``); None clears a field. Raises NightvoiceError."""
        self._edit(id, _now(), fields)
        return self.episode(id)

    def tag(self, night: date, tags: Mapping[str, bool | None]) -> None:
        """What the day before ``night`` held; tags left out stay as they are, None: not known after all."""
        self._write_day("night_tagged", _now(), night, checked_tags(tags))

    def note(self, night: date, text: str | None) -> None:
        """About the whole night, instead of what was noted before; None takes that out of the log for good."""
        if text is not None:
            self._write_day("night_noted", _now(), night, {"text": checked_note(text)})
            return
        with self._database.writing() as sql:
            sql("DELETE FROM events WHERE kind = 'night_noted' AND night = :night", night=night.isoformat())
            log.write_day(sql, "night_noted", _now(), night, {"text": None})
        self._database.scrub()

    def delete_episode(self, id: int) -> None:
        """Take an episode out for good, with everything the log has of it; only that it was deleted stays."""
        with self._database.writing() as sql:
            edits = sql(f"SELECT {mapping.EVENT} FROM events WHERE episode = :id AND kind = 'episode_edited'", id=id)
            for at in (log.episode(sql, id).onset, *(mapping.to_event(edit).at for edit in edits)):
                times = {"begin": mapping.utc_text(at - LEAD_IN), "end": mapping.utc_text(at)}
                lead_in = "kind = 'heard' AND episode IS NULL AND at BETWEEN :begin AND :end"
                sql(f"DELETE FROM events WHERE {lead_in}", **times)
            sql("DELETE FROM events WHERE episode = :id", id=id)
            sql("DELETE FROM episodes WHERE id = :id", id=id)
            log.write(sql, "episode_deleted", _now(), {"episode": id})
        self._database.scrub()

    def rebuild(self) -> None:
        """Make everything that is derived anew from the log: the episodes, and what was filled in for the nights."""
        with self._database.writing() as sql:
            log.rebuild(sql)

    # Reading

    def events(self, after: int = 0, limit: int | None = None) -> list[Event]:
        """The log beyond the sequence number ``after``, in order; at most ``limit`` of it."""
        some = "" if limit is None else " LIMIT :limit"
        which = f"SELECT {mapping.EVENT} FROM events WHERE seq > :after ORDER BY seq{some}"
        with self._database.reading() as sql:
            return [mapping.to_event(row) for row in sql(which, after=after, **({"limit": limit} if some else {}))]

    def last_seq(self) -> int:
        """The number of the newest event; 0 before the first."""
        with self._database.reading() as sql:
            ((seq,),) = sql("SELECT max(seq) FROM events")
        return int(seq or 0)

    def episodes(self, night: date | None = None, since: date | None = None) -> list[Episode]:
        """Episodes in order of onset: all, or those of one night, or of the nights from ``since`` on."""
        first, last = (night, night) if night else (since or date.min, date.max)
        which = "WHERE night BETWEEN :first AND :last ORDER BY onset, id"
        with self._database.reading() as sql:
            found = sql(f"SELECT {mapping.EPISODE} FROM episodes {which}", first=str(first), last=str(last))
            return [mapping.to_episode(row) for row in found]

    def latest_episodes(self, count: int) -> list[Episode]:
        """The last ``count`` episodes, in order of onset."""
        with self._database.reading() as sql:
            found = sql(
                f"SELECT {mapping.EPISODE} FROM episodes ORDER BY onset DESC, id DESC LIMIT :count", count=count
            )
            return [mapping.to_episode(row) for row in reversed(found)]

    def episode(self, id: int) -> Episode:
        """Raises NoSuchEpisode where there is none of that number."""
        with self._database.reading() as sql:
            return log.episode(sql, id)

    def unfinished(self) -> Episode | None:
        """The episode that is open, if one is."""
        with self._database.reading() as sql:
            return log.unfinished(sql)

    def night(self, date: date) -> Night:
        """The night that began on the evening of ``date``."""
        return self.nights(date, date)[0]

    def nights(self, since: date, until: date) -> list[Night]:
        """Every night from ``since`` to ``until``, also those on which it did not listen."""
        spans: dict[str, list[Span]] = defaultdict(list)
        flags: dict[str, list[Flag]] = defaultdict(list)
        stretched: set[date] = set()
        episodes: dict[str, list[Episode]] = defaultdict(list)
        period = {"since": since.isoformat(), "until": until.isoformat()}
        with self._database.reading() as sql:
            which = "WHERE night BETWEEN :since AND :until"
            for night, *span in sql(f"SELECT night, {mapping.SPAN} FROM listening {which}", **period):
                spans[night].append(mapping.to_span(tuple(span)))
            kinds = "kind IN ('flag', 'stretch_ended')"
            for row in sql(f"SELECT {mapping.EVENT} FROM events {which} AND {kinds} ORDER BY seq", **period):
                event = mapping.to_event(row)
                if event.kind == "flag":
                    flags[event.night.isoformat()].append(mapping.to_flag(event))
                elif mapping.is_completed(event):
                    stretched.add(event.night)
            for row in sql(f"SELECT {mapping.EPISODE} FROM episodes {which} ORDER BY onset, id", **period):
                episodes[row[1]].append(mapping.to_episode(row))
            days = {row[0]: mapping.to_day(row) for row in sql(f"SELECT {mapping.DAY} FROM days {which}", **period)}
        nights = []
        for number in range((until - since).days + 1):
            night = since + timedelta(days=number)
            key = night.isoformat()
            day = days.get(key) or Day(night)
            listened = merged(spans[key]) if key in spans else ()
            told = (tuple(episodes[key]), tuple(flags[key]), day.tags, day.note, night in stretched)
            nights.append(Night(night, listened, *told))
        return nights

    def period(self) -> tuple[date, date] | None:
        """The first and the last night that anything is known of."""
        one = " UNION ALL ".join(
            f"SELECT min(night), max(night) FROM {table}" for table in ("listening", "episodes", "days")
        )
        with self._database.reading() as sql:
            found = [night for row in sql(one) for night in mapping.to_dates(row)]
        return (min(found), max(found)) if found else None

    def _edit(self, id: int, at: datetime, fields: Mapping[str, Any]) -> int:
        fields = checked(fields)
        with self._database.writing() as sql:
            return log.write(sql, "episode_edited", at, fields, log.episode(sql, id))

    def _write_day(self, kind: str, at: datetime, night: date, data: Mapping[str, Any]) -> int:
        assert kind in DAY_KINDS
        with self._database.writing() as sql:
            return log.write_day(sql, kind, at, night, data)


def _now() -> datetime:
    return mapping.fixed(datetime.now().astimezone())
