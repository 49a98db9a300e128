"""The diary's tables. Plain SQL types only, so that SQLite and PostgreSQL both take them."""

from sqlalchemy import JSON, BigInteger, Column, Date, DateTime, Integer, MetaData, String, Table, Text

metadata = MetaData()

_ID = BigInteger().with_variant(Integer, "sqlite")

# A moment is two columns: UTC without a zone, and the offset of the person's clock in minutes.

events = Table(
    "events",
    metadata,
    Column("seq", _ID, primary_key=True, autoincrement=True),
    Column("at", DateTime, nullable=False),
    Column("at_offset", Integer, nullable=False),
    Column("night", Date, nullable=False, index=True),
    Column("episode", _ID, index=True),
    Column("kind", String(32), nullable=False),
    Column("data", JSON, nullable=False),
    sqlite_autoincrement=True,
)

episodes = Table(
    "episodes",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=False),
    Column("night", Date, nullable=False, index=True),
    Column("onset", DateTime, nullable=False),
    Column("onset_offset", Integer, nullable=False),
    Column("ended", DateTime, index=True),
    Column("ended_offset", Integer),
    Column("site", String(32)),
    Column("side", String(8)),
    Column("outcome", String(16)),
    Column("severity", Integer),
    Column("soreness", Integer),
    Column("sleep_lost_minutes", Integer),
    Column("notes", Text),
    Column("steps", JSON, nullable=False),
    Column("flags", JSON, nullable=False),
)

listening = Table(
    "listening",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("night", Date, nullable=False, index=True),
    Column("start", DateTime, nullable=False),
    Column("start_offset", Integer, nullable=False),
    Column("end", DateTime, nullable=False),
    Column("end_offset", Integer, nullable=False),
)
