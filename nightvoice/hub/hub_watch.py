"""Looks in the background for hubs that are gone. The page itself needs no database."""

from collections.abc import Callable
from threading import Event, Thread
from typing import Final

from nightvoice.errors import NightvoiceError
from nightvoice.hub.live_state import LiveState
from nightvoice.hub.store import Store

_INTERVAL_S: Final = 60.0


class HubWatch:
    """Keeps ``live_state.gone_hubs`` up to date; without the database, it stays as it is."""

    def __init__(self, open_store: Callable[[], Store], live_state: LiveState) -> None:
        self._open_store, self._live_state = open_store, live_state
        self._store: Store | None = None
        """Kept open, since opening checks the tables; it connects again after an outage."""
        self._stopping = Event()

    def start(self) -> None:
        Thread(target=self._run, name="hub watch", daemon=True).start()

    def stop(self) -> None:
        self._stopping.set()

    def look(self) -> None:
        """Look once."""
        try:
            if self._store is None:
                self._store = self._open_store()
            self._live_state.set_gone_hubs(self._store.hubs.gone())
        except NightvoiceError:
            return

    def close(self) -> None:
        """Close the database."""
        store, self._store = self._store, None
        if store is not None:
            store.close()

    def _run(self) -> None:
        while True:
            self.look()
            if self._stopping.wait(_INTERVAL_S):
                self.close()
                return
