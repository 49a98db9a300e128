"""A ward of many beds with a real Mosquitto and PostgreSQL. Prints one JSON object last.

How fast hubs empty a queue (1, 2 and 4 of them, beside a bare MQTT client and a plain COPY of the same; and one hub if
each bed sends its events in batches, into an empty table and with `--stored EVENTS` in it), how long it takes from a
bed to the open page, and a night of all beds, replayed as fast as it goes, in which hub, broker and database are each
killed once. `--beds N`, `--queue EVENTS`, `--samples N`; 10,000 beds take a while.
"""

import argparse
import http.client
import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from threading import Event, Thread
from typing import Any, NamedTuple

import paho.mqtt.client as paho
import psycopg
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from rich.console import Console
from rich.progress import Progress

from nightvoice.hub.accounts import Accounts
from nightvoice.hub.messages import BedEvent, parse
from nightvoice.hub.roles import Role
from nightvoice.system import paths
from tests.helpers.broker import Mosquitto
from tests.helpers.postgres import Server, server
from tests.helpers.waiting import until
from tests.helpers.web_site import Site
from tests.hub.ward import LOG, PASSWORD, Beds
from tests.hub.ward_bridges import Bridges, batched, night_of_ward

CONSOLE = Console(stderr=True)
BACKGROUND_PER_S = 250
"""Messages of 10,000 beds: a heartbeat per bridge and minute, and cramps."""


class Ward:
    """A broker, a database, and hubs as processes."""

    def __init__(self, folder: Path, database: Server) -> None:
        self.broker = Mosquitto(folder / f"broker{random.random()}")
        self.database, self.url = database, database.place()
        self._running: list[subprocess.Popen[str]] = []

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        given = {"BRIDGE__HOST": "127.0.0.1", "BRIDGE__PORT": str(self.broker.port), "HUB__DATABASE": self.url}
        process = subprocess.Popen(
            [sys.executable, "-m", "nightvoice", "hub", *arguments],
            env={**os.environ, **{f"NIGHTVOICE_{name}": value for name, value in given.items()}},
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._running.append(process)
        return process

    def hub(self, name: str) -> "subprocess.Popen[str]":
        """Start a hub and wait until it has subscribed."""
        process = self.start("--name", name)
        assert process.stderr is not None
        next(line for line in process.stderr if "connected" in line)
        Thread(target=process.stderr.read, daemon=True).start()
        return process

    def counts(self) -> tuple[int, int]:
        """Number of stored events, and of distinct ones."""
        try:
            with psycopg.connect(self.url) as connection:
                found = connection.execute("SELECT count(*), count(DISTINCT (bed, log, seq)) FROM events").fetchone()
        except (psycopg.OperationalError, psycopg.errors.UndefinedTable):
            return 0, 0
        assert found is not None
        return found

    def stored(self) -> int:
        """Number of stored events of the made-up beds; found by the index, so that others do not slow it down."""
        names = "SELECT 'bed' || lpad(CAST(number AS text), 5, '0') FROM generate_series(0, 9999) AS number"
        count = "(SELECT count(*) FROM events WHERE bed = name AND log = %s)"
        try:
            with psycopg.connect(self.url) as connection:
                connection.execute("SET enable_seqscan = off")
                found = connection.execute(f"SELECT sum({count}) FROM ({names}) AS beds (name)", (LOG,)).fetchone()
        except (psycopg.OperationalError, psycopg.errors.UndefinedTable):
            return 0
        return int(found[0]) if found else 0

    def close(self) -> None:
        for process in self._running:
            process.kill()
            process.wait()
        self.broker.kill()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--beds", type=int, default=1000)
    parser.add_argument("--queue", type=int, default=20_000, help="events of the queue that hubs empty")
    parser.add_argument("--stored", type=int, default=0, help="events stored before another queue is emptied")
    parser.add_argument("--only", choices=["queue", "page", "night"], help="measure only this part")
    parser.add_argument("--samples", type=int, default=100, help="cramps of which the way to the page is measured")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="nv-", dir="/tmp") as folder, server() as database:
        for name in ("CONFIG", "DATA", "STATE", "CACHE"):
            os.environ[f"XDG_{name}_HOME"] = f"{folder}/{name.lower()}"

        @contextmanager
        def ward() -> Iterator[Ward]:
            with ExitStack() as stack:
                made = Ward(Path(folder), database)
                stack.callback(made.close)
                yield made

        messages = [(topic, payload) for _, topic, payload in night_of_ward(options.queue // 20)][: options.queue]
        batches = batched(messages)
        result: dict[str, Any] = {"beds": options.beds, "queue_events": len(messages), "cores": os.cpu_count()}
        parts = [options.only] if options.only else ["queue", "page", "night"]
        if "queue" in parts:
            result |= _queues(ward, messages, batches, options.stored)
        if "page" in parts:
            with ward() as place:
                result |= _to_the_page(place, options.beds, options.samples)
        if "night" in parts:
            with ward() as place:
                result |= _night(place, options.beds)
    print(json.dumps(result, indent=2))


def _queues(
    ward: Callable[[], AbstractContextManager[Ward]],
    messages: list[tuple[str, str]],
    batches: list[tuple[str, str]],
    stored: int,
) -> dict[str, Any]:
    """Throughput of hubs, one event a message and in batches, beside a bare client and a COPY."""
    rates = {}
    for count in (1, 2, 4):
        with ward() as place:
            rates[count] = _queue(place, messages, count)
    with ward() as place:
        in_batches = _queue(place, batches, 1, len(messages))
    result: dict[str, Any] = {f"hubs_{count}_events_per_s": round(rate.per_s) for count, rate in rates.items()}
    result |= {"cpu_ms_per_event": round(rates[1].cpu_ms, 3), "batches_cpu_ms_per_event": round(in_batches.cpu_ms, 3)}
    result |= {"batches": len(batches), "batches_events_per_s": round(in_batches.per_s)}
    result["batches_by_single"] = round(in_batches.per_s / rates[1].per_s, 2)
    if stored:
        with ward() as place:
            _fill(place, stored)
            then = _queue(place, batches, 1, len(messages))
        result |= {"stored_before": stored, "batches_events_per_s_then": round(then.per_s)}
        result["batches_cpu_ms_per_event_then"] = round(then.cpu_ms, 3)
    with ward() as place:
        bare = _bare(place, messages)
        copy = _copy(place, messages)
    result |= {"bare_client_events_per_s": round(bare), "copy_rows_per_s": round(copy)}
    result["of_bare_client"] = round(rates[1].per_s / bare, 2)
    return result | {f"grows_with_{count}": round(rates[count].per_s / rates[1].per_s, 2) for count in (2, 4)}


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
    _publish(ward.broker.port, messages, f"queue for {count}")
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


def _publish(port: int, messages: list[tuple[str, str]], what: str) -> None:
    beds = Beds(port)
    with Progress(console=CONSOLE) as progress:
        bar = progress.add_task(what, total=len(messages))
        for at in range(0, len(messages), 500):
            beds.send(messages[at : at + 500])
            progress.update(bar, completed=at + 500)
    beds.close()


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
            _publish(ward.broker.port, messages, "queue for the bare client")
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


def _to_the_page(ward: Ward, beds: int, samples: int) -> dict[str, Any]:
    """Latency from a bed's publish to the page's event stream and to the page, with ``beds`` known beds."""
    Accounts(paths.hub_dir()).add("anna", Role.WARD, PASSWORD)
    ward.hub("hub")
    page = ward.start("serve", "--port", "0")
    assert page.stderr is not None
    site = Site(next(line for line in page.stderr if line.startswith("http")).strip().rstrip("/"), None, None)  # type: ignore[arg-type]
    Thread(target=page.stderr.read, daemon=True).start()
    site.ask("/login", {"name": "anna", "password": PASSWORD, "csrf": site.token("/login")})
    names = [f"bed{number:05}" for number in range(beds)]
    states = [
        state
        for name in names
        for state in ((f"nightvoice/{name}/bridge", "online"), (f"nightvoice/{name}/ears", "listening"))
    ]
    speaker = Beds(ward.broker.port)
    with Progress(console=CONSOLE) as progress:
        bar = progress.add_task("beds come online", total=len(states))
        for at in range(0, len(states), 500):
            speaker.send(states[at : at + 500], retain=True)
            progress.update(bar, completed=at + 500)
    until(lambda: f"{beds} beds" in site.ask("/").text, "all beds on the page")
    stop = Event()
    background = Thread(target=_background, args=(ward.broker.port, names, stop), daemon=True)
    background.start()
    stream_ms, page_ms = [], []
    ids = _Stream(site)
    until(lambda: ids.count, "the stream")
    with Progress(console=CONSOLE) as progress:
        for bed in progress.track(random.sample(names, min(samples, beds)), description="cramps to the page"):
            since = datetime.now(UTC).isoformat()
            begun, seen = time.perf_counter(), ids.count
            speaker.say(bed, "episode", {"state": "ON", "since": since, "site": "calf", "side": "left"})
            until(lambda seen=seen: ids.count > seen, "the stream")  # type: ignore[misc]
            stream_ms.append((time.perf_counter() - begun) * 1000)
            until(lambda bed=bed: f'cramping"><b>{bed}<' in site.ask("/").text, "the cramp on the page")  # type: ignore[misc]
            page_ms.append((time.perf_counter() - begun) * 1000)
            speaker.say(bed, "episode", {"state": "OFF"})
            time.sleep(random.random() / 5)
    stop.set()
    background.join()
    speaker.close()
    found = {"stream": stream_ms, "page": page_ms}
    result: dict[str, Any] = {"background_messages_per_s": BACKGROUND_PER_S}
    for name, times in found.items():
        result |= {f"{name}_p50_ms": round(median(times)), f"{name}_p99_ms": round(quantiles(times, n=100)[-1])}
    return result


class _Stream:
    """Counts the refresh messages on the page's event stream."""

    def __init__(self, site: Site) -> None:
        self.count = 0
        connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=600)
        connection.request("GET", "/live?after=0", headers={"Cookie": site.cookie})
        self._answer = connection.getresponse()
        Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        for line in self._answer:
            self.count += line.startswith(b"id:")


def _background(port: int, names: list[str], stop: Event) -> None:
    """Background load: events that the page ignores."""
    beds = Beds(port)
    events = night_of_ward(len(names))
    while not stop.is_set():
        beds.send([(topic, payload) for _, topic, payload in [next(events) for _ in range(BACKGROUND_PER_S // 10)]])
        time.sleep(0.1)
    beds.close()


def _night(ward: Ward, beds: int) -> dict[str, Any]:
    """A night of all beds as fast as possible; hub, broker and database are each killed once."""
    wanted = sum(1 for _ in night_of_ward(beds))
    hubs = [ward.hub(name) for name in ("one", "two")]
    sent, stop = multiprocessing.Value("q", 0), multiprocessing.Event()
    bridges = multiprocessing.Process(target=Bridges.run, args=(ward.broker.port, beds, sent, stop))
    bridges.start()
    begun = time.perf_counter()
    kills = [(0.25, _kill_hub), (0.5, _kill_broker), (0.75, _kill_database)]
    done = 0
    until_s = time.perf_counter() + 3600
    with Progress(console=CONSOLE) as progress:
        bar = progress.add_task("the night", total=wanted)
        while (done < wanted or kills) and time.perf_counter() < until_s:
            time.sleep(0.5)
            done = ward.stored()
            progress.update(bar, completed=done)
            if kills and done >= kills[0][0] * wanted:
                kill = kills.pop(0)[1]
                progress.console.print(f"{done} events stored: {kill.__name__[1:].replace('_', ' the ')}")
                kill(ward, hubs)
    seconds = time.perf_counter() - begun
    time.sleep(5)  # what is still on its way would be there twice, if anything were
    stored, different = ward.counts()
    stop.set()
    bridges.join()
    return {
        "night_events": wanted,
        "night_s": round(seconds),
        "night_events_per_s": round(wanted / seconds),
        "night_messages_sent": sent.value,
        "killed": "hub, broker, database",
        "lost": wanted - different,
        "duplicated": stored - different,
    }


def _kill_hub(ward: Ward, hubs: list["subprocess.Popen[str]"]) -> None:
    hubs[0].send_signal(signal.SIGKILL)
    hubs[0].wait()
    time.sleep(2)
    ward.hub("one")


def _kill_broker(ward: Ward, _: object) -> None:
    ward.broker.kill()
    time.sleep(2)
    ward.broker.start()


def _kill_database(ward: Ward, _: object) -> None:
    ward.database.kill()
    time.sleep(2)
    ward.database.start()


if __name__ == "__main__":
    main()
