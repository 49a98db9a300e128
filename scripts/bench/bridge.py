"""The bridge with a real Mosquitto: catching up, latency, and kills of both. Prints one JSON object last.

`--events N` for catching up (a night has some hundred), `--kills N` of broker and bridge each.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from threading import Event

import paho.mqtt.client as paho

from nightvoice.diary.store import Diary
from nightvoice.system import paths
from tests.helpers.broker import Listener, Mosquitto
from tests.helpers.waiting import until

TOPIC = "nightvoice/bed/events"
LIVE = 100
EVENING = datetime(2026, 3, 1, 22, tzinfo=UTC)
STEP = {"protocol": "calf", "step": "towel-stretch"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="nv-", dir="/tmp") as folder:
        for name in ("CONFIG", "DATA", "STATE", "CACHE"):
            os.environ[f"XDG_{name}_HOME"] = f"{folder}/{name.lower()}"
        broker = Mosquitto(Path(folder) / "broker")
        listener = Listener(broker.port, TOPIC)
        try:
            with Diary.open(paths.diary_url()) as diary:
                result = _backlog(diary, broker, listener, options.events)
                result |= _live(diary, broker, listener)
                result |= _kills(diary, broker, listener, options.kills)
        finally:
            listener.close()
            broker.kill()
    print(json.dumps(result, indent=2))


def _backlog(diary: Diary, broker: Mosquitto, listener: Listener, count: int) -> dict[str, float]:
    """Catching up on events written while the bridge was down, and the same messages by a bare client."""
    print(f"{count} events …", file=sys.stderr)
    with diary.database.writing() as sql:  # in one go: the diary's own speed is measured elsewhere
        statement = "INSERT INTO events (at, at_offset, night, kind, data) VALUES (:at, 0, '2026-03-01', 'step', :data)"
        times = (EVENING + timedelta(seconds=number) for number in range(count))
        data = json.dumps(STEP)
        sql.executemany(statement, ({"at": f"{at:%Y-%m-%d %H:%M:%S}.000000", "data": data} for at in times))
    with _bridge(broker):
        until(lambda: listener.came, "the first event")
        begun, had = time.perf_counter(), len(listener.came)
        until(lambda: len(listener.came) >= count, "every event")
        seconds = time.perf_counter() - begun
    ours = (count - had) / seconds
    bare = _bare(broker, listener.came[0][1], count)
    return {
        "backlog_events": count,
        "backlog_events_per_s": round(ours),
        "bare_client_events_per_s": round(bare),
        "of_bare_client": round(ours / bare, 2),
    }


def _bare(broker: Mosquitto, payload: str, count: int) -> float:
    """Messages per second of the client library alone, QoS 1, with no limit on messages in flight."""
    client = paho.Client(paho.CallbackAPIVersion.VERSION2)
    acknowledged, all_of_them = [0], Event()

    def published(*_: object) -> None:
        acknowledged[0] += 1
        if acknowledged[0] == count:
            all_of_them.set()

    client.on_publish = published
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    begun = time.perf_counter()
    for _ in range(count):
        client.publish("bare", payload, qos=1)
    all_of_them.wait()
    seconds = time.perf_counter() - begun
    client.disconnect()
    client.loop_stop()
    return count / seconds


def _live(diary: Diary, broker: Mosquitto, listener: Listener) -> dict[str, float]:
    """Latency from the diary's acknowledgement to the consumer."""
    print(f"{LIVE} live events …", file=sys.stderr)
    ways = []
    with _bridge(broker):
        for _ in range(LIVE):
            had = len(listener.came)
            diary.append("step", datetime.now(UTC), STEP)
            written = time.perf_counter()
            until(lambda had=had: len(listener.came) > had, "a live event")  # type: ignore[misc]
            ways.append((time.perf_counter() - written) * 1000)
            time.sleep(random.random() / 3)
    return {"live_p50_ms": round(median(ways[1:])), "live_p99_ms": round(quantiles(ways[1:], n=100)[-1])}


def _kills(diary: Diary, broker: Mosquitto, listener: Listener, kills: int) -> dict[str, int]:
    """Kill the broker and the bridge in turn while events are written."""
    print(f"{kills} kills of each …", file=sys.stderr)
    before = len(listener.came)
    first = diary.last_seq()
    for _ in range(kills):
        with _bridge(broker, kill=True):
            for victim in range(2):
                for _ in range(100):
                    diary.append("step", datetime.now(UTC), STEP)
                if not victim:
                    broker.kill()
                    diary.append("step", datetime.now(UTC), STEP)
                    broker.start()
                    time.sleep(random.random() * 3)
    wanted = [event.seq for event in diary.events(after=first)]

    def once() -> list[int]:
        found = [json.loads(payload) for _, payload, _ in listener.came[before:]]
        return list(dict.fromkeys(event["seq"] for event in found if event["seq"] > first))

    with _bridge(broker):
        until(lambda: len(once()) >= len(wanted), "every event")
    came = once()
    again = len(listener.came) - before - len(came)
    return {
        "killed": 2 * kills,
        "killed_events": len(wanted),
        "lost": len(set(wanted) - set(came)),
        "out_of_order": int(came != sorted(came)),
        "sent_again": again,
        "logs": len({json.loads(payload)["log"] for _, payload, _ in listener.came}),
    }


@contextmanager
def _bridge(broker: Mosquitto, kill: bool = False) -> Iterator[None]:
    given = {"NIGHTVOICE_BRIDGE__HOST": "127.0.0.1", "NIGHTVOICE_BRIDGE__PORT": str(broker.port)}
    command = [sys.executable, "-m", "nightvoice", "bridge"]
    process = subprocess.Popen(command, env={**os.environ, **given}, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.kill() if kill else process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
