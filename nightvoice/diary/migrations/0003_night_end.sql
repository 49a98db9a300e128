-- An index for the time of day at which a night ends, which is read with each write.
CREATE INDEX ix_events_night_end ON events (seq) WHERE kind = 'night_end_set';
