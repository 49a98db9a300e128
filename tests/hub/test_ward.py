"""What is known of a bed just now: pure."""

import json
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from nightvoice.hub.live_state import SILENT, TOPICS, Bed, LiveState

NOW = datetime(2026, 3, 2, 3, 14, tzinfo=UTC)
NIGHT = {"night": "2026-03-01", "listened_h": 4.5, "coverage": "part", "cramps": 1, "flags": [], "text": "SECRET"}


def said(ward: LiveState, what: str, payload: object, at: datetime = NOW, retained: bool = False) -> Bed:
    text = payload if isinstance(payload, str) else json.dumps(payload)
    ward.take(f"nightvoice/bed1/{what}", text.encode(), retained, at)
    return ward.beds()[0]


def test_a_cramp_has_a_beginning_and_an_end() -> None:
    ward = LiveState()
    since = NOW - timedelta(minutes=2)
    bed = said(ward, "episode", {"state": "ON", "since": since.isoformat(), "site": "calf", "side": "left"})
    assert (bed.cramp, bed.site, bed.side) == (since, "calf", "left")
    assert said(ward, "episode", {"state": "OFF"}).cramp is None


def test_a_bed_whose_bridge_is_silent_is_gone_though_the_broker_still_has_its_word() -> None:
    ward = LiveState()
    bed = said(ward, "bridge", "online", retained=True)
    said(ward, "ears", "listening", retained=True)
    assert not bed.gone(NOW)
    assert not bed.deaf(NOW)
    later = NOW + SILENT + timedelta(seconds=1)
    before = ward.version(NOW)
    assert bed.gone(later)
    assert not bed.deaf(later)
    assert ward.version(later) > before
    assert not said(ward, "bridge", "online", later).gone(later)


def test_since_when_is_told_only_where_it_was_seen() -> None:
    ward = LiveState()
    said(ward, "bridge", "online")
    assert said(ward, "ears", "deaf").changed is None
    said(ward, "ears", "listening")
    bed = said(ward, "ears", "deaf")
    assert (bed.deaf(NOW), bed.changed) == (True, NOW)
    later = NOW + timedelta(minutes=1)
    bed = said(ward, "bridge", "offline", later)
    assert (bed.gone(later), bed.deaf(later), bed.changed) == (True, False, later)


def test_a_night_without_listening_is_never_free() -> None:
    ward = LiveState()
    assert said(ward, "bridge", "online").last_night(date(2026, 3, 1)) is None
    deaf = {**NIGHT, "listened_h": 0.0, "coverage": "none", "cramps": 0}
    assert said(ward, "night", deaf).last_night(date(2026, 3, 1)) is None
    bed = said(ward, "night", NIGHT)
    assert bed.last_night(date(2026, 3, 2)) is None  # no news of it
    found = bed.last_night(date(2026, 3, 1))
    assert found is not None
    assert (found["cramps"], "SECRET" in str(found)) == (1, False)


def test_a_bed_that_only_the_database_knows_is_gone() -> None:
    ward = LiveState()
    ward.know(["bed9"])
    assert ward.beds()[0].gone(NOW)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted({*NIGHT, "state"})), inner),
    max_leaves=8,
)


@given(st.sampled_from(TOPICS), st.binary(max_size=40) | ANYTHING.map(lambda value: json.dumps(value).encode()))
def test_nonsense_harms_nobody(topic: str, payload: bytes) -> None:
    ward = LiveState()
    said(ward, "bridge", "online")
    said(ward, "episode", {"state": "ON", "since": NOW.isoformat(), "site": "calf", "side": None})
    ward.take(f"nightvoice/bed1/{topic}", payload, False, NOW)
    ward.take("nightvoice/BED'/bridge", payload, False, NOW)
    (bed,) = ward.beds()
    assert bed.cramp is None or bed.cramp == NOW
    bed.gone(NOW)
    bed.last_night(NOW.date())
