"""Runs services until the process is asked to stop."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, Final

CANCEL_AGAIN_S: Final = 5.0
"""Seconds after which a task that is still running is cancelled again.

Before Python 3.12, ``wait_for`` swallows a cancellation that arrives just as its task finishes. Clean-up takes less.
"""


async def run_until_stopped(*work: Coroutine[Any, Any, None]) -> None:
    """Run ``work`` until Ctrl-C or SIGTERM, then cancel it and wait for its clean-up.

    If one coroutine raises, the others are cancelled, and its exception is raised.
    """
    try:
        async with asyncio.TaskGroup() as tasks:
            started = [tasks.create_task(part) for part in work]
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, _cancel, started)
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None


def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    running = [task for task in tasks if not task.done()]
    for task in running:
        task.cancel()
    if running:
        asyncio.get_running_loop().call_later(CANCEL_AGAIN_S, _cancel, running)
