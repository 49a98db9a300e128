"""Messages to the contact through the real Apprise to a real HTTP server, and their results in the diary."""

import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from nightvoice.bridge.apprise_sender import apprise_senders
from nightvoice.bridge.calls import cause_of
from nightvoice.diary.event import Event
from nightvoice.diary.store import Diary
from nightvoice.errors import NightvoiceError
from nightvoice.system import paths
from nightvoice.system.control_socket import ControlSocket, Order
from tests.bridge.following import HELP, following, results
from tests.helpers.broker import Bridge
from tests.helpers.waiting import until


class Contact:
    """A server that accepts JSON messages while it is ``there``."""

    def __init__(self) -> None:
        self.messages: list[dict[str, str]] = []
        self.attempts = 0
        self.there = True
        contact = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                contact.attempts += 1
                if contact.there:
                    contact.messages.append(body)
                self.send_response(200 if contact.there else 503)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"json://127.0.0.1:{self.server.server_port}/"


@pytest.fixture
def contact() -> Iterator[Contact]:
    contact = Contact()
    yield contact
    contact.server.shutdown()


def follows(diary: Diary) -> bool:
    """Whether the bridge follows the log: it has written its bookmark."""
    return (paths.data_dir() / "bridge_notify.json").exists()


def test_help_and_danger_reach_the_contact_and_the_voice_may_say_so(
    diary: Diary, contact: Contact, bridge: Bridge
) -> None:
    now = datetime.now().astimezone()
    diary.append("heard", now - timedelta(hours=1), HELP)  # before the bridge was started
    orders = ControlSocket(paths.control_socket_file())
    bridge(notify__url=contact.url, bridge__bed="grandma")
    until(lambda: follows(diary), "the bridge")
    diary.append("heard", now, {**HELP, "intent": "cramp"})
    diary.append("heard", now, {**HELP, "intent": "commands"})  # "what can I say?" is no call for help
    diary.append("flag", now, {"flag": "numbness", "action": "doctor"})
    diary.append("heard", now, HELP)
    diary.append("heard", now, HELP)  # again: no second message
    diary.append("flag", now, {"flag": "chest", "action": "emergency"})
    until(lambda: len(results(diary)) == 3, "the results")
    assert sorted(results(diary)) == [("danger", True), ("help", True), ("help", True)]
    assert [message["title"] for message in contact.messages] == ["nightvoice: grandma"] * 2
    help_, danger = sorted((message["message"] for message in contact.messages), key=lambda text: "needed" in text)
    assert f"{now:%H:%M}" in help_
    assert "asked for help" in help_
    assert "chest" not in danger
    received: list[Order] = []
    until(lambda: received.extend(orders.receive()) or len(received) == 3, "the orders")
    assert set(received) == {Order.CONTACT_REACHED}
    orders.close()


def test_only_causes_that_are_switched_on_notify_the_contact(diary: Diary, contact: Contact, bridge: Bridge) -> None:
    bridge(notify__url=contact.url, notify__help="no")
    until(lambda: follows(diary), "the bridge")
    diary.append("heard", datetime.now().astimezone(), HELP)
    diary.append("flag", datetime.now().astimezone(), {"flag": "chest", "action": "emergency"})
    until(lambda: results(diary), "the result")
    assert results(diary) == [("danger", True)]
    assert contact.attempts == 1


def test_an_unreachable_contact_is_tried_again_and_both_results_are_recorded(diary: Diary, contact: Contact) -> None:
    contact.there = False
    given: list[Order] = []

    def order(order: Order) -> bool:
        given.append(order)
        contact.there = True
        return True

    (send,) = apprise_senders([contact.url])
    with following(diary, send, order=order):
        diary.append("heard", datetime.now().astimezone(), HELP)
        until(lambda: len(results(diary)) == 2, "both results")
    assert results(diary) == [("help", False), ("help", True)]
    assert given == [Order.CONTACT_NOT_REACHED, Order.CONTACT_REACHED]
    assert contact.messages[0]["title"] == "nightvoice: bed"


def test_each_url_is_an_address_of_its_own() -> None:
    assert len(apprise_senders(["json://127.0.0.1:1/, json://127.0.0.1:2/", "json://127.0.0.1:3/"])) == 3


def test_the_error_about_a_wrong_address_does_not_quote_it() -> None:
    with pytest.raises(NightvoiceError, match="address 1") as error:
        apprise_senders(["nonsense:SECRET"])
    assert "SECRET" not in str(error.value)


def test_a_false_alarm_causes_no_message() -> None:
    sign = {"flag": "chest", "action": "emergency"}
    at = datetime.now().astimezone()
    statuses = {None: "danger", "unconfirmed": "danger", "withdrawn": None}
    for status, cause in statuses.items():
        event = Event(1, at, at.date(), None, "flag", sign | {"status": status})
        assert cause_of(event) == cause


@pytest.mark.parametrize(
    ("action", "answered", "cause"),
    [
        ("urgent", None, "danger"),
        ("urgent", True, None),
        ("emergency", True, "danger"),
    ],
)
def test_who_is_not_sure_causes_a_message_only_in_a_possible_emergency(
    action: str, answered: bool | None, cause: str | None
) -> None:
    at = datetime.now().astimezone()
    sign = {"flag": "clot", "action": action, "status": "unconfirmed", "answered": answered}
    assert cause_of(Event(1, at, at.date(), None, "flag", sign)) == cause
