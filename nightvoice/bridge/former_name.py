"""Clears what a bed left at the broker under a former name."""

from aiomqtt import MqttError

from nightvoice.bridge.address import UsedTopics
from nightvoice.bridge.connection import make_client, publish
from nightvoice.bridge.messages import Message, Topics
from nightvoice.bridge.ownership import Ownership, look
from nightvoice.bridge.settings import Broker


async def clear_former(broker: Broker, former: UsedTopics, used: UsedTopics, ownership: Ownership) -> bool:
    """Clear the topics ``former`` that are not ``used``, unless another bed has that name now.

    Return whether the broker allows it.
    """
    known = False
    try:
        # In a connection of its own: Mosquitto 2.0.11 ends one that publishes where it must not.
        async with make_client(broker, f"{ownership.client_name}-former") as client:
            found = await look(client, Topics(former.base), ownership.process, ownership.patience_s)
            known = found.asked
            if known and not found.alive and found.owner in ("", former.process):
                await publish(client, *clearing(former, used))
    except* MqttError:
        known = False
    return known


def clearing(former: UsedTopics, used: UsedTopics) -> list[Message]:
    """Return the messages that clear the topics ``former`` that are not ``used``: empty ones do."""
    return [Message(topic, "", retain=True) for topic in former.retained if topic not in used.retained]
