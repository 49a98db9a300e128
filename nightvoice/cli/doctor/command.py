"""``nightvoice doctor``: check that nightvoice is ready for the night."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from nightvoice.cli.doctor.check import CheckResult


def doctor(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of lines.")] = False,
    aloud: Annotated[bool, typer.Option("--aloud", help="Also play a sound and ask you to say the phrase.")] = False,
) -> None:
    """Check microphone, loudspeaker, recognition, voice, disk and diary; exit 1 if the night is at risk."""
    from dataclasses import asdict
    from json import dumps

    from nightvoice.cli.doctor import checks
    from nightvoice.cli.doctor.aloud import health_checks

    ok, done, deaf = True, [], False
    for check, vital in checks(health_checks() if aloud else ()):
        ok = ok and (check.ok or not vital)
        done.append(asdict(check))
        deaf = deaf or (check.name == "microphone" and not check.ok)
        if not json and not (deaf and check.name in ("level", "pace")):  # one fault, one line
            _print(check)
    if json:
        typer.echo(dumps({"ok": ok, "checks": done}, ensure_ascii=False))
    else:
        _print_verdict(ok, done)
    raise typer.Exit(0 if ok else 1)


def _print_verdict(ok: bool, done: list[dict[str, Any]]) -> None:
    if not ok:
        typer.echo("Not ready for the night: mend what is marked ✗, from the top.")
    elif not all(check["ok"] for check in done):
        typer.echo("Ready for the night, though not all is well.")
    else:
        typer.echo("Ready for the night.")


def _print(check: CheckResult) -> None:
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False, soft_wrap=True)
    mark = "[green]✓[/] " if check.ok else "[red]✗[/] "
    console.print(f"{mark}[bold]{check.name}[/]: {escape(check.detail)}")
    if check.advice:
        console.print(f"  → {escape(check.advice)}")
