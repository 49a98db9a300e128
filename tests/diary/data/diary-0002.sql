BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0002');
CREATE TABLE days (
	night DATE NOT NULL, 
	tags JSON NOT NULL, 
	note TEXT, 
	PRIMARY KEY (night)
);
INSERT INTO "days" VALUES('2026-03-01','{"walk":true,"alcohol":false}','warm room');
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
INSERT INTO "episodes" VALUES(5,'2026-03-01','2026-03-02 01:30:00.000000',60,'2026-03-02 01:36:00.000000',60,'calf','left','gone',6,2,30,'„Wade“ 🦵
after the hike','[{"protocol":"calf","step":"towel-stretch","at":"2026-03-02T02:30:00+01:00","effect":"eased"}]','[{"flag":"worse","action":"doctor","at":"2026-03-02T02:30:00+01:00"}]');
CREATE TABLE events (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	at DATETIME NOT NULL, 
	at_offset INTEGER NOT NULL, 
	night DATE NOT NULL, 
	episode INTEGER, 
	kind VARCHAR(32) NOT NULL, 
	data JSON NOT NULL
);
INSERT INTO "events" VALUES(1,'2026-03-01 21:30:00.000000',60,'2026-03-01',NULL,'listening_started','{"engine":"vosk","voice":"none","version":"0.1.0"}');
INSERT INTO "events" VALUES(2,'2026-03-02 08:00:02.000000',0,'2026-03-01',NULL,'night_tagged','{"walk":true,"alcohol":false}');
INSERT INTO "events" VALUES(5,'2026-03-02 01:30:00.000000',60,'2026-03-01',5,'episode_opened','{"site":"calf","side":"left"}');
INSERT INTO "events" VALUES(6,'2026-03-02 01:30:00.000000',60,'2026-03-01',5,'heard','{"intent":"yes","slots":{},"score":0.91,"engine":"vosk"}');
INSERT INTO "events" VALUES(7,'2026-03-02 01:30:00.000000',60,'2026-03-01',5,'step','{"protocol":"calf","step":"towel-stretch"}');
INSERT INTO "events" VALUES(8,'2026-03-02 01:30:00.000000',60,'2026-03-01',5,'effect','{"protocol":"calf","step":"towel-stretch","effect":"eased"}');
INSERT INTO "events" VALUES(9,'2026-03-02 01:30:00.000000',60,'2026-03-01',5,'flag','{"flag":"worse","action":"doctor"}');
INSERT INTO "events" VALUES(10,'2026-03-02 01:36:00.000000',60,'2026-03-01',5,'episode_closed','{"outcome":"gone"}');
INSERT INTO "events" VALUES(11,'2026-03-02 08:00:02.000000',0,'2026-03-01',5,'episode_edited','{"severity":6,"soreness":2,"sleep_lost_minutes":30,"notes":"„Wade“ 🦵\nafter the hike"}');
INSERT INTO "events" VALUES(12,'2026-03-02 08:00:02.000000',0,'2026-03-01',NULL,'night_noted','{"text":"warm room"}');
INSERT INTO "events" VALUES(13,'2026-03-02 08:00:02.000000',0,'2026-03-01',NULL,'episode_deleted','{"episode":3}');
INSERT INTO "events" VALUES(14,'2026-03-02 11:30:00.000000',60,'2026-03-02',NULL,'listening_stopped','{"reason":"ended"}');
CREATE TABLE listening (
	id INTEGER NOT NULL, 
	night DATE NOT NULL, 
	start DATETIME NOT NULL, 
	start_offset INTEGER NOT NULL, 
	"end" DATETIME NOT NULL, 
	end_offset INTEGER NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "listening" VALUES(1,'2026-03-01','2026-03-01 21:30:00.000000',60,'2026-03-02 11:00:00.000000',60);
INSERT INTO "listening" VALUES(2,'2026-03-02','2026-03-02 11:00:00.000000',60,'2026-03-02 11:30:00.000000',60);
CREATE INDEX ix_events_night ON events (night);
CREATE INDEX ix_events_episode ON events (episode);
CREATE INDEX ix_episodes_ended ON episodes (ended);
CREATE INDEX ix_episodes_night ON episodes (night);
CREATE INDEX ix_listening_night ON listening (night);
CREATE INDEX ix_events_flags ON events (night) WHERE kind = 'flag';
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('events',14);
COMMIT;
