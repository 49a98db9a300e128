"""``nightvoice wyoming``: run a wake service for other voice assistants."""

from typing import Annotated

import typer


def wyoming(
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 serves the whole local network.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 10400,
) -> None:
    """Wake Home Assistant's satellites on "I have a cramp": a Wyoming wake service, for the local network only."""
    import asyncio
    from contextlib import suppress
    from functools import partial

    from nightvoice import assembly
    from nightvoice.config.reader import load_config
    from nightvoice.errors import NightvoiceError, reason
    from nightvoice.system.extras import require_extra

    with require_extra("wyoming"):
        from nightvoice.wyoming.wake import serve

    config = load_config()
    build_pipeline = partial(assembly.build_pipeline, config, cramps_only=True)
    build_pipeline()  # report errors now, not at night
    typer.echo(f"tcp://{host}:{port}  (Ctrl+C ends it)")
    try:
        with suppress(KeyboardInterrupt):
            asyncio.run(serve(host, port, build_pipeline, config.language))
    except OSError as error:
        raise NightvoiceError(f"cannot listen on {host}:{port}: {reason(error)}") from None
