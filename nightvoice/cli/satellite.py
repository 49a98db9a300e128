"""``nightvoice satellite``: use a microphone and loudspeaker in another room."""

from typing import Annotated

import typer


def satellite(
    host: Annotated[str, typer.Argument(help="Name or address of the satellite in the local network.")],
    port: Annotated[int, typer.Option(help="Port of the satellite.", min=1, max=65535)] = 10700,
) -> None:
    """Connect a Wyoming satellite to this machine's sound server, for nightvoice run to listen and speak through."""
    import asyncio

    from nightvoice.system.extras import require_extra
    from nightvoice.system.shutdown import run_until_stopped

    with require_extra("wyoming"):
        from nightvoice.wyoming.satellite import MICROPHONE, SPEAKER, serve

    typer.echo(f"PULSE_SOURCE={MICROPHONE} PULSE_SINK={SPEAKER} nightvoice run   (Ctrl+C ends it)")
    asyncio.run(run_until_stopped(serve(host, port, lambda line: typer.echo(line, err=True))))
