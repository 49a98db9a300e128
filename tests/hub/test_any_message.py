"""Whatever a bed sends, the events of the other beds are stored. With a real broker and a real database."""

import json
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from nightvoice.bridge.messages import Topics, batch_messages, event_message
from nightvoice.diary.kinds import KINDS
from nightvoice.hub.consumer import add_all
from nightvoice.hub.messages import BedEvent, BedNight, parse
from nightvoice.hub.store import Store
from tests.helpers.broker import Mosquitto
from tests.helpers.waiting import until
from tests.hub.ward import LOG, Beds, Start, Stored, event

NUMBERS = st.integers() | st.sampled_from([2**31, 2**63 - 1, 2**63, -(2**63), 10**4000]) | st.floats()
TEXTS = st.text(max_size=60) | st.sampled_from(["\0", "a" * 5000, "\u202e", "'; DROP TABLE events; --", "{}", "NaN"])
TIMES = st.datetimes(timezones=st.timezones() | st.none()).map(datetime.isoformat) | st.builds(
    lambda offset: f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}{offset}",
    st.sampled_from(["+23:59", "-23:59", "+14:00", "Z", "", "+00:00:30", "+24:00"]),
)
DATES = st.dates().map(str) | TIMES
ANYTHING = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS | TIMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
FIELDS = sorted({name for kind in KINDS.values() for name in kind.__dataclass_fields__})
DATA = st.dictionaries(st.sampled_from(FIELDS) | TEXTS, ANYTHING, max_size=5) | ANYTHING
GOOD = json.loads(event_message(event(7), LOG, Topics("x")).payload)
NIGHT = {"night": GOOD["night"], "seq": 1, "listened_h": 7.5, "coverage": "whole", "cramps": 0}


def changed(good: dict[str, Any], **values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """``good`` with some fields replaced by what they never are, or missing."""
    others = st.fixed_dictionaries({}, optional={name: values.get(name, ANYTHING) | ANYTHING for name in good})
    missing = st.sets(st.sampled_from(sorted(good)), max_size=1)
    return st.builds(
        lambda new, gone: {name: value for name, value in (good | new).items() if name not in gone}, others, missing
    )


EVENTS = changed(GOOD, at=TIMES, night=DATES, seq=NUMBERS, data=DATA, kind=st.sampled_from(sorted(KINDS)))
BODIES = {
    "events": EVENTS,
    "batch": changed({"log": LOG, "events": []}, events=st.lists(EVENTS, max_size=4)),
    "night": changed(NIGHT, night=DATES, listened_h=NUMBERS, seq=NUMBERS, cramps=NUMBERS),
}


@st.composite
def messages(draw: st.DrawFn) -> tuple[str, bytes]:
    """The last part of a topic, and a payload."""
    topic = draw(st.sampled_from(sorted(BODIES)))
    body = draw(BODIES[topic] | ANYTHING)
    payload = draw(st.just(_encoded(body)) | st.binary(max_size=50) | st.just(_encoded(body)[:-1]))
    return topic, payload


def _encoded(body: object) -> bytes:
    # Numbers of thousands of digits, and lone surrogates, as any program may send them.
    digits = str(10**4000)
    return json.dumps(body, default=str).replace(digits, digits + "0" * 400).encode("utf-8", "surrogatepass")


def test_no_message_harms_those_of_other_beds(stored: Stored) -> None:
    """The tables, without the broker: many more messages in less time."""
    number = 0
    with closing(Store.open(stored.url)) as store:

        @settings(max_examples=100, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate])
        @given(st.lists(messages(), min_size=1, max_size=8))
        def check(bad: list[tuple[str, bytes]]) -> None:
            nonlocal number
            number += 1
            rows: list[BedEvent | BedNight] = []
            (good,) = batch_messages([event(number)], LOG, Topics("nightvoice/good"))
            for topic, payload in [
                *(("bad/" + what, text) for what, text in bad),
                ("good/batch", good.payload.encode()),
            ]:
                try:
                    found = parse(f"nightvoice/{topic}", payload, datetime.now(UTC))
                except ValueError:
                    continue
                rows += [item for item in found if not isinstance(item, ValueError)]
            add_all(store, rows, lambda line: None)

        check()
    assert [seq for bed, seq in stored.events() if bed == "good"] == list(range(1, number + 1))


def test_a_hub_goes_on_whatever_a_bed_sends(mosquitto: Mosquitto, beds: Beds, start: Start, stored: Stored) -> None:
    bad: list[tuple[str, bytes]] = []

    @settings(max_examples=150, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate])
    @given(messages())
    def collect(message: tuple[str, bytes]) -> None:
        bad.append(message)

    collect()
    hub = start("hub")
    assert hub.stderr is not None
    assert "connected" in hub.stderr.readline()
    for number, (topic, payload) in enumerate(bad, 1):
        beds.send_bytes(f"nightvoice/bad/{topic}", payload)
        if number % 10 == 0:
            beds.publish(*batch_messages([event(number)], LOG, Topics("nightvoice/good")))
    wanted = [number for number in range(1, len(bad) + 1) if number % 10 == 0]
    until(lambda: [seq for bed, seq in stored.events() if bed == "good"] == wanted, "the events of the other bed")
    assert hub.poll() is None
