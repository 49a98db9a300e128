"""Deletes from the ward what a bed has deleted from its diary. Repeating it changes nothing."""

from typing import Final

from nightvoice.diary.store import LEAD_IN
from nightvoice.storage.database import Sql

# A night's row that is newer than the deletion has left the cramp out already.
_ERASE: Final = f"""
    WITH deleted AS (
        SELECT bed, log, seq, CAST(data ->> 'episode' AS bigint) AS episode
        FROM events WHERE kind = 'episode_deleted' AND (CAST(:beds AS text[]) IS NULL OR bed = ANY(:beds))
    ), gone AS (
        DELETE FROM events USING deleted
        WHERE events.bed = deleted.bed AND events.log = deleted.log
            AND (events.episode = deleted.episode OR events.seq = deleted.episode)
        RETURNING events.bed, events.log, events.night, events.kind, events.at, deleted.seq AS by_seq
    ), lead_in AS (
        DELETE FROM events USING gone
        WHERE events.bed = gone.bed AND events.log = gone.log AND events.kind = 'heard' AND events.episode IS NULL
            AND gone.kind IN ('episode_opened', 'episode_edited')
            AND events.at BETWEEN gone.at - interval '{LEAD_IN.seconds} seconds' AND gone.at
    ), fewer AS (
        UPDATE nights SET cramps = greatest(nights.cramps - less.cramps, 0), seq = less.seq
        FROM (
            SELECT bed, night, count(*) AS cramps, max(by_seq) AS seq
            FROM gone WHERE kind IN ('episode_opened', 'episode_told') GROUP BY bed, night
        ) AS less
        WHERE nights.bed = less.bed AND nights.night = less.night AND nights.seq < less.seq
    )
    SELECT count(DISTINCT (bed, log, by_seq)) FROM gone
"""


def erase(sql: Sql, beds: list[str] | None = None) -> int:
    """Delete the events of every episode that one of ``beds`` (None: any bed) has deleted; return their number."""
    ((count,),) = sql(_ERASE, beds=beds)
    return int(count)
