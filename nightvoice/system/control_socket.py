"""Orders from other programs on this device to a running ``nightvoice run``.

They arrive through a Unix datagram socket writable only by its owner, so the listener opens no internet socket.
Messages other than the words of ``Order`` are ignored.
"""

import os
import socket
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Final, Self

MAX_ORDERS: Final = 8
"""Most orders returned by one call of ``receive``."""


class Order(StrEnum):
    """A request from another program to ``nightvoice run``."""

    START_GUIDANCE = "start_guidance"
    GOOD_NIGHT = "good_night"
    MUTE = "mute"
    CONTACT_REACHED = "contact_reached"
    """A message reached the contact; it is already in the diary."""
    CONTACT_NOT_REACHED = "contact_not_reached"


BUTTONS: Final = (Order.START_GUIDANCE, Order.GOOD_NIGHT, Order.MUTE)
"""Orders that a person may give by a button, for example in Home Assistant."""


class ControlSocket:
    """The receiving end of the control socket."""

    def __init__(self, file: Path) -> None:
        """Raises OSError if the socket cannot be created."""
        self._file = file
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        old = os.umask(0o177)
        try:
            self._socket.bind(str(file))
        except BaseException:
            self._socket.close()
            raise
        finally:
            os.umask(old)

    @classmethod
    def open(cls, file: Path) -> Self | None:
        """Open the socket; None if it cannot be created, since the night must go on without buttons."""
        try:
            return cls(file)
        except OSError:
            return None

    def receive(self) -> list[Order]:
        """Return the orders since the last call, oldest first, without waiting."""
        orders = []
        with suppress(OSError):
            for _ in range(MAX_ORDERS):
                word = self._socket.recv(64)
                with suppress(ValueError):  # not an order
                    orders.append(Order(word.decode(errors="replace")))
        return orders

    def close(self) -> None:
        """Stop receiving and remove the socket."""
        self._socket.close()
        self._file.unlink(missing_ok=True)


def send_order(order: Order, file: Path) -> bool:
    """Send ``order`` and return whether a running ``nightvoice run`` received it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        try:
            sender.sendto(order.encode(), str(file))
        except OSError:
            return False
    return True
