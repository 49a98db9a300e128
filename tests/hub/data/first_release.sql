-- The tables as the first releases made them.
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
    PRIMARY KEY (bed, log, seq, at)
) PARTITION BY RANGE (at);
CREATE TABLE nights (
    bed text NOT NULL,
    night date NOT NULL,
    seq bigint NOT NULL,
    listened_h double precision NOT NULL,
    coverage text NOT NULL,
    cramps integer NOT NULL,
    PRIMARY KEY (bed, night)
);
CREATE TABLE retention (one boolean PRIMARY KEY DEFAULT true CHECK (one), days integer NOT NULL);
CREATE TABLE alembic_version (version_num varchar(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
INSERT INTO alembic_version VALUES ('h001');
