"""Event log, episodes, listening spans."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("seq", _ID, primary_key=True, autoincrement=True),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("at_offset", sa.Integer, nullable=False),
        sa.Column("night", sa.Date, nullable=False, index=True),
        sa.Column("episode", _ID, index=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "episodes",
        sa.Column("id", _ID, primary_key=True, autoincrement=False),
        sa.Column("night", sa.Date, nullable=False, index=True),
        sa.Column("onset", sa.DateTime, nullable=False),
        sa.Column("onset_offset", sa.Integer, nullable=False),
        sa.Column("ended", sa.DateTime, index=True),
        sa.Column("ended_offset", sa.Integer),
        sa.Column("site", sa.String(32)),
        sa.Column("side", sa.String(8)),
        sa.Column("outcome", sa.String(16)),
        sa.Column("severity", sa.Integer),
        sa.Column("soreness", sa.Integer),
        sa.Column("sleep_lost_minutes", sa.Integer),
        sa.Column("notes", sa.Text),
        sa.Column("steps", sa.JSON, nullable=False),
        sa.Column("flags", sa.JSON, nullable=False),
    )
    op.create_table(
        "listening",
        sa.Column("id", _ID, primary_key=True, autoincrement=True),
        sa.Column("night", sa.Date, nullable=False, index=True),
        sa.Column("start", sa.DateTime, nullable=False),
        sa.Column("start_offset", sa.Integer, nullable=False),
        sa.Column("end", sa.DateTime, nullable=False),
        sa.Column("end_offset", sa.Integer, nullable=False),
    )
