"""Publishes the diary's event log to an MQTT broker: at least once and in order, across outages on either side.

An event counts as delivered once the broker acknowledges it (QoS 1); the position in the log is kept on disk. A
consumer that drops duplicates (by ``log`` and ``seq``) gets every event exactly once, in order.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Final

from aiomqtt import Client, MqttError, Will

from nightvoice.bridge.address import Address, UsedTopics
from nightvoice.bridge.batching import Batching
from nightvoice.bridge.bookmark import Bookmark
from nightvoice.bridge.connection import first_error, make_client, publish
from nightvoice.bridge.former_name import clear_former, clearing
from nightvoice.bridge.messages import (
    ANNOUNCE_INTERVAL,
    Message,
    Topics,
    batch_messages,
    event_message,
    moment_age,
    moment_messages,
    with_number_before,
)
from nightvoice.bridge.ownership import BedTakenError, Ownership, text
from nightvoice.bridge.retained_state import RetainedState
from nightvoice.bridge.settings import Broker
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


class Publisher:
    """Publishes the events and the state of one bed, and receives orders from buttons.

    ``device``: the discovery message. ``press``: pass an order to the running night, and return whether it was
    accepted. ``report``: show a line to the operator.
    """

    def __init__(
        self,
        diary: Diary,
        bookmark: Bookmark,
        broker: Broker,
        topics: Topics,
        ownership: Ownership,
        device: Message,
        press: Callable[[Order], bool],
        report: Callable[[str], None],
        address: Address,
        batching: Batching | None = None,
    ) -> None:
        self._diary, self._bookmark, self._broker = diary, bookmark, broker
        self._topics, self._press, self._report = topics, press, report
        self._ownership, self._device = ownership, device
        self._address, self._batching = address, batching
        self._contested = False
        """Whether another bridge claimed the bed, or somebody cleared its topics, a short while ago."""
        self._online = Message(topics.bridge, "online", retain=True)
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
        will = Will(self._topics.bridge, "offline", qos=1, retain=True)
        while True:
            taken = False
            try:
                async with make_client(self._broker, self._ownership.client_name, will) as client:
                    found = await self._ownership.await_turn(client)
                    self._report(f"connected to {place}")
                    reconnection.connected()
                    if not found.asked:
                        self._report(self._ownership.unprotected)
                    await self._publish_all(client)
            except* MqttError as group:
                reconnection.failed(f"no connection to {place}: {first_error(group)}")
            except* BedTakenError as group:
                taken = True
                reconnection.failed(first_error(group))
            await asyncio.sleep(self._ownership.retry_s if taken else reconnection.next_delay())

    async def check(self) -> str | None:
        """Connect once to test the settings; return what is wrong with the bed's name. Raises MqttError."""
        # Without a last will, so that the running bridge is not disturbed.
        async with make_client(self._broker, self._ownership.client_name) as client:
            last = self._address.read()
            return await self._ownership.check(client, "" if last is None else last.process)

    async def _publish_all(self, client: Client) -> None:
        self._state.forget()
        try:
            async with asyncio.TaskGroup() as tasks:
                # Subscribe before publishing: a consumer that subscribes later may ask for events again.
                await client.subscribe([(self._topics.order, 1), (self._topics.replay, 1)])
                tasks.create_task(self._receive(client))
                await self._move_in(client)
                tasks.create_task(self._stay_online(client))
                await self._follow(client)
        except asyncio.CancelledError:
            with suppress(MqttError):
                await client.publish(self._topics.bridge, "offline", qos=1, retain=True)
            raise

    async def _move_in(self, client: Client) -> None:
        """Claim the bed, publish its device, and clear what it has under an earlier name."""
        await publish(client, self._ownership.claim, self._device)
        used = UsedTopics(self._topics.base, [self._device.topic, *self._topics.retained], self._ownership.process)
        last = self._address.read()
        if last is not None and last.base == used.base:
            await publish(client, *clearing(last, used))
        elif last is not None and not await clear_former(self._broker, last, used, self._ownership):
            self._report(f"{last.base}: the broker does not let this bridge clear what the bed has left there")
        try:
            self._address.move(used)
        except OSError as error:
            self._report(f"the topics of this bed cannot be remembered: {reason(error)}")

    async def _stay_online(self, client: Client) -> None:
        """Announce ``online`` at intervals: after a broker crash, a retained one may be of a bed that is gone."""
        while True:
            await publish(client, self._online)
            await asyncio.sleep(ANNOUNCE_INTERVAL.total_seconds())
            if self._contested:  # the other one may have published until it noticed
                self._contested = False
                await self._restore(client)

    async def _restore(self, client: Client) -> None:
        """Publish again what another bridge or the owner of another bed may have overwritten."""
        self._state.forget()
        await publish(client, self._ownership.claim, self._online, self._device)

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
        await publish(client, *(() if waits else self._event_messages(events, after)), *moments)
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

    def _event_messages(self, events: list[Event], after: int) -> list[Message]:
        log, topics = self._bookmark.log, self._topics
        if self._batching is not None:
            return list(batch_messages(events, log, topics, after))
        return [event_message(event, log, topics, number) for event, number in with_number_before(events, after)]

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
        await publish(client, *await asyncio.to_thread(lambda: list(self._state.changed(datetime.now().astimezone()))))

    def _publish_again(self, after: int) -> None:
        self._again_after = after if self._again_after is None else min(self._again_after, after)

    def _remember(self, after: int) -> None:
        """Remember that the events after this number were just published, since a killed broker may lose them."""
        self._recent.append((monotonic(), after))
        while self._recent[0][0] < monotonic() - REDELIVERY_S:
            self._recent.popleft()

    async def _receive(self, client: Client) -> None:
        """Take orders, requests and what others say of the bed. Raises BedTakenError, MqttError."""
        async for message in client.messages:
            if message.retain:
                continue  # from before this connection
            topic, word = message.topic.value, text(message.payload)
            if topic == self._topics.replay:
                self._take_replay(word)
            elif topic == self._topics.order:
                self._take_order(word)
            elif topic == self._topics.bridge and word != "online":
                # The last will of a connection that broke off before this one, or somebody cleared it.
                await publish(client, self._online)
            elif topic == self._topics.owner and self._ownership.is_asked(word):
                await publish(client, self._ownership.claim)
            elif topic == self._topics.owner and self._ownership.is_contested(word):
                self._contested = True
                await self._restore(client)

    def _take_order(self, word: str) -> None:
        buttons = {button.value: button for button in BUTTONS}
        if word in buttons and not self._press(buttons[word]):
            self._report(f"{word}: ignored, for nightvoice run is not running")

    def _take_replay(self, word: str) -> None:
        """Schedule a replay after the number in ``word``, which may name its log (see ``Topics.replay``)."""
        *log, number = word.split(" ")
        if number.isascii() and number.isdecimal() and len(number) < 19:
            self._publish_again(int(number) if log in ([], [self._bookmark.log]) else 0)
