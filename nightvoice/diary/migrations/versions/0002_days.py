"""What was filled in for a night, and a quick way to the danger signs of many nights."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "days",
        sa.Column("night", sa.Date, primary_key=True),
        sa.Column("tags", sa.JSON, nullable=False),
        sa.Column("note", sa.Text),
    )
    flags = sa.text("kind = 'flag'")
    op.create_index("ix_events_flags", "events", ["night"], sqlite_where=flags, postgresql_where=flags)
