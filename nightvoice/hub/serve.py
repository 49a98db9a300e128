"""Serves the ward page."""

from collections.abc import Callable, Iterable
from contextlib import closing

from nightvoice.bridge.settings import Broker
from nightvoice.config.schema import Config
from nightvoice.errors import NightvoiceError
from nightvoice.hub.accounts import Accounts
from nightvoice.hub.app import make_app
from nightvoice.hub.context import WardContext
from nightvoice.hub.hub_watch import HubWatch
from nightvoice.hub.live_state import LiveState
from nightvoice.hub.store import Store
from nightvoice.hub.subscriber import Subscriber
from nightvoice.system import paths
from nightvoice.web.kit.host_check import AllowedHosts
from nightvoice.web.kit.server import serve_app, valid_proxies


def serve_ward(
    config: Config,
    broker: Broker,
    open_store: Callable[[], Store],
    accounts: Accounts,
    host: str,
    port: int,
    names: Iterable[str],
    proxies: Iterable[str],
    log: Callable[[str], None],
) -> None:
    """Serve on ``host`` and ``port`` until stopped; ``log`` the page's address and the state of the connection.

    Browsers may also open the page under the host ``names``; the reverse proxies at ``proxies`` are believed about the
    client. Raises NightvoiceError.
    """
    if not accounts.all():
        raise NightvoiceError("nobody may see the page yet; nightvoice hub people add NAME --role admin")
    trusted = valid_proxies(proxies)
    live_state = LiveState()
    with closing(open_store()) as store:
        live_state.add_beds(store.beds())
    subscriber = Subscriber(broker, config.bridge.prefix, live_state, log)
    context = WardContext(accounts, live_state, lambda: subscriber.connected, open_store, paths.study_key_file())
    watch = HubWatch(open_store, live_state)
    subscriber.start()
    watch.start()
    try:
        serve_app(lambda loopback: make_app(context, AllowedHosts(loopback, names), trusted), host, port, log)
    finally:
        watch.stop()
        subscriber.stop()
