"""Puts the ward's page together, and serves it until it is told to stop."""

from collections.abc import Callable, Iterable
from contextlib import closing

from nightvoice.bridge.settings import Broker
from nightvoice.config.schema import Config
from nightvoice.errors import NightvoiceError
from nightvoice.hub.accounts import Accounts
from nightvoice.hub.live_state import LiveState
from nightvoice.hub.page import WardContext, make_app
from nightvoice.hub.store import Store
from nightvoice.hub.subscriber import Subscriber
from nightvoice.system import paths
from nightvoice.web.kit.host_check import AllowedHosts
from nightvoice.web.serve import serve_app


def serve_ward(
    config: Config,
    broker: Broker,
    open_store: Callable[[], Store],
    people: Accounts,
    host: str,
    port: int,
    names: Iterable[str],
    tell: Callable[[str], None],
) -> None:
    """``names``: by which the page may be asked for, beside those of this machine. Raises NightvoiceError."""
    if not people.all():
        raise NightvoiceError("nobody may see the page yet; nightvoice hub people add NAME --role admin")
    ward = LiveState()
    with closing(open_store()) as store:
        ward.know(store.beds())
    watch = Subscriber(broker, config.bridge.prefix, ward, tell)
    desk = WardContext(people, ward, lambda: watch.connected, open_store, paths.study_key_file())
    watch.start()
    try:
        serve_app(lambda inside: make_app(desk, AllowedHosts(inside, names)), host, port, tell)
    finally:
        watch.stop()
