-- When each hub was last running: the broker keeps a share of the messages for one that is gone.
CREATE TABLE hubs (name text PRIMARY KEY, seen timestamptz NOT NULL);
