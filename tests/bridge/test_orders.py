"""Orders to a running night: who may give them and what they do."""

import socket
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from nightvoice import assembly
from nightvoice.config.reader import load_config
from nightvoice.diary.store import Diary
from nightvoice.night.settings import Hooks
from nightvoice.rehearsal.script import NightScript
from nightvoice.system.clock import LOCAL
from nightvoice.system.control_socket import ControlSocket, Order, send_order

BEGAN = datetime(2026, 3, 1, 22, 30, tzinfo=LOCAL)


def night(diary: Diary, until: float, orders: dict[float, Order], *said: tuple[float, str]) -> list[dict[str, Any]]:
    """The events of a scripted night with orders at the given times (s)."""
    config = load_config()
    script = NightScript.model_validate({"until": until, "night": [{"at": at, "say": words} for at, words in said]})
    events, waiting = list[dict[str, Any]](), dict(orders)
    ticks = iter(range(1_000_000))

    def due() -> list[Order]:
        t = next(ticks) * 0.032
        return [waiting.pop(at) for at in list(waiting) if at <= t]

    assembly.rehearse(config, script, diary, BEGAN, Hooks(events.append, orders=due))
    return events


def texts(events: list[dict[str, Any]]) -> list[str]:
    return [event["text"] for event in events if event["event"] == "said"]


def test_only_the_owner_may_give_orders_and_only_known_ones(home: Path) -> None:
    file = home / "state" / "orders"
    orders = ControlSocket(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        for junk in (b"", b"rm -rf /", b"\xff\xfe", b"x" * 5000):
            sender.sendto(junk, str(file))
    assert send_order(Order.MUTE, file)
    assert orders.receive() == [Order.MUTE]
    assert orders.receive() == []
    orders.close()
    assert not send_order(Order.MUTE, file)


def test_a_socket_left_behind_is_replaced(home: Path) -> None:
    file = home / "orders"
    ControlSocket(file)
    second = ControlSocket(file)
    assert send_order(Order.GOOD_NIGHT, file)
    assert second.receive() == [Order.GOOD_NIGHT]
    second.close()


def test_a_socket_that_cannot_be_created_means_no_buttons(home: Path) -> None:
    (home / "file").write_text("")
    assert ControlSocket.open(home / "file" / "orders") is None
    assert ControlSocket.open(home / ("long" * 30)) is None


def test_one_button_begins_an_episode_and_another_ends_it(diary: Diary) -> None:
    events = night(diary, 60, {5: Order.START_GUIDANCE, 6: Order.START_GUIDANCE, 20: Order.MUTE})
    kinds = [event["event"] for event in events]
    assert kinds.count("episode_opened") == 1
    assert next(event for event in events if event["event"] == "episode_closed")["outcome"] == "stopped"
    assert [event.data["order"] for event in diary.events() if event.kind == "ordered"] == [
        "start_guidance",
        "start_guidance",
        "mute",
    ]


def test_good_night_asks_about_the_day(diary: Diary) -> None:
    spoken = texts(night(diary, 20, {3: Order.GOOD_NIGHT}))
    assert any(text.endswith("?") for text in spoken)


@pytest.mark.parametrize(
    ("order", "words"),
    [(Order.CONTACT_REACHED, "contact has the message"), (Order.CONTACT_NOT_REACHED, "could not reach your contact")],
)
def test_the_voice_says_whether_the_message_arrived(diary: Diary, order: Order, words: str) -> None:
    said = (5.0, "i have a cramp in my left calf"), (12.0, "my leg is swollen and hot")
    spoken = texts(night(diary, 60, {14: order}, *said))
    assert any(words in text for text in spoken)
    assert not any(words in text for text in texts(night(diary, 60, {}, *said)))


def test_news_of_the_contact_interrupts_no_sentence(diary: Diary) -> None:
    flagged = night(diary, 60, {13: Order.CONTACT_REACHED}, (5.0, "i have a cramp"), (12.0, "i have chest pain"))
    after = [event["event"] for event in flagged if event["t"] > 12.9]
    assert "interrupted" not in after
    assert any("contact" in text for text in texts(flagged))
