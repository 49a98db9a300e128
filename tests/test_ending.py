"""What ends the services."""

import asyncio
import os
import signal

import pytest

from nightvoice import ending


def test_a_cancellation_that_is_swallowed_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending, "AGAIN_S", 0.05)
    swallowed = []

    async def work() -> None:
        asyncio.get_running_loop().call_later(0.05, os.kill, os.getpid(), signal.SIGTERM)
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            swallowed.append(True)
        await asyncio.sleep(30)

    asyncio.run(asyncio.wait_for(ending.until_told_to_end(work()), 20))
    assert swallowed == [True]
