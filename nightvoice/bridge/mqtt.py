"""Publishes the diary's event log to an MQTT broker: at least once and in order, across outages on either side.

An event counts as delivered once the broker acknowledges it (QoS 1); the position in the log is kept on disk. A
consumer that drops duplicates (by ``log`` and ``seq``) gets every event exactly once, in order.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Final

from aiomqtt import Client, MqttError, Will

from nightvoice.bridge.address import Address
from nightvoice.bridge.batching import Batching
from nightvoice.bridge.bookmark import Bookmark
from nightvoice.bridge.discovery import discovery
from nightvoice.bridge.messages import (
    ANNOUNCE_INTERVAL,
    Message,
    Topics,
    batch_messages,
    event_message,
    moment_age,
    moment_messages,
)
from nightvoice.bridge.retained_state import RetainedState
from nightvoice.bridge.settings import Broker
from nightvoice.content.home import HomeWords
from nightvoice.diary.event import Event
from nightvoice.diary.runs import ages
from nightvoice.diary.store import Diary
from nightvoice.errors import reason
from nightvoice.storage.errors import StorageUnavailable
from nightvoice.system.backoff import NEARBY_S, Reconnection
from nightvoice.system.clock import elapsed_seconds
from nightvoice.system.control_socket import BUTTONS, Order

POLL_S: Final = 0.3
"""How often the diary is checked for new events."""
BATCH: Final = 500
"""Most events published at once."""
REDELIVERY_S: Final = 1900.0
"""Seconds after publication during which a lost connection makes events be published again. A killed broker loses
messages it acknowledged but did not pass on: Mosquitto saves its store every half hour (autosave_interval)."""

_SILENT: Final = logging.Logger("mqtt", logging.CRITICAL)
"""Discards the library's log, because the library also raises those errors and they are reported here."""


class Publisher:
    """Publishes the events and the state of one bed, and receives orders from buttons.

    ``press``: pass an order to the running night, and return whether it was accepted.
    ``report``: show a line to the operator.
    """

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
        report: Callable[[str], None],
        address: Address,
        batching: Batching | None = None,
    ) -> None:
        self._diary, self._bookmark, self._broker = diary, bookmark, broker
        self._topics, self._press, self._report = topics, press, report
        self._batching = batching
        self._name, self._address = f"nightvoice-{bed}", address
        self._device = discovery(bed, topics, words, discovery_prefix)
        self._state = RetainedState(diary, topics)
        self._recent: deque[tuple[float, int]] = deque()
        """For each batch, the time of acknowledgement and the number before its first event."""
        self._announced = ("", 0)
        """The log, and the number of the last event whose moments were published."""
        self._read_all_at: float | None = None
        """When the log was last read to its end and published, in elapsed seconds."""
        self._again_after: int | None = None
        """Events after this number are to be published again; None: no events."""

    async def run(self) -> None:
        """Publish until cancelled; reconnect after each failure."""
        place = f"{self._broker.host}:{self._broker.port}"
        reconnection = Reconnection(self._report)
        while True:
            connected = False
            try:
                async with self._client(self._name, Will(self._topics.bridge, "offline", qos=1, retain=True)) as client:
                    self._report(f"connected to {place}")
                    reconnection.connected()
                    connected = True
                    await self._publish_all(client)
            except* MqttError as group:
                # The broker disconnects the older of two clients with one name; the library drops the reason.
                advice = f"; if that goes on, another bridge is called {self._name}, too: set bridge.bed"
                reconnection.failed(f"no connection to {place}: {_first_error(group)}{advice if connected else ''}")
            await asyncio.sleep(reconnection.next_delay())

    async def check(self) -> None:
        """Connect once to test the settings. Raises MqttError."""
        # With a name of its own and no last will, so that the running bridge is not disturbed.
        async with self._client(f"{self._name}-test", will=None):
            pass

    def _client(self, name: str, will: Will | None) -> Client:
        broker = self._broker
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
        client.pending_calls_threshold = 2 * BATCH
        return client

    async def _publish_all(self, client: Client) -> None:
        self._state.forget()
        try:
            async with asyncio.TaskGroup() as tasks:
                # Subscribe before publishing: a consumer that subscribes later may ask for events again.
                await client.subscribe([(self._topics.order, 1), (self._topics.replay, 1)])
                tasks.create_task(self._take_orders(client))
                await self._move_in(client)
                tasks.create_task(self._stay_online(client))
                await self._follow(client)
        except asyncio.CancelledError:
            with suppress(MqttError):
                await client.publish(self._topics.bridge, "offline", qos=1, retain=True)
            raise

    async def _move_in(self, client: Client) -> None:
        """Publish the device, and remove the one of an earlier name of the bed."""
        used = (self._device.topic, *self._topics.retained)
        await _publish(client, *self._address.clear_others(used), self._device)
        try:
            self._address.move(used)
        except OSError as error:
            self._report(f"the topics of this bed cannot be remembered: {reason(error)}")

    async def _stay_online(self, client: Client) -> None:
        """Announce ``online`` at intervals: after a broker crash, a retained one may be of a bed that is gone."""
        while True:
            await _publish(client, Message(self._topics.bridge, "online", retain=True))
            await asyncio.sleep(ANNOUNCE_INTERVAL.total_seconds())

    async def _follow(self, client: Client) -> None:
        if self._recent:
            self._publish_again(min(after for _, after in self._recent))
        more = True
        while True:
            try:
                more = await self._deliver(client)
            except (StorageUnavailable, OSError) as error:
                self._report(str(error))
                await asyncio.sleep(NEARBY_S[-1])
            await asyncio.sleep(0 if more else POLL_S)

    async def _deliver(self, client: Client) -> bool:
        """Publish the next batch; return whether there is more."""
        await asyncio.to_thread(self._bookmark.check)
        new_from, read_at = self._bookmark.seq, elapsed_seconds()
        again = self._again_after
        after = new_from if again is None else min(again, new_from)
        events = await asyncio.to_thread(self._diary.events, after, BATCH)
        waits = self._batching is not None and again is None and self._batching.waits(events)
        fresh = self._unannounced(events, new_from)
        moments = await asyncio.to_thread(lambda: list(self._moments(events, fresh)))
        await _publish(client, *(() if waits else self._event_messages(events)), *moments)
        if len(events) < BATCH:
            self._read_all_at = read_at
        if events:
            self._announced = (self._bookmark.log, max(events[-1].seq, new_from))
        if self._again_after == again:
            self._again_after = None
        if waits:
            self._state.note(fresh)
            await self._publish_state(client)
            return False
        if events:
            self._remember(after)
            if events[-1].seq > new_from:
                await asyncio.to_thread(self._bookmark.move, events)
        self._state.note(events)
        if len(events) == BATCH or (events and events[-1].seq < new_from):
            self._publish_again(events[-1].seq)
            return True
        await self._publish_state(client)
        return self._again_after is not None

    def _event_messages(self, events: list[Event]) -> list[Message]:
        log, topics = self._bookmark.log, self._topics
        if self._batching is not None:
            return list(batch_messages(events, log, topics))
        return [event_message(event, log, topics) for event in events]

    def _unannounced(self, events: list[Event], delivered: int) -> list[Event]:
        """Return those of ``events``, after the number ``delivered``, whose moments were not published yet."""
        log, seq = self._announced
        after = max(delivered, seq) if log == self._bookmark.log else delivered
        return [event for event in events if event.seq > after]

    def _moments(self, events: list[Event], fresh: list[Event]) -> Iterator[Message]:
        """Yield the moments of ``fresh``; the clock may have been set within ``events``, or since."""
        if not fresh:
            return
        # No new event is older than the last look at the log, whatever the clock says.
        read = self._read_all_at
        longest = timedelta.max if read is None else timedelta(seconds=elapsed_seconds() - read)
        age = ages(self._diary.database, events, datetime.now(UTC))
        for event in fresh:
            yield from moment_messages(event, moment_age(age[event.seq], longest), self._topics)

    async def _publish_state(self, client: Client) -> None:
        await _publish(client, *await asyncio.to_thread(lambda: list(self._state.changed(datetime.now().astimezone()))))

    def _publish_again(self, after: int) -> None:
        self._again_after = after if self._again_after is None else min(self._again_after, after)

    def _remember(self, after: int) -> None:
        """Remember that the events after this number were just published, since a killed broker may lose them."""
        self._recent.append((monotonic(), after))
        while self._recent[0][0] < monotonic() - REDELIVERY_S:
            self._recent.popleft()

    async def _take_orders(self, client: Client) -> None:
        buttons = {button.value: button for button in BUTTONS}
        async for message in client.messages:
            word = message.payload.decode(errors="replace") if isinstance(message.payload, bytes) else ""
            if message.retain:
                continue  # an order from before this connection
            if message.topic.matches(self._topics.replay):
                self._take_replay(word)
            elif word in buttons and not self._press(buttons[word]):
                self._report(f"{word}: ignored, for nightvoice run is not running")

    def _take_replay(self, word: str) -> None:
        """Schedule a replay after the number in ``word``, which may name its log (see ``Topics.replay``)."""
        *log, number = word.split(" ")
        if number.isascii() and number.isdecimal() and len(number) < 19:
            self._publish_again(int(number) if log in ([], [self._bookmark.log]) else 0)


async def _publish(client: Client, *messages: Message) -> None:
    """Publish ``messages`` in order and wait until all are acknowledged. Raises MqttError."""
    # The tasks start in list order, so the messages are sent in that order; only the acknowledgements overlap.
    async with asyncio.TaskGroup() as tasks:
        for message in messages:
            tasks.create_task(client.publish(message.topic, message.payload, qos=1, retain=message.retain))


def _first_error(group: BaseExceptionGroup[MqttError]) -> str:
    """Return the message of the first error."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error)
