"""Work that goes on until the process is told to end."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, Final

AGAIN_S: Final = 5.0
"""Seconds after which what has not ended is cancelled again: until Python 3.12 a wait_for whose work ends just then
swallows the cancellation. Cleaning up takes less."""


async def until_told_to_end(*work: Coroutine[Any, Any, None]) -> None:
    """Until Ctrl-C or SIGTERM; then all of it is cancelled, and may clean up. What one raises ends the others."""
    try:
        async with asyncio.TaskGroup() as tasks:
            started = [tasks.create_task(part) for part in work]
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, _cancel, started)
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None


def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    waiting = [task for task in tasks if not task.done()]
    for task in waiting:
        task.cancel()
    if waiting:
        asyncio.get_running_loop().call_later(AGAIN_S, _cancel, waiting)
