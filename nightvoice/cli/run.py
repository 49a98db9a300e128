"""``nightvoice run``: the night itself."""

from typing import Annotated

import typer

ENDS_WITHIN_S = 8
"""Seconds after which it ends by force once it was told to end."""


def run(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    diary: Annotated[str | None, typer.Option(help="Write into this diary instead of the configured one.")] = None,
    input_device: Annotated[str | None, typer.Option(help="Microphone: part of its name, or its number.")] = None,
    output_device: Annotated[str | None, typer.Option(help="Loudspeaker: part of its name, or its number.")] = None,
) -> None:
    """Listen for a cramp, and lead out of it. Ends with Ctrl-C."""
    import faulthandler
    import signal
    from datetime import datetime

    from nightvoice import paths
    from nightvoice.audio.live import LiveRoom
    from nightvoice.cli import show, wiring
    from nightvoice.clock import LOCAL
    from nightvoice.config import load_config
    from nightvoice.diary.store import Diary

    config = load_config()
    book = Diary.open(diary or config.diary.url or paths.diary_url())
    ears = wiring.make_ears(config)
    room = LiveRoom(
        _device(input_device) if input_device else config.audio.input_device,
        _device(output_device) if output_device else config.audio.output_device,
    )

    def end(*_: object) -> None:
        room.end()
        # Whatever hangs then, the program ends, and says where it hung.
        faulthandler.dump_traceback_later(ENDS_WITHIN_S, exit=True)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    began = datetime.now(LOCAL)
    sink = show.json_lines if as_json else show.transcript(began)
    try:
        wiring.make_assistant(config, room, ears, book, began, sink).run()
    finally:
        book.close()
        room.close()


def _device(text: str) -> str | int:
    return int(text) if text.isdecimal() else text
