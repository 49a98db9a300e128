"""Serves the page of one bed."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import Thread

from nightvoice.errors import NightvoiceError
from nightvoice.web.app import make_app
from nightvoice.web.context import Context
from nightvoice.web.kit.host_check import AllowedHosts
from nightvoice.web.kit.server import is_loopback, serve_app, valid_proxies


def serve(
    context: Context,
    host: str,
    port: int,
    names: Iterable[str],
    proxies: Iterable[str],
    on_ready: Callable[[str], None],
) -> None:
    """Serve on ``host`` and ``port`` (0: any free port) until stopped; call ``on_ready`` with the address to open.

    Without a password, the address carries a secret, so that other accounts of this machine cannot open the page.
    Browsers may also open the page under the host ``names``; the reverse proxies at ``proxies`` are believed about the
    client. Raises NightvoiceError, also if other machines can reach the page and it has no password.
    """
    if not is_loopback(host, port) and not context.access.has_password:
        raise NightvoiceError(f"--host {host}: others could read the diary; nightvoice web --set-password first")
    trusted = valid_proxies(proxies)
    secret = context.access.local_secret()

    def announce(address: str) -> None:
        on_ready(f"{address}login?secret={secret}" if secret else address)

    Thread(target=_warm_up, args=[context], daemon=True).start()
    serve_app(lambda loopback: make_app(context, AllowedHosts(loopback, names), trusted), host, port, announce)


def _warm_up(context: Context) -> None:
    """Fill the night cache ahead of the first page that needs it."""
    with suppress(NightvoiceError):
        period = context.diary.period()
        if period:
            context.night_cache.nights(*period)
