"""Builds the bridge from the configuration and runs it until it is stopped."""

import asyncio
from collections.abc import Callable
from contextlib import closing, nullcontext
from functools import partial
from typing import Final

from aiomqtt import MqttError

from nightvoice.bridge import settings
from nightvoice.bridge.address import Address
from nightvoice.bridge.batching import Batching
from nightvoice.bridge.bookmark import Bookmark
from nightvoice.bridge.calls import Send
from nightvoice.bridge.connection import first_error
from nightvoice.bridge.discovery import discovery
from nightvoice.bridge.messages import Topics
from nightvoice.bridge.mqtt import Publisher
from nightvoice.bridge.notify import Notifier
from nightvoice.bridge.ownership import Ownership
from nightvoice.config.schema import Config
from nightvoice.content.home import load_home
from nightvoice.diary.store import Diary
from nightvoice.errors import NightvoiceError
from nightvoice.system import paths
from nightvoice.system.control_socket import send_order
from nightvoice.system.instance_lock import InstanceLock
from nightvoice.system.shutdown import run_until_stopped

Reporter = Callable[[str], None]
"""Shows a line to the operator."""
_UNCONFIGURED: Final = (
    "nothing to do yet: set bridge.host (an MQTT broker), or notify.url (a contact); see: config show"
)


def serve(config: Config, diary: Diary, report: Reporter) -> None:
    """Forward the events of ``diary`` until Ctrl-C or SIGTERM.

    Raises NightvoiceError if nothing is configured or the configuration is unusable.
    """
    lock = InstanceLock.acquire(
        paths.bridge_lock_file(),
        "nightvoice bridge",
        "already sends this diary; stop it first (as a service: systemctl --user stop nightvoice-bridge)",
    )
    with closing(lock) if lock is not None else nullcontext():
        publisher, notifier = _publisher(config, diary, report), _notifier(config, diary, report)
        asyncio.run(run_until_stopped(*(part.run() for part in (publisher, notifier) if part is not None)))


def check(config: Config, diary: Diary, report: Reporter) -> bool:
    """Log in to the broker and send the contact a test message; return whether everything configured works."""
    publisher = _publisher(config, diary, report)
    good = True
    if publisher is not None:
        try:
            wrong = asyncio.run(publisher.check())
            report(f"MQTT: logged in{f'; {wrong}' if wrong else ''}")
            good = wrong is None
        except* MqttError as group:
            report(f"MQTT: {first_error(group)}")
            good = False
    if config.notify.wanted:
        words, senders = load_home(config.language), _senders(config)
        for number, send in enumerate(senders, 1):
            sent = send(words.title.format(bed=config.bridge.bed), words.notices["test"])
            which = f" (address {number})" if len(senders) > 1 else ""
            report(f"contact{which}: the test message {'was sent' if sent else 'could not be sent'}")
            good = good and sent
    return good


def _senders(config: Config) -> list[Send]:
    from nightvoice.bridge.apprise_sender import apprise_senders  # noqa: PLC0415 - takes a second, and is rarely needed

    return apprise_senders(settings.addresses(config.notify))


def _publisher(config: Config, diary: Diary, report: Reporter) -> Publisher | None:
    broker, bed = settings.broker(config.bridge), config.bridge.bed
    if broker is None:
        if not config.notify.wanted:
            raise NightvoiceError(_UNCONFIGURED)
        return None
    bookmark = Bookmark(paths.data_dir() / "bridge_mqtt.json", diary)
    topics = Topics(f"{config.bridge.prefix}/{bed}")
    device = discovery(bed, topics, load_home(config.language), config.bridge.discovery)
    press = partial(send_order, file=paths.control_socket_file())
    address = Address(paths.data_dir() / "bridge_address.json")
    batching = Batching() if config.bridge.batches else None
    return Publisher(diary, bookmark, broker, topics, Ownership(bed, topics), device, press, report, address, batching)


def _notifier(config: Config, diary: Diary, report: Reporter) -> Notifier | None:
    if not config.notify.wanted:
        return None
    bookmark = Bookmark(paths.data_dir() / "bridge_notify.json", diary, from_now=True)
    sends, words = _senders(config), load_home(config.language)
    wanted = {"help": config.notify.help, "danger": config.notify.danger}
    causes = frozenset(cause for cause, on in wanted.items() if on)
    order = partial(send_order, file=paths.control_socket_file())
    return Notifier(diary, bookmark, sends, words, config.bridge.bed, causes, order, report)
