"""The diary: an event log, synced to disk before ``append`` returns, and the views derived from it."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, Self
from uuid import UUID, uuid4

from nightvoice.diary import log, mapping
from nightvoice.diary.clock_changes import redated
from nightvoice.diary.clock_setting import set_clock, start
from nightvoice.diary.connect import open_database
from nightvoice.diary.episode import Episode
from nightvoice.diary.event import Event
from nightvoice.diary.kinds import DAY_KINDS, LISTENING_KINDS, STRETCH_KINDS, WRITABLE_KINDS
from nightvoice.diary.night import Night, Span, night_of
from nightvoice.diary.night_end import night_end
from nightvoice.diary.nights import read_nights, read_period
from nightvoice.diary.spans import Listening, write_span
from nightvoice.diary.told_later import check_edited_times, check_no_overlap, validate_told
from nightvoice.diary.validation import validate_fields, validate_note, validate_tags
from nightvoice.storage.database import Database
from nightvoice.system.clock import EARLIEST

LEAD_IN: Final = timedelta(minutes=2)
"""Utterances up to this long before an episode opened or was rated count as part of it and are deleted with it."""
LATEST: Final = datetime(9999, 1, 1, tzinfo=UTC)
_PURGED_TABLES: Final = ("events", "episodes", "days")


class Diary:
    """An open diary. Every method may raise StorageUnavailable; a later call may succeed.

    Several processes and threads may share a diary. Naive times raise ValueError.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listening = Listening()

    @classmethod
    def open(cls, url: str | None = None, create: bool = True, night_ends: time | None = None) -> Self:
        """Open the diary at a path, ``sqlite:///PATH`` or ``postgresql://…``; None opens one in memory.

        Without ``create``, its file must already exist. ``night_ends``: see ``end_nights_at``. Raises NightvoiceError.
        """
        diary = cls(open_database(url, create))
        if night_ends is not None:
            try:
                diary.end_nights_at(night_ends)
            except BaseException:
                diary.close()
                raise
        return diary

    @property
    def database(self) -> Database:
        """The database, for backup and recovery of the whole diary."""
        return self._database

    @property
    def name(self) -> str:
        """Name for messages: the file, or the server and database."""
        return self._database.name

    def close(self) -> None:
        """Close the diary. Closing twice is allowed."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    # Writing

    def append(self, kind: str, at: datetime, data: Mapping[str, Any] | None = None) -> int:
        """Write one event to disk and return its ``seq``.

        Events belong to the open episode, if there is one. ``episode_opened`` closes an episode that was left open as
        interrupted. ``listening_started``, ``gap`` (with ISO ``start`` and ``end``), ``heard``, ``clock_set`` and
        ``listening_stopped`` also update the spans of listening. ``clock_set`` corrects earlier events
        (see ``clock_changes``); ``listening_started`` writes one if the clock was set since the last run.
        ``night_tagged`` is about the night of ``at``.
        ``episode_edited`` names its ``episode`` in the data; raises NoSuchEpisode if that has been deleted.
        """
        if kind not in WRITABLE_KINDS:
            raise ValueError(f"{kind}: not an event kind")
        at, data = mapping.with_fixed_offset(at), data or {}
        if kind == "night_tagged":
            return self._write_day(kind, at, night_of(at, self.night_end()), validate_tags(data))
        if kind == "episode_edited":
            return self._edit(data["episode"], at, {name: data[name] for name in data if name != "episode"})
        floor = EARLIEST
        with self._database.writing() as sql:
            episode = log.unfinished(sql)
            if kind == "episode_opened":
                if episode:
                    log.write(sql, "episode_closed", at, {"outcome": "interrupted"}, episode)
                seq = log.open_episode(sql, kind, at, data)
            elif kind == "clock_set":
                seq = set_clock(sql, self._listening, at, data["seconds"])
            else:
                if kind == "listening_started":
                    floor = start(sql, self._listening, at, mapping.to_boot(data))
                seq = log.write(sql, kind, at, data, None if kind in LISTENING_KINDS | STRETCH_KINDS else episode)
            self._listening.apply(sql, kind, at, data, seq, floor)
        return seq

    def heard_until(self, at: datetime) -> None:
        """Write a heartbeat: the assistant has listened without a break until ``at``."""
        with self._database.writing() as sql:
            self._listening.extend_to(sql, mapping.with_fixed_offset(at))

    def listening(self, start: datetime, end: datetime) -> None:
        """Write a span of listening from ``start`` to ``end``."""
        with self._database.writing() as sql:
            write_span(sql, Span(mapping.with_fixed_offset(start), mapping.with_fixed_offset(end)))

    def interrupt_unfinished(self) -> Episode | None:
        """Close an episode left open by a power cut, at the time of its last event, and return it."""
        with self._database.writing() as sql:
            episode = log.unfinished(sql)
            if episode is None:
                return None
            which = "WHERE episode = :id ORDER BY seq DESC LIMIT 1"
            (row,) = sql(f"SELECT {mapping.EVENT_COLUMNS} FROM events {which}", id=episode.id)
            last = redated(mapping.to_event(row), log.changes(sql))
            log.write(sql, "episode_closed", last.at, {"outcome": "interrupted"}, episode)
            return log.episode(sql, episode.id)

    # Entries by the person

    def edit_episode(self, id: int, **fields: Any) -> Episode:
        """Change fields (see ``validation``); ``onset`` and ``minutes`` if it was told later. None clears a field."""
        if "onset" in fields:
            fields["onset"] = mapping.with_fixed_offset(fields["onset"]).isoformat()
        self._edit(id, _now(), fields)
        return self.episode(id)

    def add_episode(self, onset: datetime, **fields: Any) -> Episode:
        """Add a cramp that the person tells of later (see ``told_later``). Raises NightvoiceError."""
        fields = validate_told(onset := mapping.with_fixed_offset(onset), fields, _now())
        with self._database.writing() as sql:
            check_no_overlap(sql, onset, fields.get("minutes"))
            return log.episode(sql, log.open_episode(sql, "episode_told", onset, fields))

    def tag(self, night: date, tags: Mapping[str, bool | None]) -> None:
        """Tag the day before ``night``. Omitted tags stay as they are; None removes a tag."""
        self._write_day("night_tagged", _now(), night, validate_tags(tags))

    def note(self, night: date, text: str | None) -> None:
        """Set the note about a night. None permanently deletes it and every earlier note."""
        if text is not None:
            self._write_day("night_noted", _now(), night, {"text": validate_note(text)})
            return
        with self._database.writing() as sql:
            sql("DELETE FROM events WHERE kind = 'night_noted' AND night = :night", night=night.isoformat())
            log.write_day(sql, "night_noted", _now(), night, {"text": None})
        self._database.purge(*_PURGED_TABLES)

    def delete_episode(self, id: int) -> None:
        """Permanently delete an episode and its events; only an ``episode_deleted`` event remains."""
        with self._database.writing() as sql:
            which = "WHERE episode = :id AND kind = 'episode_edited'"
            edits = sql(f"SELECT {mapping.EVENT_COLUMNS} FROM events {which}", id=id)
            which = "WHERE seq = :id AND kind = 'episode_opened'"
            opened = sql(f"SELECT {mapping.EVENT_COLUMNS} FROM events {which}", id=log.episode(sql, id).id)
            for at in (mapping.to_event(row).at for row in (*opened, *edits)):
                times = {"begin": mapping.utc_text(at - LEAD_IN), "end": mapping.utc_text(at)}
                lead_in = "kind = 'heard' AND episode IS NULL AND at BETWEEN :begin AND :end"
                sql(f"DELETE FROM events WHERE {lead_in}", **times)
            sql("DELETE FROM events WHERE episode = :id", id=id)
            sql("DELETE FROM episodes WHERE id = :id", id=id)
            log.write(sql, "episode_deleted", _now(), {"episode": id})
        self._database.purge(*_PURGED_TABLES)

    def namespace(self) -> UUID:
        """Return the random id of this diary, made at the first call: ids of its records are derived from it.

        It is part of the log, so that a backup keeps it.
        """
        which = "SELECT data FROM events WHERE kind = 'identified' ORDER BY seq LIMIT 1"
        with self._database.reading() as sql:
            found = sql(which)
        if not found:
            with self._database.writing() as sql:
                if not (found := sql(which)):
                    log.write(sql, "identified", _now(), {"namespace": str(uuid4())})
                    found = sql(which)
        data = found[0][0]
        return UUID((json.loads(data) if isinstance(data, str) else data)["namespace"])

    def end_nights_at(self, ends: time) -> None:
        """File everything, now and later, by this time of day at which a night ends and the next begins."""
        if self.night_end() != ends:
            with self._database.writing() as sql:
                log.write(sql, "night_end_set", _now(), {"time": f"{ends:%H:%M}"})
                log.refile(sql)

    def rebuild(self) -> None:
        """Recompute episodes and days from the log."""
        with self._database.writing() as sql:
            log.rebuild(sql)

    # Reading

    def events(self, after: int = 0, limit: int | None = None) -> list[Event]:
        """Return at most ``limit`` events in order, starting after the number ``after``."""
        some = "" if limit is None else " LIMIT :limit"
        which = f"SELECT {mapping.EVENT_COLUMNS} FROM events WHERE seq > :after ORDER BY seq{some}"
        with self._database.reading() as sql:
            return [mapping.to_event(row) for row in sql(which, after=after, **({"limit": limit} if some else {}))]

    def events_of(self, kind: str, since: datetime, until: datetime = LATEST) -> list[Event]:
        """Return the events of ``kind`` between two times, with their true times, in order."""
        with self._database.reading() as sql:
            return log.dated(sql, kind, since, until)

    def night_end(self) -> time:
        """Return the time of day at which a night ends and the next begins."""
        with self._database.reading() as sql:
            return night_end(sql)

    def last_seq(self) -> int:
        """Return the number of the newest event; 0 if there is none."""
        with self._database.reading() as sql:
            ((seq,),) = sql("SELECT max(seq) FROM events")
        return int(seq or 0)

    def episodes(self, night: date | None = None, since: date | None = None) -> list[Episode]:
        """Return episodes in order of onset: all, those of one ``night``, or those of all nights from ``since`` on."""
        first, last = (night, night) if night else (since or date.min, date.max)
        which = "WHERE night BETWEEN :first AND :last ORDER BY onset, id"
        with self._database.reading() as sql:
            found = sql(f"SELECT {mapping.EPISODE_COLUMNS} FROM episodes {which}", first=str(first), last=str(last))
            return [mapping.to_episode(row) for row in found]

    def latest_episodes(self, count: int, until: datetime = LATEST) -> list[Episode]:
        """Return the last ``count`` episodes ``until`` a time, in order of onset."""
        which = "WHERE onset <= :until ORDER BY onset DESC, id DESC LIMIT :count"
        with self._database.reading() as sql:
            found = sql(
                f"SELECT {mapping.EPISODE_COLUMNS} FROM episodes {which}", count=count, until=mapping.utc_text(until)
            )
            return [mapping.to_episode(row) for row in reversed(found)]

    def episode(self, id: int) -> Episode:
        """Return an episode by its number. Raises NoSuchEpisode."""
        with self._database.reading() as sql:
            return log.episode(sql, id)

    def unfinished(self) -> Episode | None:
        """Return the open episode, if there is one."""
        with self._database.reading() as sql:
            return log.unfinished(sql)

    def night(self, date: date) -> Night:
        """Return the night that began on the evening of ``date``."""
        return self.nights(date, date)[0]

    def nights(self, since: date, until: date) -> list[Night]:
        """Return every night from ``since`` to ``until``, including those without listening."""
        with self._database.reading() as sql:
            return read_nights(sql, since, until)

    def last_heard(self, before: datetime = LATEST) -> datetime | None:
        """Return the end of the newest span of listening that ended ``before`` a time: the last heartbeat."""
        which = 'WHERE "end" < :before ORDER BY id DESC LIMIT 1'
        with self._database.reading() as sql:
            found = sql(f"SELECT {mapping.SPAN_COLUMNS} FROM listening {which}", before=mapping.utc_text(before))
            return mapping.to_span(found[0]).end if found else None

    def period(self, now: datetime | None = None) -> tuple[date, date] | None:
        """Return the first and the last night with data, or None.

        Nights after ``now`` (default: the present) or before this program existed are those of a wrong clock, and don't
        count.
        """
        with self._database.reading() as sql:
            return read_period(sql, now or _now())

    def _edit(self, id: int, at: datetime, fields: Mapping[str, Any]) -> int:
        fields = validate_fields(fields)
        with self._database.writing() as sql:
            check_edited_times(sql, episode := log.episode(sql, id), fields, _now())
            return log.write(sql, "episode_edited", at, fields, episode)

    def _write_day(self, kind: str, at: datetime, night: date, data: Mapping[str, Any]) -> int:
        assert kind in DAY_KINDS
        with self._database.writing() as sql:
            return log.write_day(sql, kind, at, night, data)


def _now() -> datetime:
    return mapping.with_fixed_offset(datetime.now().astimezone())
