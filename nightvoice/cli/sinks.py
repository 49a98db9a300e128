"""Prints the events of a night: as JSON lines for programs, as a transcript for people."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from nightvoice.night.settings import Sink


def printing(as_json: bool, began: datetime) -> Sink:
    """Return the sink that prints in the wanted form. ``began``: wall clock of t = 0."""
    if as_json:
        return json_lines
    from nightvoice.cli.console import transcript

    return transcript(began)


def json_lines(event: dict[str, Any]) -> None:
    """Write ``event`` as one line of JSON, unbuffered. A sink."""
    sys.stdout.write(json.dumps(event, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def to_all(sinks: list[Sink]) -> Sink:
    """Return a sink that passes each event to all ``sinks``; a closed output does not end the night."""

    def show(event: dict[str, Any]) -> None:
        for sink in sinks:
            with suppress(OSError):
                sink(event)

    return show
