"""Services end when they are asked to."""

import subprocess
import sys

WORK = """
import asyncio, os, signal
from nightvoice.system import shutdown

shutdown.CANCEL_AGAIN_S = 0.05

async def work():
    asyncio.get_running_loop().call_later(0.05, os.kill, os.getpid(), signal.SIGTERM)
    try:
        await asyncio.sleep(30)
    except asyncio.CancelledError:
        print("swallowed", flush=True)
    await asyncio.sleep(30)

asyncio.run(shutdown.run_until_stopped(work()))
print("ended")
"""


def test_a_cancellation_that_is_swallowed_comes_again() -> None:
    # In a process of its own: signals are its main thread's, where Playwright's event loop may be running.
    result = subprocess.run([sys.executable, "-c", WORK], capture_output=True, text=True, timeout=25, check=False)
    assert result.stdout.splitlines() == ["swallowed", "ended"], result.stderr
