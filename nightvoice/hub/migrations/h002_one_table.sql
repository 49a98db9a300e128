-- One table of events, so that no date makes a table of its own, and an event with another time is the same event.
-- The tables of days are emptied one by one when the store is opened (see day_tables.py): together they need too many locks.
ALTER TABLE events RENAME TO events_by_day;
ALTER INDEX events_pkey RENAME TO events_by_day_pkey;
CREATE TABLE events (
    bed text NOT NULL,
    log text NOT NULL,
    seq bigint NOT NULL,
    at timestamptz NOT NULL,
    at_offset smallint NOT NULL,
    night date NOT NULL,
    episode bigint,
    kind text NOT NULL,
    data jsonb NOT NULL,
    PRIMARY KEY (bed, log, seq)
);
CREATE INDEX events_bed_at ON events (bed, at);
CREATE INDEX events_deletions ON events (bed) WHERE kind = 'episode_deleted';
