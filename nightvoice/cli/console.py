"""Prints the events of a night as a transcript, in colour."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from rich.console import Console
from rich.markup import escape

from nightvoice.diary.kinds import EventGroup, kinds_of
from nightvoice.night.settings import Sink


def transcript(began: datetime) -> Sink:
    """Return a sink that prints the dialogue with times, and the diary's entries. ``began``: wall clock of t = 0."""
    console = Console(highlight=False, soft_wrap=True)
    counting = False

    def show(event: dict[str, Any]) -> None:
        nonlocal counting
        if event["event"] == "said" and event["text"].islower():  # numbers counted aloud share a line
            console.print(
                f" {event['text']}" if counting else f"[dim]          {event['text']}[/]", end="", style="dim"
            )
            counting = True
            return
        line = LINES.get(event["event"], _other)(event)
        if line is not None:
            clock = (began + timedelta(seconds=event["t"])).strftime("%H:%M:%S")
            console.print(f"{chr(10) if counting else ''}[dim]{clock}[/]  {line}")
            counting = False

    return show


def heard_line(event: dict[str, Any]) -> None:
    """Print one line of ``nightvoice listen``."""
    Console(highlight=False, soft_wrap=True).print(f"[dim]{event['t']:8.2f}[/]  {LINES[event['event']](event)}")


def _heard(event: dict[str, Any]) -> str:
    slots = " ".join(f"{name}={value}" for name, value in event["slots"].items())
    return f"[bold cyan]heard[/]     {escape(event['text'])}  [dim]{event['intent']} {slots}({event['score']:.2f})[/]"


def _rejected(event: dict[str, Any]) -> str:
    return f"[dim]ignored   {escape(event['text'])} ({event['score']:.2f}): {escape(event['why'])}[/]"


def _said(event: dict[str, Any]) -> str:
    return f"[bold green]says[/]      {escape(event['text'])}"


def _written(event: dict[str, Any]) -> str:
    data = " ".join(f"{k}={v}" for k, v in event.items() if k not in ("t", "event") and v is not None)
    return f"[yellow]diary[/]     [dim]{event['event']} {escape(data)}[/]"


def _listening(event: dict[str, Any]) -> str:
    return f"[bold]listening[/] [dim]with {event['engine']}, voice {event['voice']} · {escape(event['content'])}[/]"


def _profile(event: dict[str, Any]) -> str:
    return f"[yellow]profile[/]   [dim]{event['condition']}: {'yes' if event['holds'] else 'no'}[/]"


def _summary(event: dict[str, Any]) -> str:
    return f"[bold]morning[/]   {escape(event['text'])}"


def _other(event: dict[str, Any]) -> str:
    return f"[bold red]{event['event']}[/] [dim]{escape(str(event.get('why') or ''))}[/]"


def _nothing(event: dict[str, Any]) -> None:
    """Show nothing, since the next event makes it clear."""


RECORDED = kinds_of(EventGroup.EPISODE, EventGroup.EDIT, EventGroup.DAY, EventGroup.STRETCH)
"""Kinds of the diary that the guide records."""
LINES: dict[str, Callable[[dict[str, Any]], str | None]] = {
    "heard": _heard,
    "rejected": _rejected,
    "said": _said,
    "interrupted": _nothing,
    "listening": _listening,
    "summary": _summary,
    "profile": _profile,
    **dict.fromkeys(sorted(RECORDED), _written),
}
"""Formatter by kind of event; other kinds are problems (``_other``)."""
