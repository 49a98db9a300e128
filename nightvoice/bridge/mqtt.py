"""The diary's event log to an MQTT broker: at least once, in order, whoever of the two was away meanwhile.

An event counts as delivered when the broker has acknowledged it (QoS 1); how far that came is on the disk. A consumer
that drops what it has already (``log`` and ``seq``) has every event once, in order.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from time import monotonic
from typing import Final

from aiomqtt import Client, MqttError, Will

from nightvoice.bridge.bookmark import Bookmark
from nightvoice.bridge.discovery import discovery
from nightvoice.bridge.home import Home
from nightvoice.bridge.messages import ALIVE, Message, Topics, moments, of_event
from nightvoice.bridge.settings import Broker
from nightvoice.content.home import HomeWords
from nightvoice.diary.errors import DiaryUnavailable
from nightvoice.diary.store import Diary
from nightvoice.system.backoff import AGAIN_S, pauses
from nightvoice.system.control_socket import BUTTONS, Order

LOOK_S: Final = 0.3
"""How often the diary is looked into."""
BATCH: Final = 500
"""Events that are on their way at once."""
FORGETFUL_S: Final = 1900.0
"""A broker that is killed forgets what it acknowledged and had not yet passed on: Mosquitto writes its store every
half hour (autosave_interval). What went out so recently goes out again after a lost connection."""

_SILENT: Final = logging.Logger("mqtt", logging.CRITICAL)
"""What the library logs is raised as well, and told once."""


class Publisher:
    """``press`` hands a button on; whether somebody took it. ``tell``: one line for whoever runs it."""

    def __init__(
        self,
        diary: Diary,
        bookmark: Bookmark,
        broker: Broker,
        bed: str,
        topics: Topics,
        words: HomeWords,
        discovery_prefix: str,
        press: Callable[[Order], bool],
        tell: Callable[[str], None],
    ) -> None:
        self._diary, self._bookmark, self._broker = diary, bookmark, broker
        self._topics, self._press, self._tell = topics, press, tell
        self._name = f"nightvoice-{bed}"
        self._device = discovery(bed, topics, words, discovery_prefix)
        self._home = Home(diary, topics)
        self._sent: deque[tuple[float, int]] = deque()
        """Of each batch, when it was acknowledged and the number before its first event."""
        self._again: int | None = None
        """The number after which events go out a second time; None: there are none such."""

    async def run(self) -> None:
        """Connect, and connect again, until cancelled."""
        waits, trouble = pauses(), ""
        while True:
            try:
                async with self._client() as client:
                    self._tell(f"connected to {self._broker.host}:{self._broker.port}")
                    waits, trouble = pauses(), ""
                    await self._publish_all(client)
            except* MqttError as group:
                if (why := _first(group)) != trouble:
                    trouble = why
                    self._tell(f"no connection to {self._broker.host}:{self._broker.port}: {why}")
            await asyncio.sleep(next(waits))

    async def check(self) -> None:
        """Connect once. Raises MqttError."""
        async with self._client():
            pass

    def _client(self) -> Client:
        broker = self._broker
        client = Client(
            broker.host,
            broker.port,
            username=broker.username,
            password=broker.password,
            tls_context=broker.tls,
            identifier=self._name,
            will=Will(self._topics.bridge, "offline", qos=1, retain=True),
            keepalive=20,
            logger=_SILENT,
        )
        client.pending_calls_threshold = 2 * BATCH
        return client

    async def _publish_all(self, client: Client) -> None:
        self._home.forget()
        try:
            async with asyncio.TaskGroup() as tasks:
                # Before anything goes out: who subscribes later than that may ask for it again.
                await client.subscribe([(self._topics.order, 1), (self._topics.replay, 1)])
                tasks.create_task(self._take_orders(client))
                await _publish(client, self._device)
                tasks.create_task(self._stay_online(client))
                await self._follow(client)
        except asyncio.CancelledError:
            with suppress(MqttError):
                await client.publish(self._topics.bridge, "offline", qos=1, retain=True)
            raise

    async def _stay_online(self, client: Client) -> None:
        """Say so again and again: a broker that was killed may keep it of a bed that is gone as well."""
        while True:
            await _publish(client, Message(self._topics.bridge, "online", retain=True))
            await asyncio.sleep(ALIVE.total_seconds())

    async def _follow(self, client: Client) -> None:
        if self._sent:
            self._ask_again(min(after for _, after in self._sent))
        more = True
        while True:
            try:
                more = await self._deliver(client)
            except (DiaryUnavailable, OSError) as error:
                self._tell(str(error))
                await asyncio.sleep(AGAIN_S[-1])
            await asyncio.sleep(0 if more else LOOK_S)

    async def _deliver(self, client: Client) -> bool:
        """The next batch; whether there is more."""
        await asyncio.to_thread(self._bookmark.check)
        new_from = self._bookmark.seq
        again = self._again
        after = new_from if again is None else min(again, new_from)
        events = await asyncio.to_thread(self._diary.events, after, BATCH)
        now = datetime.now(UTC)
        messages = [of_event(event, self._bookmark.log, self._topics) for event in events]
        new = (event for event in events if event.seq > new_from)
        messages += [message for event in new for message in moments(event, now, self._topics)]
        await _publish(client, *messages)
        if self._again == again:
            self._again = None
        if events:
            self._remember(after)
            if events[-1].seq > new_from:
                await asyncio.to_thread(self._bookmark.move, events)
        self._home.note(events)
        if len(events) == BATCH or (events and events[-1].seq < new_from):
            self._ask_again(events[-1].seq)
            return True
        await _publish(client, *await asyncio.to_thread(lambda: list(self._home.changed(now.astimezone()))))
        return self._again is not None

    def _ask_again(self, after: int) -> None:
        self._again = after if self._again is None else min(self._again, after)

    def _remember(self, after: int) -> None:
        """A broker that was killed may have forgotten what followed this number."""
        self._sent.append((monotonic(), after))
        while self._sent[0][0] < monotonic() - FORGETFUL_S:
            self._sent.popleft()

    async def _take_orders(self, client: Client) -> None:
        buttons = {button.value: button for button in BUTTONS}
        async for message in client.messages:
            word = message.payload.decode(errors="replace") if isinstance(message.payload, bytes) else ""
            if message.retain:
                continue  # an old one
            if message.topic.matches(self._topics.replay):
                self._take_replay(word)
            elif word in buttons and not self._press(buttons[word]):
                self._tell(f"{word}: nightvoice run is not there to take it")

    def _take_replay(self, word: str) -> None:
        """The number after which somebody needs all again, with or without the log it is of."""
        *log, number = word.split(" ")
        if number.isascii() and number.isdecimal() and len(number) < 19:
            self._ask_again(int(number) if log in ([], [self._bookmark.log]) else 0)


async def _publish(client: Client, *messages: Message) -> None:
    """All of them, in order; acknowledged when this returns. Raises MqttError."""
    # The first line of publish is reached in the order of the list; the answers are waited for together.
    async with asyncio.TaskGroup() as tasks:
        for message in messages:
            tasks.create_task(client.publish(message.topic, message.payload, qos=1, retain=message.retain))


def _first(group: BaseExceptionGroup[MqttError]) -> str:
    """What went wrong first."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error)
