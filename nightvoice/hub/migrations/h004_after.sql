-- The number of the event before each one in the bed's log: numbers in between are those of deleted events.
ALTER TABLE events ADD COLUMN after bigint;
