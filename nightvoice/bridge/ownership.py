"""Decides which of several bridges with one bed name publishes as the bed: the one that is there already.

``Topics.owner`` keeps the id of the process that publishes as the bed, and ``Topics.bridge`` whether it is online. A
process that connects asks on ``Topics.owner`` whether the owner is still there; a living one answers with its id.
"""

import asyncio
from contextlib import suppress
from secrets import token_hex
from typing import Final

from aiomqtt import Client, MqttError

from nightvoice.bridge.connection import first_error, publish
from nightvoice.bridge.messages import Message, Topics

PATIENCE_S: Final = 5.0
"""How long to wait for the owner's answer, which takes a round trip."""
RETRY_S: Final = 120.0
"""Time between two attempts to get a bed that another bridge owns."""
_QUESTION: Final = "? "
"""Start of a question for the owner, followed by the id of the process that asks."""


class BedTakenError(Exception):
    """Another bridge publishes as this bed."""


class Look:
    """What is to be seen of the owner of a bed. Feed it with messages until ``done``."""

    def __init__(self, topics: Topics, process: str) -> None:
        """``process``: id of the process that asks."""
        self._topics, self._process = topics, process
        self.owner = ""
        """Id of the process that published last as the bed, other than the one that asks."""
        self.alive = False
        """Whether it has answered."""
        self.asked = False
        """Whether the broker has passed the question on."""
        self._online = False

    def note(self, topic: str, payload: str, retained: bool) -> None:
        """Take a message into account."""
        if topic == self._topics.bridge:
            self._online = payload == "online"
        elif topic == self._topics.owner and payload.startswith(_QUESTION):
            self.asked = self.asked or payload == _QUESTION + self._process
        elif topic == self._topics.owner and payload != self._process:
            self.owner, self.alive = payload, bool(payload) and not retained

    @property
    def done(self) -> bool:
        """Whether no answer is awaited any more: the broker sends what it keeps before it passes the question on."""
        return self.alive or (self.asked and not (self.owner and self._online))


async def look(client: Client, topics: Topics, process: str, patience_s: float) -> Look:
    """Subscribe to the topics of the owner of a bed, and look for it. Raises MqttError."""
    found = Look(topics, process)
    await client.subscribe([(topics.owner, 1), (topics.bridge, 1)])
    await publish(client, Message(topics.owner, _QUESTION + process))
    with suppress(TimeoutError):
        async with asyncio.timeout(patience_s):
            async for message in client.messages:
                found.note(message.topic.value, text(message.payload), message.retain)
                if found.done:
                    break
    return found


class Ownership:
    """The claim of this process to the bed name ``bed``."""

    def __init__(self, bed: str, topics: Topics, patience_s: float = PATIENCE_S, retry_s: float = RETRY_S) -> None:
        self.process = token_hex(4)
        """Random id of this process."""
        self.client_name = f"nightvoice-{bed}-{self.process}"
        """Name of its connection, so that no two disconnect each other."""
        self.claim = Message(topics.owner, self.process, retain=True)
        """Claims the bed, and answers those who ask."""
        self.patience_s, self.retry_s = patience_s, retry_s
        self._bed, self._topics = bed, topics
        self._has_given_way = False

    async def await_turn(self, client: Client) -> Look:
        """Return if nobody owns the bed. Raises BedTakenError, MqttError."""
        found = await self._look(client)
        # An owner that only starts again, or connects again, has the time to do so.
        taken, self._has_given_way = found.alive or self._has_given_way, found.alive
        if taken:
            raise self._given_way()
        return found

    async def check(self, client: Client, own: str) -> str | None:
        """Return what is wrong with the name. ``own``: id of this computer's own bridge. Raises MqttError."""
        found = await self._look(client)
        if found.alive:
            return None if found.owner == own else self._taken
        return None if found.asked else self.unprotected

    def is_asked(self, payload: str) -> bool:
        """Return whether a message on the owner's topic, once the bed is claimed, is another process's question."""
        return payload.startswith(_QUESTION) and payload != _QUESTION + self.process

    def is_contested(self, payload: str) -> bool:
        """Return whether a message on the owner's topic, once the bed is claimed, clears it or claims it for another.

        Raises BedTakenError if the other one is to keep it.
        """
        if payload.startswith(_QUESTION) or payload == self.process:
            return False
        # Two that claimed it at the same moment both see both claims, and the smaller id keeps it.
        if payload and payload < self.process:
            self._has_given_way = True
            raise self._given_way()
        return True

    @property
    def unprotected(self) -> str:
        """The line for a broker that doesn't pass questions on."""
        return (
            f"the broker does not let this bridge write and read {self._topics.owner}, so that a second bed of this "
            "name would not be noticed: allow it in the broker's access list"
        )

    async def _look(self, client: Client) -> Look:
        try:
            return await look(client, self._topics, self.process, self.patience_s)
        except* MqttError as group:
            # Mosquitto 2.0.11 ends the connection of a client that publishes where it must not.
            raise MqttError(f"{first_error(group)}; if that goes on, {self.unprotected}") from None

    @property
    def _taken(self) -> str:
        return f"another bridge publishes as the bed {self._bed}: give one of them a name of its own (bridge.bed)"

    def _given_way(self) -> BedTakenError:
        minutes = round(self.retry_s / 60)
        return BedTakenError(f"{self._taken}. This one publishes nothing, and looks again every {minutes} minutes")


def text(payload: object) -> str:
    """Return the text of an MQTT payload."""
    return payload.decode(errors="replace") if isinstance(payload, bytes) else ""
