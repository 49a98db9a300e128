"""The event log, and the episodes, days and nights derived from it.

A ``Diary`` (``store.py``) lives in SQLite or PostgreSQL, by path or URL; several processes may have the same one open.
Everything that happens or is entered is an event with a rising ``seq``. Episodes and days are derived from the log;
``rebuild`` recomputes them. The spans of listening are stored beside the log: a heartbeat every minute extends the
last one in place.

Reading::

    diary.night(date) -> Night                       # by the date of the evening on which it began
    diary.nights(since, until) -> list[Night]        # every night of the period, including those without listening
    diary.episodes(night=None, since=None) -> list[Episode]
    diary.episode(id) -> Episode
    diary.unfinished() -> Episode | None             # the open episode
    diary.period() -> tuple[date, date] | None       # first and last night with data
    diary.events(after=0, limit=None) -> list[Event] # for live pages and bridges, which follow the log
    diary.last_seq() -> int                          # cheap to poll; rises with every event

Entries by the person, in the morning or on the page::

    diary.add_episode(onset, site="calf", minutes=5)     # a cramp that the person tells of later
    diary.edit_episode(id, severity=6, soreness=2, sleep_lost_minutes=30, notes="…")  # None clears a field
    diary.edit_episode(id, onset=…, minutes=5)           # of a cramp told later
    diary.tag(night, {"walk": True, "alcohol": False})   # the day before; tags left out stay, None removes one
    diary.note(night, "…")                               # about the whole night; None deletes it permanently
    diary.delete_episode(id)                             # permanently: from the log and from the file

An unanswered tag is absent from ``Night.tags``: unknown is not the same as no. Each entry is an event
(``episode_told``, ``episode_edited``, ``night_tagged``, ``night_noted``, ``episode_deleted``).
"""
