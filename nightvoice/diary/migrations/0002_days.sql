-- What was entered for a day, and an index for the red flags of many nights.
CREATE TABLE days (
    night DATE NOT NULL,
    tags JSON NOT NULL,
    note TEXT,
    PRIMARY KEY (night)
);
CREATE INDEX ix_events_flags ON events (night) WHERE kind = 'flag';
