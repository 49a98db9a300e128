"""Memory of replaced listeners goes back to the system."""

import platform
import subprocess
import sys

import pytest

GLIBC = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps what is freed")


def printed(script: str) -> str:
    """What a script prints in a process of its own: here other threads may give memory back at that moment."""
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=100
    ).stdout


@GLIBC
def test_the_memory_of_replaced_listeners_goes_back_to_the_system() -> None:
    # A small allocation that outlives each listener would keep its memory in the process.
    grown = printed("""
import time
from nightvoice.audio.frames import SILENCE
from nightvoice.listening import restarting

class Large:
    name, idle, input_lost = "large", True, False

    def __init__(self):
        self.held = [b"x" * 50_000 for _ in range(2000)]
        staying.append(b"x" * 50_000)

    def hear(self, frame, state, speaking, question=""):
        return None

staying = []
listener = restarting.RestartingListener(Large, print)
before = restarting.resident_mb()
for _ in range(3):
    listener._age = restarting.MAX_AGE_S
    while listener._age >= restarting.MAX_AGE_S:
        listener.hear(SILENCE, "idle", None)
        time.sleep(0.001)  # without a pause the thread that makes them waits for this one
while listener._age <= 61:
    listener.hear(SILENCE, "idle", None)
print(restarting.resident_mb() - before)
""")
    assert float(grown) < 50


@GLIBC
def test_threads_share_one_heap() -> None:
    told = printed("""
import ctypes
import threading
from nightvoice.system.malloc_trim import limit_to_one_arena
limit_to_one_arena()
thread = threading.Thread(target=lambda: [bytearray(5000) for _ in range(100)])
thread.start()
thread.join()
libc = ctypes.CDLL(None)
libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stdout"))
libc.fflush(None)
""")
    assert told.count("<heap nr=") == 1


def test_memory_is_told_by_the_system() -> None:
    told = printed("""
import numpy
from nightvoice.system.malloc_trim import resident_mb
before = resident_mb()
kept = numpy.ones(40_000_000 // 8)
print(resident_mb() - before)
""")
    assert 30 < float(told) < 60
