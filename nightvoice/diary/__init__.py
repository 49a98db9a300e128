"""The event log, and what is read from it.

One ``Diary`` (``store.py``) over SQLite or PostgreSQL, by path or URL; several processes may have it open. Everything
that happens or is filled in is an event with a rising ``seq``; episodes and what was filled in for a night are derived
from the log (``rebuild`` makes them anew). What it listened to is kept beside the log: a heartbeat a minute moves the
end of a span in place.

Reading::

    diary.night(date) -> Night                       # one night, by the date on whose evening it began
    diary.nights(since, until) -> list[Night]        # every night of the period, also those not listened to
    diary.episodes(night=None, since=None) -> list[Episode]
    diary.episode(id) -> Episode
    diary.unfinished() -> Episode | None             # the one that runs now
    diary.period() -> tuple[date, date] | None       # first and last night that anything is known of
    diary.events(after=0, limit=None) -> list[Event] # follow the log: live pages, bridges
    diary.last_seq() -> int                          # cheap to poll; rises with every event

Filling in, in the morning or on the page::

    diary.edit_episode(id, severity=6, soreness=2, sleep_lost_minutes=30, notes="…")  # None clears a field
    diary.tag(night, {"walk": True, "alcohol": False})   # of the day before; what is left out stays; None: not known
    diary.note(night, "…")                               # about the whole night; None deletes it for good
    diary.delete_episode(id)                             # final: reaches the log and the file

A tag that nobody answered is not in ``Night.tags``: unknown is not no. Each of these is an event (``episode_edited``,
``night_tagged``, ``night_noted``, ``episode_deleted``).
"""
