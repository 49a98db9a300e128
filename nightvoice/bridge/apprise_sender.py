"""Sends a message by Apprise, to whatever service its address names."""

import logging
from collections.abc import Callable, Iterable

from apprise import Apprise

from nightvoice.errors import NightvoiceError


def apprise_sender(urls: Iterable[str]) -> Callable[[str, str], bool]:
    """Takes title and text; True when every address took it. Raises NightvoiceError for one that is none."""
    # Its log lines can hold parts of an address, which is a secret.
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
