BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE episodes (
	id INTEGER NOT NULL, 
	night DATE NOT NULL, 
	onset DATETIME NOT NULL, 
	onset_offset INTEGER NOT NULL, 
	ended DATETIME, 
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
INSERT INTO "episodes" VALUES(2,'2026-03-01','2026-03-02 01:13:00.000000',60,'2026-03-02 01:17:00.000000',60,'calf','left','gone',6,NULL,NULL,NULL,'[]','[{"flag":"worse","action":"doctor","at":"2026-03-02T02:14:00+01:00"}]');
CREATE TABLE events (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	at DATETIME NOT NULL, 
	at_offset INTEGER NOT NULL, 
	night DATE NOT NULL, 
	episode INTEGER, 
	kind VARCHAR(32) NOT NULL, 
	data JSON NOT NULL
);
INSERT INTO "events" VALUES(1,'2026-03-02 00:13:00.000000',60,'2026-03-01',NULL,'listening_started','{"engine":"vosk","voice":"none","version":"0.1.0"}');
INSERT INTO "events" VALUES(2,'2026-03-02 01:13:00.000000',60,'2026-03-01',2,'episode_opened','{"site":"calf","side":"left"}');
INSERT INTO "events" VALUES(3,'2026-03-02 01:14:00.000000',60,'2026-03-01',2,'flag','{"flag":"worse","action":"doctor"}');
INSERT INTO "events" VALUES(4,'2026-03-02 01:17:00.000000',60,'2026-03-01',2,'episode_closed','{"outcome":"gone"}');
INSERT INTO "events" VALUES(5,'2026-03-02 08:00:02.000000',0,'2026-03-01',2,'episode_edited','{"severity":6}');
CREATE TABLE listening (
	id INTEGER NOT NULL, 
	night DATE NOT NULL, 
	start DATETIME NOT NULL, 
	start_offset INTEGER NOT NULL, 
	"end" DATETIME NOT NULL, 
	end_offset INTEGER NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "listening" VALUES(1,'2026-03-01','2026-03-02 00:13:00.000000',60,'2026-03-02 00:13:00.000000',60);
CREATE INDEX ix_events_episode ON events (episode);
CREATE INDEX ix_events_night ON events (night);
CREATE INDEX ix_episodes_night ON episodes (night);
CREATE INDEX ix_episodes_ended ON episodes (ended);
CREATE INDEX ix_listening_night ON listening (night);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('events',5);
COMMIT;
