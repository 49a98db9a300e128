"""Looks in the background for hubs that are gone. The page itself needs no database."""

from collections.abc import Callable
from contextlib import closing
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
        self._stopping = Event()

    def start(self) -> None:
        Thread(target=self._run, name="hub watch", daemon=True).start()

    def stop(self) -> None:
        self._stopping.set()

    def look(self) -> None:
        """Look once."""
        try:
            with closing(self._open_store()) as store:
                self._live_state.set_gone_hubs(store.hubs.gone())
        except NightvoiceError:
            return

    def _run(self) -> None:
        while True:
            self.look()
            if self._stopping.wait(_INTERVAL_S):
                return
