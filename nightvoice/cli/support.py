"""``nightvoice support``: write one file for bug reports, without private data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

ABOUT = """\
Information for debugging nightvoice. Look through it before you send it.

versions.json      nightvoice, the system, the packages
configuration.txt  which settings were changed, with values only if they are numbers or fixed words
doctor.json        what nightvoice doctor found
log.txt            when things happened (a cramp, a step, an error), without any spoken words

Removed: what was said and heard, names, folders, addresses, and what you told about yourself. There is no diary in it.
"""


def support(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Zip file to write; it must not exist yet.")],
) -> None:
    """Write versions, settings, the doctor's findings and the log to FILE, without words, names, paths or profile."""
    import json
    import os
    import zipfile

    from rich.console import Console

    from nightvoice.cli.diagnostics import configuration, private_texts, versions
    from nightvoice.cli.diary_option import NOTHING_YET, diary_url, missing_file
    from nightvoice.config.reader import ConfigReading, read_config
    from nightvoice.config.schema import Config
    from nightvoice.errors import NightvoiceError, reason

    if file.exists():
        raise NightvoiceError(f"{file}: already exists; name another file")
    try:
        reading = read_config()
    except NightvoiceError as error:
        reading = ConfigReading(Config(), {}, [str(error)])
    secrets = private_texts(reading, _devices())
    with Console(stderr=True).status("running the checks of nightvoice doctor"):
        parts = {
            "README.txt": ABOUT,
            "versions.json": json.dumps(versions(), indent=1),
            "configuration.txt": "".join(f"{line}\n" for line in configuration(reading)),
            "doctor.json": json.dumps(_doctor(secrets), indent=1, ensure_ascii=False),
            "log.txt": _log(secrets),
        }
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
            for name, text in parts.items():
                bundle.writestr(name, text)
    except OSError as error:
        raise NightvoiceError(f"{file}: cannot be written: {reason(error)}") from None
    typer.echo(f"{file}: look through it before you send it. It contains: {', '.join(parts)}")
    if missing_file(diary_url(None, reading.config)):
        typer.echo(NOTHING_YET)


def _devices() -> list[str]:
    from nightvoice.audio.devices.listing import list_devices
    from nightvoice.errors import NightvoiceError

    try:
        return [device.name for device in list_devices()]
    except NightvoiceError:
        return []


def _doctor(secrets: list[str]) -> list[dict[str, Any]]:
    from nightvoice.cli.diagnostics import redact
    from nightvoice.cli.doctor import checks

    return [{"name": check.name, "ok": check.ok, "detail": redact(check.detail, secrets)} for check, _ in checks()]


def _log(secrets: list[str]) -> str:
    from nightvoice.cli.diagnostics import log_lines
    from nightvoice.night.log import KEPT
    from nightvoice.system import paths

    newest = paths.log_file()
    files = [newest.with_name(f"{newest.name}.{age}") for age in range(KEPT, 0, -1)] + [newest]
    lines = [line for file in files if file.exists() for line in file.read_text("utf-8", "replace").splitlines()]
    return "".join(f"{line}\n" for line in log_lines(lines, secrets))
