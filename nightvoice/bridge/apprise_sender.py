"""Sends messages through Apprise, which reaches many services by URL."""

import logging
from collections.abc import Callable, Iterable

from apprise import Apprise

from nightvoice.errors import NightvoiceError


def apprise_sender(urls: Iterable[str]) -> Callable[[str, str], bool]:
    """Return a function that sends a title and a text, and returns whether every address accepted them.

    Raises NightvoiceError for an address Apprise does not support.
    """
    # Apprise logs parts of the address, which may contain secrets.
    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    sender = Apprise()
    count = 0
    for number, url in enumerate(urls, 1):
        if not sender.add(url):
            raise NightvoiceError(
                f"notify.url: Apprise cannot use address {number}; how they are written: https://appriseit.com/services/"
            )
        count = number
    if not count:
        raise NightvoiceError("notify.url_file: holds no address; write one Apprise URL a line")
    return lambda title, text: bool(sender.notify(body=text, title=title))
