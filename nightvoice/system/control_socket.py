"""Orders from other programs of this device to a running ``nightvoice run``.

By a Unix datagram socket that only its owner may write to: the ear opens no internet socket, and what comes is one of a
few words, or is thrown away.
"""

import os
import socket
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Final, Self

AT_ONCE: Final = 8
"""Orders that are taken in one go."""


class Order(StrEnum):
    """What may be asked of it."""

    START_GUIDANCE = "start_guidance"
    GOOD_NIGHT = "good_night"
    MUTE = "mute"
    CONTACT_REACHED = "contact_reached"
    """The contact has a message; written in the diary already."""
    CONTACT_NOT_REACHED = "contact_not_reached"


BUTTONS: Final = (Order.START_GUIDANCE, Order.GOOD_NIGHT, Order.MUTE)
"""What somebody may press elsewhere in the house."""


class ControlSocket:
    """The end that listens."""

    def __init__(self, file: Path) -> None:
        """Raises OSError where the socket cannot be made."""
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
        """None where the socket cannot be made: the night goes on without buttons."""
        try:
            return cls(file)
        except OSError:
            return None

    def received(self) -> list[Order]:
        """What came since the last call, in order; never waits."""
        orders = []
        with suppress(OSError):
            for _ in range(AT_ONCE):
                word = self._socket.recv(64)
                with suppress(ValueError):  # no order of ours
                    orders.append(Order(word.decode(errors="replace")))
        return orders

    def close(self) -> None:
        """Nobody is listened to any more."""
        self._socket.close()
        self._file.unlink(missing_ok=True)


def give(order: Order, file: Path) -> bool:
    """Send ``order``; whether somebody is there to take it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        try:
            sender.sendto(order.encode(), str(file))
        except OSError:
            return False
    return True
