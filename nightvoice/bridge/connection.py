"""Connects to the MQTT broker, and publishes messages there."""

import asyncio
import logging
from typing import Final

from aiomqtt import Client, Will

from nightvoice.bridge.messages import Message
from nightvoice.bridge.settings import Broker

PENDING_CALLS: Final = 1000
"""Unacknowledged messages above which the library warns."""
_SILENT: Final = logging.Logger("mqtt", logging.CRITICAL)
"""Discards the library's log, because the library also raises those errors and they are reported here."""


def make_client(broker: Broker, name: str, will: Will | None = None) -> Client:
    """Return an unconnected client. The broker disconnects the older of two clients with one ``name``."""
    client = Client(
        broker.host,
        broker.port,
        username=broker.username,
        password=broker.password,
        tls_context=broker.tls,
        identifier=name,
        will=will,
        keepalive=20,
        logger=_SILENT,
    )
    client.pending_calls_threshold = PENDING_CALLS
    return client


async def publish(client: Client, *messages: Message) -> None:
    """Publish ``messages`` in order and wait until all are acknowledged. Raises MqttError."""
    # The tasks start in list order, so the messages are sent in that order; only the acknowledgements overlap.
    async with asyncio.TaskGroup() as tasks:
        for message in messages:
            tasks.create_task(client.publish(message.topic, message.payload, qos=1, retain=message.retain))


def first_error(group: BaseExceptionGroup[Exception]) -> str:
    """Return the message of the first error."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error)
