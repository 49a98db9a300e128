-- The event log, the episodes derived from it, and the spans of listening.
CREATE TABLE events (
    seq BIGSERIAL NOT NULL PRIMARY KEY,
    at TIMESTAMP NOT NULL,
    at_offset INTEGER NOT NULL,
    night DATE NOT NULL,
    episode BIGINT,
    kind VARCHAR(32) NOT NULL,
    data JSON NOT NULL
);
CREATE INDEX ix_events_episode ON events (episode);
CREATE INDEX ix_events_night ON events (night);
CREATE TABLE episodes (
    id BIGINT NOT NULL,
    night DATE NOT NULL,
    onset TIMESTAMP NOT NULL,
    onset_offset INTEGER NOT NULL,
    ended TIMESTAMP,
    ended_offset INTEGER,
    site VARCHAR(32),
    side VARCHAR(8),
    outcome VARCHAR(16),
    severity INTEGER,
    soreness INTEGER,
    sleep_lost_minutes INTEGER,
    notes TEXT,
    steps JSON NOT NULL,
    flags JSON NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX ix_episodes_ended ON episodes (ended);
CREATE INDEX ix_episodes_night ON episodes (night);
CREATE TABLE listening (
    id BIGSERIAL NOT NULL,
    night DATE NOT NULL,
    start TIMESTAMP NOT NULL,
    start_offset INTEGER NOT NULL,
    "end" TIMESTAMP NOT NULL,
    end_offset INTEGER NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX ix_listening_night ON listening (night);
