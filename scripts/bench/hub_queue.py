"""How fast hubs empty a queue, with a real Mosquitto and PostgreSQL. Prints one JSON object last.

1, 2 and 4 hubs, beside a bare MQTT client and a plain COPY of the same; and one hub if each bed sends its events in
batches, into an empty table and with `--stored EVENTS` in it. `--only batches` leaves out the rest of it.
"""

import argparse
import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any, NamedTuple

import paho.mqtt.client as paho
import psycopg
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from rich.progress import Progress

from nightvoice.hub.messages import BedEvent, parse
from scripts.bench.hub_ward import CONSOLE, MakeWard, Ward, publish, wards
from tests.helpers.waiting import until
from tests.hub.ward_bridges import batched, night_of_ward


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--queue", type=int, default=20_000, help="events of the queue that hubs empty")
    parser.add_argument("--stored", type=int, default=0, help="events stored before another queue is emptied")
    parser.add_argument("--only", choices=["batches"], help="measure only one hub and batches")
    options = parser.parse_args()
    messages = [(topic, payload) for _, topic, payload in night_of_ward(options.queue // 20)][: options.queue]
    result: dict[str, Any] = {"queue_events": len(messages), "cores": os.cpu_count()}
    with wards() as ward:
        result |= _batches(ward, messages, options.stored)
        if options.only is None:
            result |= _singles(ward, messages, result["hubs_1_events_per_s"])
    print(json.dumps(result, indent=2))


def _batches(ward: MakeWard, messages: list[tuple[str, str]], stored: int) -> dict[str, Any]:
    """Speed of one hub: with an event in each message, and with batches; and that with events ``stored`` before."""
    batches = batched(messages)
    with ward() as place:
        single = _queue(place, messages, 1)
    with ward() as place:
        in_batches = _queue(place, batches, 1, len(messages))
    result: dict[str, Any] = {
        "hubs_1_events_per_s": round(single.per_s),
        "cpu_ms_per_event": round(single.cpu_ms, 3),
        "batches": len(batches),
        "batches_events_per_s": round(in_batches.per_s),
        "batches_cpu_ms_per_event": round(in_batches.cpu_ms, 3),
        "batches_by_single": round(in_batches.per_s / single.per_s, 2),
    }
    if stored:
        with ward() as place:
            _fill(place, stored)
            then = _queue(place, batches, 1, len(messages))
        result |= {"stored_before": stored, "batches_events_per_s_then": round(then.per_s)}
        result["batches_cpu_ms_per_event_then"] = round(then.cpu_ms, 3)
    return result


def _singles(ward: MakeWard, messages: list[tuple[str, str]], one_per_s: float) -> dict[str, Any]:
    """Speed of 2 and 4 hubs beside that of one, of a bare client, and of a COPY."""
    result: dict[str, Any] = {}
    for count in (2, 4):
        with ward() as place:
            rate = _queue(place, messages, count).per_s
        result |= {f"hubs_{count}_events_per_s": round(rate), f"grows_with_{count}": round(rate / one_per_s, 2)}
    with ward() as place:
        bare, copy = _bare(place, messages), _copy(place, messages)
    result |= {"bare_client_events_per_s": round(bare), "copy_rows_per_s": round(copy)}
    return result | {"of_bare_client": round(one_per_s / bare, 2)}


class Drained(NamedTuple):
    """Speed at which hubs drained a queue."""

    per_s: float
    """Events in a second."""
    cpu_ms: float
    """Processor time of the hubs for an event."""


def _queue(ward: Ward, messages: list[tuple[str, str]], count: int, events: int | None = None) -> Drained:
    """Let ``count`` hubs drain the queue of messages sent while they were down.

    ``events``: number of events in ``messages``, if not one each.
    """
    before = ward.stored()
    total = before + (events or len(messages))
    names = [f"hub{number}" for number in range(count)]
    for hub in [ward.hub(name) for name in names]:
        hub.terminate()
        hub.wait()
    publish(ward.broker.port, messages, f"queue for {count}")
    hubs = [ward.start("--name", name).pid for name in names]
    with Progress(console=CONSOLE) as progress:
        bar = progress.add_task(f"{count} hubs", total=total)
        until(lambda: ward.stored() > before, "the first event")
        begun, had, used = time.perf_counter(), ward.stored(), sum(map(_cpu_s, hubs))
        now = had
        while now < total:
            time.sleep(0.1)
            now = ward.stored()
            progress.update(bar, completed=now)
        done = max(total - had, 1)
        return Drained(done / (time.perf_counter() - begun), 1000 * (sum(map(_cpu_s, hubs)) - used) / done)


def _cpu_s(process: int) -> float:
    """Processor time that a process has used, in seconds."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _fill(ward: Ward, count: int) -> None:
    """Store events of past nights of 10,000 beds."""
    hub = ward.hub("hub0")
    hub.terminate()
    hub.wait()
    with psycopg.connect(ward.url) as connection:
        # Indexes are built faster at once.
        connection.execute("ALTER TABLE events DROP CONSTRAINT events_pkey")
        connection.execute("DROP INDEX events_bed_at")
        connection.execute(
            "INSERT INTO events SELECT 'bed' || lpad(CAST(bed AS text), 5, '0'), 'aaaa', seq, "
            "now() - interval '60 days' + seq * interval '1 hour', 0, current_date, NULL, 'step', "
            """'{"protocol":"calf","step":"towel"}' FROM generate_series(0, 9999) AS bed, """
            "generate_series(1, %s) AS seq",
            (count // 10_000,),
        )
        connection.execute("ALTER TABLE events ADD PRIMARY KEY (bed, log, seq)")
        connection.execute("CREATE INDEX events_bed_at ON events (bed, at)")


def _bare(ward: Ward, messages: list[tuple[str, str]]) -> float:
    """Messages per second of the client library alone, draining the same kind of queue."""
    done, came = Event(), [0, 0.0]

    def message(*_: object) -> None:
        came[0] += 1
        came[1] = came[1] or time.perf_counter()
        if came[0] == len(messages):
            done.set()

    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval, properties.ReceiveMaximum = 3600, 2000
    for turn in range(2):
        client = paho.Client(paho.CallbackAPIVersion.VERSION2, "bare", protocol=paho.MQTTv5)
        subscribed = Event()
        client.on_message = message
        client.on_subscribe = lambda *_, subscribed=subscribed: subscribed.set()
        client.connect("127.0.0.1", ward.broker.port, clean_start=False, properties=properties)
        client.loop_start()
        if not turn:
            client.subscribe("$share/bare/nightvoice/+/events", 1)
            subscribed.wait(60)
            client.disconnect()
            client.loop_stop()
            publish(ward.broker.port, messages, "queue for the bare client")
        else:
            done.wait(600)
            seconds = time.perf_counter() - came[1]
            client.disconnect()
            client.loop_stop()
    return len(messages) / seconds


def _copy(ward: Ward, messages: list[tuple[str, str]]) -> float:
    """Rows per second of a plain COPY into a table without a key: no checks, no deduplication."""
    events = [event for topic, payload in messages for event in parse(topic, payload.encode(), datetime.now(UTC))]
    rows = [tuple(event.row[name] for name in _COLUMNS) for event in events if isinstance(event, BedEvent)]
    with psycopg.connect(ward.url) as connection:
        kinds = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
        connection.execute(f"CREATE TABLE copied ({kinds})")
        begun = time.perf_counter()
        with connection.cursor().copy("COPY copied FROM STDIN") as out:
            for row in rows:
                out.write_row(row)
        connection.commit()
        return len(rows) / (time.perf_counter() - begun)


_COLUMNS = {
    "bed": "text", "log": "text", "seq": "bigint", "at": "timestamptz", "at_offset": "smallint", "night": "date",
    "episode": "bigint", "kind": "text", "data": "jsonb",
}  # fmt: skip


if __name__ == "__main__":
    main()
