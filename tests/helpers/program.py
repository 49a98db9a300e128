"""The installed program as a process in the virtual bedroom: its events as they come."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.helpers.virtual_room import VirtualRoom
from tests.helpers.waiting import PATIENCE_S

Event = dict[str, Any]
NIGHTVOICE = (sys.executable, "-m", "nightvoice")


class Program:
    """``nightvoice run --json`` with ``diary``; ends as with Ctrl-C when left. ``before``: words of a tracer."""

    def __init__(self, room: VirtualRoom, diary: Path, *arguments: str, before: Sequence[str] = ()) -> None:
        self.events: list[Event] = []
        self._arrived: queue.Queue[Event] = queue.Queue()
        # The prompts were rendered at set-up: their cache is the one of this machine.
        cache = os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))
        self._process = subprocess.Popen(
            [*before, *NIGHTVOICE, "run", "--json", "--diary", str(diary), *arguments],
            env=room.env | {"XDG_CACHE_HOME": cache, "PYTHONFAULTHANDLER": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self.end()

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_for(self, name: str, seconds: float = PATIENCE_S, **fields: Any) -> Event:
        """The next event of that name (and fields), or an AssertionError that shows what came instead."""
        seen: list[Event] = []
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                event = self._arrived.get(timeout=left)
            except queue.Empty:
                break
            seen.append(event)
            if event["event"] == name and fields.items() <= event.items():
                return event
        errors = self._process.stderr.read() if self._process.poll() is not None and self._process.stderr else ""
        raise AssertionError(f"no {name} {fields} in {seconds} s; there came {seen} {errors}")

    def end(self) -> int:
        """Ask it to stop; return its exit code."""
        self._process.terminate()
        try:
            code = self._process.wait(60)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it does not end; it is at:\n{self._stacks()}") from None
        self._reader.join(5)
        return code

    def _stacks(self) -> str:
        """Where every thread is (faulthandler shows it at SIGABRT)."""
        assert self._process.stderr is not None
        self._process.send_signal(signal.SIGABRT)
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
        return self._process.stderr.read()

    def kill(self) -> None:
        """The plug is pulled."""
        self._process.kill()
        self._process.wait()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            event = json.loads(line)
            self.events.append(event)
            self._arrived.put(event)
