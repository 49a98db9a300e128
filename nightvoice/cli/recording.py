"""``nightvoice recording``: show or delete sound kept for debugging."""

from typing import Annotated

import typer


def recording(
    delete: Annotated[bool, typer.Option("--delete", help="Delete all recorded sound.")] = False,
) -> None:
    """Show whether and where sound is kept for debugging, or delete it."""
    from nightvoice.audio.debug_recording import recorded_files
    from nightvoice.config.reader import load_config
    from nightvoice.errors import NightvoiceError, reason
    from nightvoice.system import paths
    from nightvoice.system.counting import plural

    folder, minutes = paths.recording_dir(), load_config().recording.minutes
    files = recorded_files(folder)
    state = f"on, the last {plural(minutes, 'minute')} (recording.minutes)" if minutes else "off (recording.minutes: 0)"
    typer.echo(f"Keeping sound for debugging is {state}.")
    if not delete:
        typer.echo(
            f"{folder}: {plural(len(files), 'file')}, a minute each" if files else f"{folder}: no sound is kept there."
        )
        return
    try:
        for file in files:
            file.unlink(missing_ok=True)
    except OSError as error:
        raise NightvoiceError(f"{file}: cannot be deleted: {reason(error)}") from None
    typer.echo(f"{folder}: {plural(len(files), 'file is', 'files are')} deleted.")
