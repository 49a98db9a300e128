"""The garbage collector begins after loading, and then works as usual."""

import subprocess
import sys

CODE = """
import gc
from nightvoice.system.garbage import LOADED, collect_after_loading
usual = gc.get_threshold()
collect_after_loading()
before = sum(generation["collections"] for generation in gc.get_stats())
loaded = [[] for _ in range(LOADED // 2)]
print(before == sum(generation["collections"] for generation in gc.get_stats()), gc.get_freeze_count() == 0)
loaded += [[] for _ in range(LOADED)]
print(gc.get_freeze_count() > LOADED // 2, gc.get_threshold() == usual)
"""


def test_what_is_loaded_is_never_searched() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True"] * 4
