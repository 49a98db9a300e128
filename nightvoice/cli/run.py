"""``nightvoice run``: the night itself."""

from typing import Annotated

import typer

ENDS_WITHIN_S = 8
"""Seconds after which it ends by force once it was told to end."""
OPEN_S = 20
"""How long the diary may take to open, and to be brought up to date, before the night begins without it."""


def run(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show nothing; the log tells what happened.")] = False,
    diary: Annotated[str | None, typer.Option(help="Write into this diary instead of the configured one.")] = None,
    input_device: Annotated[str | None, typer.Option(help="Microphone: part of its name, or its number.")] = None,
    output_device: Annotated[str | None, typer.Option(help="Loudspeaker: part of its name, or its number.")] = None,
) -> None:
    """Listen for a cramp, and lead out of it. Ends with Ctrl-C."""
    import faulthandler
    import signal
    from contextlib import closing, nullcontext
    from datetime import datetime

    from nightvoice import assembly
    from nightvoice.audio.debug_recording import DebugRecording
    from nightvoice.audio.live import LiveRoom
    from nightvoice.cli import console
    from nightvoice.cli.diary_option import diary_url
    from nightvoice.config.reader import load_config
    from nightvoice.diary.errors import DiaryUnavailable
    from nightvoice.listening.near_misses import NearMisses
    from nightvoice.listening.restarting import RestartingListener
    from nightvoice.system import paths
    from nightvoice.system.clock import LOCAL, ClockWatch
    from nightvoice.system.control_socket import ControlSocket
    from nightvoice.system.night_log import NightLog
    from nightvoice.system.sd_notify import SystemdNotifier

    config = load_config()
    service = SystemdNotifier()
    log = NightLog(paths.log_file(), words=config.log.words)
    journal = assembly.open_journal(diary_url(diary, config))
    try:
        journal.ask(lambda diary: diary.name, patience=OPEN_S)
    except DiaryUnavailable as error:
        log.trouble(str(error))  # guidance does not wait for a disk; the journal tries again
    ears = RestartingListener(lambda: assembly.make_ears(config), log.trouble)
    recording = DebugRecording(paths.recording_dir(), config.recording.minutes)
    room = LiveRoom(
        _device(input_device) if input_device else config.audio.input_device,
        _device(output_device) if output_device else config.audio.output_device,
        recording.push,
    )

    def end(*_: object) -> None:
        room.end()
        # Whatever hangs then, the program ends, and says where it hung.
        faulthandler.dump_traceback_later(ENDS_WITHIN_S, exit=True)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    began = datetime.now(LOCAL)
    shown = [] if quiet else [console.json_lines if as_json else console.transcript(began)]
    near_misses = NearMisses(paths.near_misses_file())
    near_misses.forget_old(began)
    sink = console.to_all([log.event, near_misses.sink(began), *shown])
    orders = ControlSocket.open(paths.orders_socket())
    if orders is None:
        log.trouble(f"{paths.orders_socket()} cannot be made: no buttons tonight, and no news of messages")
    take = orders.received if orders else list
    service.ready()
    with closing(orders) if orders else nullcontext(), closing(recording), closing(room), closing(journal):
        try:
            assembly.make_assistant(
                config, room, ears, journal, began, sink,
                drift=ClockWatch(), alive=service.alive, orders=take, keep_profile=True,
                notice="recording" if recording.minutes else None,
            ).run()  # fmt: skip
        finally:
            service.stopping()


def _device(text: str) -> str | int:
    return int(text) if text.isdecimal() else text
