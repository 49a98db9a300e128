"""Alembic, run on the diary's own connection. Imported only where there is something to migrate: that takes a while."""

from pathlib import Path
from threading import Lock

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from nightvoice.storage.database import Database

_DRIVERS = {"sqlite": "sqlite://", "postgresql": "postgresql+psycopg://"}
_alone = Lock()
"""Alembic keeps what it works on in module globals: one thread at a time."""


def revisions(migrations: Path) -> list[str]:
    """Every schema this version knows, the newest first."""
    return [script.revision for script in ScriptDirectory.from_config(_config(migrations)).walk_revisions()]


def migrate(database: Database, migrations: Path) -> None:
    """Bring the tables to the newest schema, in one transaction that no other writer is beside."""
    config = _config(migrations)
    engine = create_engine(_DRIVERS[database.dialect], creator=lambda: database.connection, poolclass=StaticPool)
    # Connected first: SQLAlchemy gets to know a new connection in a transaction of its own.
    with _alone, engine.connect() as connection, database.writing():
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except DBAPIError as error:
            raise error.orig or error from error  # the driver's own, which the database tells in a line


def _config(migrations: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("version_locations", str(migrations).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    return config
