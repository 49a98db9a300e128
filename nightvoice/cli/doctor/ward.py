"""Checks the hubs of a ward."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from nightvoice.cli.doctor.check import CheckFailedError

if TYPE_CHECKING:
    from nightvoice.config.schema import Config


def hubs(config: Config) -> str:
    """Fail if a hub is gone, for which the broker keeps a share of the events."""
    from nightvoice.hub.store import Store

    assert config.hub.database is not None
    with closing(Store.open(config.hub.database.get_secret_value())) as store:
        if gone := store.hubs.gone():
            raise CheckFailedError("; ".join(map(str, gone)), vital=False)
        return ", ".join(store.hubs.running()) or "none has run in the last minutes"
