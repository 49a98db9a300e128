"""Alembic's entry: runs the migrations on the connection that ``migrating.py`` hands over."""

from alembic import context

# One transaction for all: a power cut during a migration leaves the diary as it was.
context.configure(
    connection=context.config.attributes["connection"],
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
