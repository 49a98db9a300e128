"""The notifier in a thread of the test, with addresses that are functions and a clock that can be set."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from nightvoice.bridge.bookmark import Bookmark
from nightvoice.bridge.calls import Send
from nightvoice.bridge.notify import Notifier
from nightvoice.content.home import load_home
from nightvoice.diary.store import Diary
from nightvoice.system import paths
from nightvoice.system.clock import elapsed_seconds
from nightvoice.system.control_socket import Order

HELP = {"intent": "help", "slots": {}, "score": 1.0, "engine": "e"}
DANGER = {"flag": "chest", "action": "emergency"}


class SetClock:
    """A clock that can be set, and elapsed time that can be skipped."""

    def __init__(self) -> None:
        self.set_forward = timedelta()
        self.skipped = 0.0

    def now(self) -> datetime:
        return datetime.now(UTC) + self.set_forward

    def elapsed(self) -> float:
        return elapsed_seconds() + self.skipped


def results(diary: Diary) -> list[tuple[str, bool]]:
    return [(event.data["cause"], event.data["reached"]) for event in diary.events() if event.kind == "notified"]


def bookmark(diary: Diary) -> Bookmark:
    return Bookmark(paths.data_dir() / "position.json", diary, from_now=True)


@contextmanager
def following(
    diary: Diary,
    *sends: Send,
    order: Callable[[Order], bool] = bool,
    clock: SetClock | None = None,
    report: Callable[[str], None] = str,
) -> Iterator[None]:
    """Follow ``diary`` from its bookmark on, with short delays, until the block ends."""
    clock, causes = clock or SetClock(), frozenset({"help", "danger"})
    notifier = Notifier(
        diary, bookmark(diary), sends, load_home(), "bed", causes, order, report,
        retry_delays_s=(0.02,), report_failure_after=timedelta(0), now=clock.now, elapsed=clock.elapsed,
    )  # fmt: skip
    loop = asyncio.new_event_loop()
    task = loop.create_task(notifier.run())
    thread = threading.Thread(target=lambda: loop.run_until_complete(asyncio.wait([task])))
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join()
        loop.close()
