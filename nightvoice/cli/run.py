"""``nightvoice run``: listen for cramps and guide through them."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from nightvoice.audio.devices.spec import DeviceSpec
    from nightvoice.audio.live import LiveAudio
    from nightvoice.config.schema import Config

ENDS_WITHIN_S = 8
"""Seconds allowed for stopping before the process is killed."""
OPEN_S = 20
"""Seconds to wait for the diary to open and migrate before the night starts without it."""


def run(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per line.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing; events still go to the log.")] = False,
    diary: Annotated[
        str | None, typer.Option(help="Diary to write to instead of the configured one: a path or a database URL.")
    ] = None,
    input_device: Annotated[str | None, typer.Option(help="Microphone: part of its name, or its number.")] = None,
    output_device: Annotated[str | None, typer.Option(help="Loudspeaker: part of its name, or its number.")] = None,
) -> None:
    """Listen for a cramp and guide you out of it. Runs until Ctrl-C."""
    from nightvoice.cli.diary_option import diary_url
    from nightvoice.config.reader import load_config
    from nightvoice.night.bedside import sole_listener

    config = load_config()
    url = diary_url(diary, config)
    devices = (
        _device(input_device) if input_device else config.audio.input_device,
        _device(output_device) if output_device else config.audio.output_device,
    )
    with sole_listener("nightvoice run", url):
        _listen(config, url, devices, as_json, quiet)


def _listen(config: "Config", url: str, devices: "tuple[DeviceSpec, DeviceSpec]", as_json: bool, quiet: bool) -> None:
    """Listen until a signal ends it."""
    from contextlib import closing, nullcontext
    from datetime import datetime

    from nightvoice import assembly
    from nightvoice.audio.debug_recording import DebugRecording
    from nightvoice.audio.live import LiveAudio
    from nightvoice.audio.ports import AudioPorts
    from nightvoice.cli.diary_option import written_at_end
    from nightvoice.cli.sinks import printing, to_all
    from nightvoice.listening.near_misses import NearMisses
    from nightvoice.listening.restarting import RestartingListener
    from nightvoice.night.log import NightLog
    from nightvoice.night.settings import Hooks
    from nightvoice.storage.errors import StorageUnavailable
    from nightvoice.system import paths
    from nightvoice.system.clock import LOCAL, ClockWatch
    from nightvoice.system.control_socket import ControlSocket
    from nightvoice.system.sd_notify import SystemdNotifier

    service = SystemdNotifier()
    log = NightLog(paths.log_file(), words=config.log.words)
    journal = assembly.open_diary(url, config.daily.night_ends)
    try:
        journal.query(lambda diary: diary.name, timeout=OPEN_S)
    except StorageUnavailable as error:
        log.trouble(str(error))  # guidance must not wait for the disk; the diary retries
    listener = RestartingListener(lambda: assembly.build_pipeline(config, report=log.trouble), log.trouble)
    recording = DebugRecording(paths.recording_dir(), config.recording.minutes)
    live = LiveAudio(*devices, recording.push, log.trouble)
    _end_on_signal(live)
    began = datetime.now(LOCAL)
    shown = [] if quiet else [printing(as_json, began)]
    near_misses = NearMisses(paths.near_misses_file())
    near_misses.prune(began)
    sink = to_all([log.event, near_misses.sink(began), *shown])
    orders = ControlSocket.open(paths.control_socket_file())
    if orders is None:
        log.trouble(f"{paths.control_socket_file()} cannot be created: no buttons tonight, and no news of messages")
    take = orders.receive if orders else list
    service.ready()
    with (
        closing(orders) if orders else nullcontext(),
        closing(recording),
        closing(live),
        written_at_end(journal),
    ):
        try:
            settings = assembly.night_settings(config, began, notice="recording" if recording.minutes else None)
            hooks = Hooks(sink, service.alive, take, assembly.keep_condition, assembly.help_numbers, ClockWatch())
            audio = AudioPorts(live, assembly.build_speaker(config, live.queue))
            assembly.build_assistant(config, audio, listener, journal, settings, hooks).run()
        finally:
            service.stopping()


def _end_on_signal(live: "LiveAudio") -> None:
    import faulthandler
    import signal

    def end(*_: object) -> None:
        live.end()
        # If stopping hangs, print where and exit.
        faulthandler.dump_traceback_later(ENDS_WITHIN_S, exit=True)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)


def _device(text: str) -> str | int:
    return int(text) if text.isdecimal() else text
