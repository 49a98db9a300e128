"""A ward of many beds, with a real Mosquitto and PostgreSQL. Prints one JSON object last.

How long it takes from a bed to the open page, and a night of all beds, replayed as fast as it goes, in which hub,
broker and database are each killed once. `--beds N`, `--samples N`; 10,000 beds take a while.
"""

import argparse
import http.client
import json
import multiprocessing
import os
import random
import signal
import subprocess
import time
from datetime import UTC, datetime
from statistics import median, quantiles
from threading import Event, Thread
from typing import Any

from rich.progress import Progress

from nightvoice.hub.accounts import Accounts
from nightvoice.hub.roles import Role
from nightvoice.system import paths
from scripts.bench.hub_ward import CONSOLE, Ward, wards
from tests.helpers.waiting import until
from tests.helpers.web_site import Site
from tests.hub.ward import PASSWORD, Beds
from tests.hub.ward_bridges import Bridges, night_of_ward

BACKGROUND_PER_S = 250
"""Messages of 10,000 beds: a heartbeat per bridge and minute, and cramps."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--beds", type=int, default=1000)
    parser.add_argument("--only", choices=["page", "night"], help="measure only this part")
    parser.add_argument("--samples", type=int, default=100, help="cramps of which the way to the page is measured")
    options = parser.parse_args()
    result: dict[str, Any] = {"beds": options.beds, "cores": os.cpu_count()}
    with wards() as ward:
        if options.only != "night":
            with ward() as place:
                result |= _to_the_page(place, options.beds, options.samples)
        if options.only != "page":
            with ward() as place:
                result |= _night(place, options.beds)
    print(json.dumps(result, indent=2))


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
