"""The diary: an event log that is on the disk before ``append`` returns, and what is read from it."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self

from sqlalchemy import ColumnElement, Connection, Table, delete, insert, or_, select, update

from nightvoice.diary import rows
from nightvoice.diary.edits import checked
from nightvoice.diary.episode import Episode, Flag, after, opened
from nightvoice.diary.errors import plain_errors
from nightvoice.diary.event import LISTENING_KINDS, WRITABLE_KINDS, Event
from nightvoice.diary.night import Night, Span, by_night, merged, night_of
from nightvoice.diary.opening import open_engine, writing
from nightvoice.diary.tables import episodes as episodes_table
from nightvoice.diary.tables import events as events_table
from nightvoice.diary.tables import listening as listening_table
from nightvoice.errors import NightvoiceError

LEAD_IN = timedelta(minutes=2)
"""What was heard this long before an episode led to it, and is deleted with it."""


class Diary:
    """One open diary. Every method may raise DiaryUnavailable; after one, the next call may well succeed again.

    Several processes may have it open. Times given are aware, or ValueError is raised.
    """

    def __init__(self, url: str | None, create: bool) -> None:
        self._engine, self.name = open_engine(url, create)
        self._span: int | None = None

    @classmethod
    def open(cls, url: str | None = None, create: bool = True) -> Self:
        """Open the diary at a path, ``sqlite:///PATH`` or ``postgresql://…``; None: in memory.

        Without ``create`` its file must be there. Raises NightvoiceError.
        """
        return cls(url, create)

    def close(self) -> None:
        """Let go of the file; may be called twice."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    # Writing

    def append(self, kind: str, at: datetime, data: Mapping[str, Any] | None = None) -> int:
        """Write one event and return its ``seq``; it is on the disk then.

        What happens while an episode is open belongs to it. ``episode_opened`` closes a forgotten one as interrupted.
        ``listening_started``, ``gap`` (with ISO ``start`` and ``end``), ``heard`` and ``listening_stopped`` also keep
        the record of when it was listening.
        """
        if kind not in WRITABLE_KINDS:
            raise ValueError(f"{kind}: not an event kind")
        at, data = rows.fixed(at), data or {}
        with plain_errors(self.name), writing(self._engine) as connection:
            episode = _open_episode(connection)
            if kind == "episode_opened":
                if episode:
                    _write(connection, "episode_closed", at, {"outcome": "interrupted"}, episode)
                seq = _open(connection, at, data)
            else:
                seq = _write(connection, kind, at, data, None if kind in LISTENING_KINDS else episode)
            self._note_listening(connection, kind, at, data)
        return seq

    def heard_until(self, at: datetime) -> None:
        """The heartbeat: it was listening without a break until ``at``."""
        with plain_errors(self.name), writing(self._engine) as connection:
            self._listen_until(connection, rows.fixed(at))

    def listening(self, start: datetime, end: datetime) -> None:
        """It was listening from ``start`` to ``end``."""
        with plain_errors(self.name), writing(self._engine) as connection:
            _new_span(connection, Span(rows.fixed(start), rows.fixed(end)))

    def edit_episode(self, id: int, **fields: Any) -> Episode:
        """Change what a person may change (see ``edits``); None clears a field. Raises NightvoiceError."""
        fields = checked(fields)
        with plain_errors(self.name), writing(self._engine) as connection:
            _write(connection, "episode_edited", rows.fixed(datetime.now().astimezone()), fields, _get(connection, id))
            return _get(connection, id)

    def delete_episode(self, id: int) -> None:
        """Take an episode out for good, with everything the log has of it; only that it was deleted stays."""
        with plain_errors(self.name), writing(self._engine) as connection:
            episode = _get(connection, id)
            before = episode.onset.astimezone(UTC).replace(tzinfo=None)
            lead_in = (
                (events_table.c.kind == "heard")
                & events_table.c.episode.is_(None)
                & events_table.c.at.between(before - LEAD_IN, before)
            )
            connection.execute(delete(events_table).where(or_(events_table.c.episode == id, lead_in)))
            connection.execute(delete(episodes_table).where(episodes_table.c.id == id))
            _write(connection, "episode_deleted", rows.fixed(datetime.now().astimezone()), {"episode": id}, None)
        if self._engine.dialect.name == "sqlite":
            # Otherwise the deleted words would stay in the write-ahead log until it is written over.
            with plain_errors(self.name), self._engine.connect() as connection:
                connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def interrupt_unfinished(self) -> Episode | None:
        """Close an episode that a power cut left open, at the time of its last event; return it."""
        with plain_errors(self.name), writing(self._engine) as connection:
            episode = _open_episode(connection)
            if episode is None:
                return None
            last = select(events_table).where(events_table.c.episode == episode.id).order_by(events_table.c.seq.desc())
            at = rows.to_event(connection.execute(last.limit(1)).mappings().one()).at
            _write(connection, "episode_closed", at, {"outcome": "interrupted"}, episode)
            return _get(connection, episode.id)

    def rebuild(self) -> None:
        """Make the episodes anew from the log."""
        made: dict[int, Episode] = {}
        with plain_errors(self.name), writing(self._engine) as connection:
            for event in _events(connection, events_table.c.episode.is_not(None)):
                assert event.episode is not None
                earlier = made.get(event.episode)
                made[event.episode] = opened(event) if earlier is None else after(earlier, event)
            connection.execute(delete(episodes_table))
            if made:
                connection.execute(insert(episodes_table), [rows.episode_row(episode) for episode in made.values()])

    # Reading

    def events(self, after: int = 0) -> list[Event]:
        """The log beyond the sequence number ``after``, in order."""
        with plain_errors(self.name), self._engine.connect() as connection:
            return _events(connection, events_table.c.seq > after)

    def episodes(self, night: date | None = None, since: date | None = None) -> list[Episode]:
        """Episodes in order of onset: all, or those of one night, or of the nights from ``since`` on."""
        which = select(episodes_table).order_by(episodes_table.c.onset, episodes_table.c.id)
        if night is not None:
            which = which.where(episodes_table.c.night == night)
        if since is not None:
            which = which.where(episodes_table.c.night >= since)
        with plain_errors(self.name), self._engine.connect() as connection:
            return [rows.to_episode(row) for row in connection.execute(which).mappings()]

    def episode(self, id: int) -> Episode:
        """Raises NightvoiceError where there is none of that number."""
        with plain_errors(self.name), self._engine.connect() as connection:
            return _get(connection, id)

    def unfinished(self) -> Episode | None:
        """The episode that is open, if one is."""
        with plain_errors(self.name), self._engine.connect() as connection:
            return _open_episode(connection)

    def night(self, date: date) -> Night:
        """The night that began on the evening of ``date``."""
        return self.nights(date, date)[0]

    def nights(self, since: date, until: date) -> list[Night]:
        """Every night from ``since`` to ``until``, also those on which it did not listen."""
        spans: dict[date, list[Span]] = defaultdict(list)
        flags: dict[date, list[Flag]] = defaultdict(list)
        episodes: dict[date, list[Episode]] = defaultdict(list)
        with plain_errors(self.name), self._engine.connect() as connection:
            which = select(listening_table).where(listening_table.c.night.between(since, until))
            for row in connection.execute(which).mappings():
                spans[row["night"]].append(rows.to_span(row))
            flagged = (events_table.c.kind == "flag") & events_table.c.night.between(since, until)
            for event in _events(connection, flagged):
                flags[event.night].append(Flag(event.data["flag"], event.data["action"], event.at))
            of_nights = select(episodes_table).where(episodes_table.c.night.between(since, until))
            for row in connection.execute(of_nights.order_by(episodes_table.c.onset)).mappings():
                episodes[row["night"]].append(rows.to_episode(row))
        dates = [since + timedelta(days=day) for day in range((until - since).days + 1)]
        return [Night(day, merged(spans[day]), tuple(episodes[day]), tuple(flags[day])) for day in dates]

    # When it was listening

    def _note_listening(self, connection: Connection, kind: str, at: datetime, data: Mapping[str, Any]) -> None:
        match kind:
            case "listening_started":
                self._span = _new_span(connection, Span(at, at))
            case "gap":
                self._listen_until(connection, rows.fixed(datetime.fromisoformat(data["start"])))
                end = rows.fixed(datetime.fromisoformat(data["end"]))
                self._span = _new_span(connection, Span(end, end))
            case "heard":
                self._listen_until(connection, at)
            case "listening_stopped":
                self._listen_until(connection, at)
                self._span = None

    def _listen_until(self, connection: Connection, at: datetime) -> None:
        if self._span is None:
            self._span = _new_span(connection, Span(at, at))
            return
        table = listening_table
        span = rows.to_span(connection.execute(select(table).where(table.c.id == self._span)).mappings().one())
        if at <= span.end:
            return
        this_night, *later = by_night(Span(span.start, at))
        connection.execute(update(table).where(table.c.id == self._span).values(**rows.moment("end", this_night.end)))
        for part in later:
            self._span = _new_span(connection, part)


def _new_span(connection: Connection, span: Span) -> int:
    """Write it, cut at noon where it must be; return the number of the last part."""
    for part in by_night(span):
        row = {"night": night_of(part.start), **rows.moment("start", part.start), **rows.moment("end", part.end)}
        number = _insert(connection, listening_table, row)
    return number


def _insert(connection: Connection, table: Table, row: Mapping[str, Any]) -> int:
    """Write a row and return the number that the database gave it."""
    key = connection.execute(insert(table).values(row)).inserted_primary_key
    assert key is not None
    return int(key[0])


def _open(connection: Connection, at: datetime, data: Mapping[str, Any]) -> int:
    event = Event(0, at, night_of(at), None, "episode_opened", data)
    seq = _insert(connection, events_table, rows.event_row(event))
    connection.execute(update(events_table).where(events_table.c.seq == seq).values(episode=seq))
    episode = opened(Event(seq, at, event.night, seq, event.kind, data))
    connection.execute(insert(episodes_table).values(rows.episode_row(episode)))
    return seq


def _write(connection: Connection, kind: str, at: datetime, data: Mapping[str, Any], episode: Episode | None) -> int:
    """One event into the log, and what it changes into its episode."""
    night, of = (night_of(at), None) if episode is None else (episode.night, episode.id)
    event = Event(0, at, night, of, kind, data)
    seq = _insert(connection, events_table, rows.event_row(event))
    if episode:
        changed = after(episode, event)
        if changed is not episode:
            row = rows.episode_row(changed)
            connection.execute(update(episodes_table).where(episodes_table.c.id == episode.id).values(row))
    return seq


def _events(connection: Connection, which: ColumnElement[bool]) -> list[Event]:
    found = connection.execute(select(events_table).where(which).order_by(events_table.c.seq))
    return [rows.to_event(row) for row in found.mappings()]


def _open_episode(connection: Connection) -> Episode | None:
    which = select(episodes_table).where(episodes_table.c.ended.is_(None)).order_by(episodes_table.c.id.desc())
    row = connection.execute(which.limit(1)).mappings().one_or_none()
    return rows.to_episode(row) if row else None


def _get(connection: Connection, id: int) -> Episode:
    row = connection.execute(select(episodes_table).where(episodes_table.c.id == id)).mappings().one_or_none()
    if row is None:
        raise NightvoiceError(f"episode {id}: there is none; nightvoice episodes list shows them")
    return rows.to_episode(row)
