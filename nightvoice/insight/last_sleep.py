"""The sleep that just ended, also for people who sleep by day and have not set when a night ends.

The diary then files their afternoon under the next night.
"""

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Final

from nightvoice.diary.night import NOON, Night, Span, night_of
from nightvoice.diary.store import Diary
from nightvoice.insight.night import last_night

DUSK: Final = time(20)
"""Local time until which a cramp after noon belongs to the sleep of that day rather than to the coming night."""


def last_sleep(diary: Diary, now: datetime) -> Night:
    """Return the night that people call "last night" at ``now``.

    If nights end at noon, a cramp or danger sign of this afternoon belongs to it. May raise StorageUnavailable.
    """
    ends = diary.night_end()
    date = last_night(now, ends)
    if ends != NOON:
        return diary.night(date)
    before, today = diary.nights(date, date + timedelta(days=1))
    return before if night_of(now) == date else joined(before, today)


def joined(before: Night, today: Night) -> Night:
    """Return ``before`` with the afternoon of ``today`` if something happened in it.

    The afternoon before then belongs to an earlier sleep. Without an event, ``before`` is returned unchanged.
    """
    episodes = tuple(episode for episode in today.episodes if _before_dusk(episode.onset, today))
    flags = tuple(flag for flag in today.flags if _before_dusk(flag.at, today))
    if not episodes and not flags:
        return before
    spans = [span for span in before.spans if not _before_dusk(span.end, before)]
    if spans and _before_dusk(spans[0].start, before):
        spans[0] = Span(_dusk(spans[0].start, before), spans[0].end)
    for span in today.spans:
        if _before_dusk(span.start, today):
            end = span.end if _before_dusk(span.end, today) else _dusk(span.end, today)
            joins = bool(spans) and spans[-1].end == span.start  # noon divides what was one span
            spans = [*spans[:-1], Span(spans[-1].start, end)] if joins else [*spans, Span(span.start, end)]
    return replace(
        before,
        spans=tuple(spans),
        episodes=(*(episode for episode in before.episodes if not _before_dusk(episode.onset, before)), *episodes),
        flags=(*(flag for flag in before.flags if not _before_dusk(flag.at, before)), *flags),
    )


def _before_dusk(at: datetime, night: Night) -> bool:
    return at.replace(tzinfo=None) < datetime.combine(night.date, DUSK)


def _dusk(at: datetime, night: Night) -> datetime:
    return datetime.combine(night.date, DUSK, at.tzinfo)
