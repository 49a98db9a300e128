-- Whether the person entered the cramp afterwards.
ALTER TABLE episodes ADD COLUMN told_later INTEGER NOT NULL DEFAULT 0;
