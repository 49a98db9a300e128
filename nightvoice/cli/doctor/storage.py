"""Checks of disk, diary and recording, and of last night's listening."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nightvoice.cli.diary_option import diary_url, missing_file
from nightvoice.cli.doctor.check import CheckFailedError

if TYPE_CHECKING:
    from datetime import timedelta
    from pathlib import Path

    from nightvoice.config.schema import Config

MIN_FREE_BYTES = 100_000_000
"""Free space that certainly suffices for the night."""


def disk(_config: Config) -> str:
    import shutil

    from nightvoice.system import paths

    folder = _existing(paths.data_dir())
    free = shutil.disk_usage(folder).free
    if free < MIN_FREE_BYTES:
        raise CheckFailedError(f"{folder}: only {free / 1e6:.0f} MB are free")
    return f"{folder}: {free / 1e9:.1f} GB are free"


def diary(config: Config) -> str:
    import os
    from pathlib import Path

    from nightvoice.diary.connect import MIGRATIONS
    from nightvoice.diary.store import Diary
    from nightvoice.storage.migrations import newest

    url = diary_url(None, config)
    if missing := missing_file(url):
        folder = _existing(missing.parent)
        if not (folder.is_dir() and os.access(folder, os.W_OK)):
            raise CheckFailedError(f"{missing}: {folder} is not a folder that you may write to")
        return f"{missing}: begins with the first night"
    with Diary.open(url) as diary:
        file = Path(diary.name)
        size = f", {file.stat().st_size / 1e3:.0f} kB" if file.is_file() else ""
        return f"{diary.name}, version {newest(MIGRATIONS)}{size}"


def unwritten(config: Config) -> str:
    from nightvoice.diary.spool import spool_of

    if waiting := spool_of(diary_url(None, config)).waiting():
        raise CheckFailedError(waiting)
    return "none"


def damaged_diaries(config: Config) -> str:
    from nightvoice.diary.connect import sqlite_file
    from nightvoice.diary.write_behind import quarantined

    file = sqlite_file(diary_url(None, config))
    found = quarantined(file) if file else []
    if found:
        names = ", ".join(map(str, found))
        raise CheckFailedError(f"set aside, and a new one begun; nothing was deleted: {names}", vital=False)
    return "none"


def recording(config: Config) -> str:
    """Fail if sound is recorded or stored, so that it is not overlooked."""
    from nightvoice.audio.debug_recording import recorded_files
    from nightvoice.system import paths
    from nightvoice.system.counting import plural

    minutes, files = config.recording.minutes, recorded_files(paths.recording_dir())
    size = sum(file.stat().st_size for file in files) / 1e6
    there = f"{plural(len(files), 'minute')} of sound ({size:.0f} MB) in {paths.recording_dir()}"
    if minutes:
        raise CheckFailedError(
            f"on: the last {plural(minutes, 'minute of sound is', 'minutes of sound are')} kept; {there}", vital=False
        )
    if files:
        raise CheckFailedError(f"off, but {there}", vital=False)
    return "off: no sound is kept"


def last_night(config: Config) -> str:
    from datetime import datetime, timedelta

    from nightvoice.diary.store import Diary
    from nightvoice.insight.night import NEGLIGIBLE_GAPS, last_night
    from nightvoice.system.clock import LOCAL

    url = diary_url(None, config)
    if missing_file(url):
        return "it did not listen"
    with Diary.open(url) as diary:
        night = diary.night(last_night(datetime.now(LOCAL), diary.night_end()))
    if not night.listened:
        return "it did not listen"
    listened = f"listened for {_length(night.listened)}"
    deaf = sum((gap.duration for gap in night.gaps), timedelta())
    if deaf < NEGLIGIBLE_GAPS:
        return f"{listened}, without a gap"
    longest = max(night.gaps, key=lambda gap: gap.duration)
    raise CheckFailedError(
        f"{listened}, deaf for {_length(deaf)} in {len(night.gaps)} gaps, the longest from "
        f"{longest.start:%H:%M} to {longest.end:%H:%M}",
        vital=False,
    )


def _existing(folder: Path) -> Path:
    """Return ``folder`` or its nearest existing parent."""
    return next(place for place in (folder, *folder.parents) if place.exists())


def _length(duration: timedelta) -> str:
    hours, minutes = divmod(round(duration.total_seconds() / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
