"""Puts the ward's page together, and serves it until it is told to stop."""

from collections.abc import Callable, Iterable
from contextlib import closing

from nightvoice import paths
from nightvoice.bridge.settings import Broker
from nightvoice.config import Config
from nightvoice.errors import NightvoiceError
from nightvoice.hub.page import Desk, make_app
from nightvoice.hub.people import People
from nightvoice.hub.store import Store
from nightvoice.hub.ward import Ward
from nightvoice.hub.watch import Watch
from nightvoice.web.guard import Names
from nightvoice.web.serve import serve_app


def serve_ward(
    config: Config,
    broker: Broker,
    open_store: Callable[[], Store],
    people: People,
    host: str,
    port: int,
    names: Iterable[str],
    tell: Callable[[str], None],
) -> None:
    """``names``: by which the page may be asked for, beside those of this machine. Raises NightvoiceError."""
    if not people.all():
        raise NightvoiceError("nobody may see the page yet; nightvoice hub people add NAME --role admin")
    ward = Ward()
    with closing(open_store()) as store:
        ward.know(store.beds())
    watch = Watch(broker, config.bridge.prefix, ward, tell)
    desk = Desk(people, ward, lambda: watch.connected, open_store, paths.study_key_file())
    watch.start()
    try:
        serve_app(lambda inside: make_app(desk, Names(inside, names)), host, port, tell)
    finally:
        watch.stop()
