"""A hub that is gone for good: told of, and released."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import psycopg
import pytest

from nightvoice.cli.doctor.check import CheckFailedError
from nightvoice.cli.doctor.ward import hubs
from nightvoice.config.schema import Config
from nightvoice.hub.hub_register import GoneHub
from nightvoice.hub.hub_watch import HubWatch
from nightvoice.hub.live_state import LiveState
from nightvoice.hub.roles import Role
from nightvoice.hub.store import Store
from tests.helpers.waiting import until
from tests.hub.ward import Beds, Start, Stored, Visit, event_messages


def sign_in(stored: Stored, name: str, ago: timedelta) -> None:
    with closing(Store.open(stored.url)) as store:
        store.hubs.sign_in(name)
    with psycopg.connect(stored.url) as connection:
        connection.execute("UPDATE hubs SET seen = now() - %s WHERE name = %s", (ago, name))


@pytest.fixture
def one_gone(stored: Stored) -> Stored:
    """One hub that runs, one that is gone, and one for which the broker keeps nothing any more."""
    for name, ago in (("one", 1), ("two", 60), ("three", 60 * 24 * 8)):
        sign_in(stored, name, timedelta(minutes=ago))
    return stored


def test_doctor_tells(one_gone: Stored) -> None:
    config = Config.model_validate({"hub": {"database": one_gone.url}})
    with pytest.raises(CheckFailedError, match=r"the hub two has not run since .* hub release two$"):
        hubs(config)
    with closing(Store.open(one_gone.url)) as store:
        store.hubs.sign_out("two")
    assert hubs(config) == "one"


def test_the_live_page_changes_when_a_hub_goes_or_comes() -> None:
    live_state, now = LiveState(), datetime.now(UTC)
    versions = [live_state.version(now)]
    for found in ((), (GoneHub("two", now),), (GoneHub("two", now),), ()):
        live_state.set_gone_hubs(found)
        versions.append(live_state.version(now))
    assert [later - earlier for earlier, later in pairwise(versions)] == [0, 1, 0, 1]


def test_without_the_database_the_page_keeps_what_it_knew(one_gone: Stored) -> None:
    live_state, opened = LiveState(), []
    watch = HubWatch(lambda: opened.append(1) or Store.open(one_gone.url), live_state)
    for _ in range(3):
        watch.look()
    assert [hub.name for hub in live_state.gone_hubs] == ["two"]
    assert opened == [1], "the connection is kept"
    watch.close()
    HubWatch(lambda: Store.open("postgresql:///ward?host=/nowhere"), live_state).look()
    assert [hub.name for hub in live_state.gone_hubs] == ["two"]


def test_the_page_tells(one_gone: Stored, visit: Visit) -> None:
    site = visit("anna", Role.WARD)
    until(lambda: "the hub two has not run since" in site.ask("/").text, "the news of the hub")
    assert "hub release two" in site.ask("/").text


def test_what_waits_for_a_hub_is_stored_and_the_broker_keeps_no_more(beds: Beds, start: Start, stored: Stored) -> None:
    hub = start("hub", "--name", "two")
    assert hub.stderr is not None
    assert "connected" in hub.stderr.readline()
    until(lambda: stored.rows("SELECT 1 FROM hubs"), "that the hub signs in")
    hub.terminate()
    hub.wait()
    beds.publish(*event_messages("bed1", range(1, 101)))
    said = start("hub", "release", "two").communicate()[1]
    assert "two: ran minutes ago" in said
    assert stored.events() == []
    sign_in(stored, "two", timedelta(hours=1))
    assert "two is released" in start("hub", "release", "two").communicate()[0]
    assert stored.events() == [("bed1", seq) for seq in range(1, 101)]
    assert stored.rows("SELECT 1 FROM hubs") == []
    beds.publish(*event_messages("bed1", [101]))
    again = start("hub", "--name", "two")
    assert again.stderr is not None
    assert "connected" in again.stderr.readline()
    beds.publish(*event_messages("bed1", [102]))
    until(lambda: ("bed1", 102) in stored.events(), "the next event")
    assert ("bed1", 101) not in stored.events()
