"""Sends messages through Apprise, which reaches many services by URL."""

import logging
from collections.abc import Iterable

from apprise import Apprise, NotifyBase

from nightvoice.bridge.calls import Send
from nightvoice.errors import NightvoiceError


def apprise_senders(urls: Iterable[str]) -> list[Send]:
    """Return one sender per address, so that one dead address does not spoil the others.

    Raises NightvoiceError for an address Apprise does not support.
    """
    # Apprise logs parts of the address, which may contain secrets.
    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    senders: list[Send] = []
    for number, url in enumerate(urls, 1):
        found = Apprise()
        if not found.add(url):
            raise NightvoiceError(
                f"notify.url: Apprise cannot use address {number}; how they are written: https://appriseit.com/services/"
            )
        senders += [_sender(server) for server in found]  # a line may hold several URLs
    if not senders:
        raise NightvoiceError("notify.url_file: holds no address; write one Apprise URL a line")
    return senders


def _sender(server: NotifyBase) -> Send:
    one = Apprise()
    one.add(server)
    return lambda title, text: bool(one.notify(body=text, title=title))
