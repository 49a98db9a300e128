"""``nightvoice support``: one file to send to somebody who helps, with nothing private in it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

ABOUT = """\
For whoever helps to find a fault in nightvoice. Look through it before you send it.

versions.json      nightvoice, the system, the packages
configuration.txt  which settings were changed; values only where they are numbers or fixed words
doctor.json        what nightvoice doctor found
log.txt            what happened when (a cramp, a step, a fault), without a word that was spoken

Taken out: what was said and heard, names, folders, addresses, and what you told about yourself. The diary is not in it.
"""


def support(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to: a zip file that is not there yet.")],
) -> None:
    """Put versions, settings, the doctor's findings and the log into FILE: without words, names, paths or profile."""
    import json
    import os
    import zipfile

    from rich.console import Console

    from nightvoice.cli.diagnostics import configuration, private, versions
    from nightvoice.config.reader import ConfigReading, read_config
    from nightvoice.config.schema import Config
    from nightvoice.errors import NightvoiceError, reason

    if file.exists():
        raise NightvoiceError(f"{file}: is there already; name another file")
    try:
        reading = read_config()
    except NightvoiceError as error:
        reading = ConfigReading(Config(), {}, [str(error)])
    secrets = private(reading, _devices())
    with Console(stderr=True).status("looking at everything, as nightvoice doctor does"):
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
    typer.echo(f"{file}: look through it, then send it to whoever helps. In it: {', '.join(parts)}")


def _devices() -> list[str]:
    from nightvoice.audio.devices.listing import list_devices
    from nightvoice.errors import NightvoiceError

    try:
        return [device.name for device in list_devices()]
    except NightvoiceError:
        return []


def _doctor(secrets: list[str]) -> list[dict[str, Any]]:
    from nightvoice.cli.diagnostics import scrubbed
    from nightvoice.cli.doctor import checks

    return [{"name": check.name, "ok": check.ok, "detail": scrubbed(check.detail, secrets)} for check, _ in checks()]


def _log(secrets: list[str]) -> str:
    from nightvoice.cli.diagnostics import log_lines
    from nightvoice.system import paths
    from nightvoice.system.night_log import KEPT

    newest = paths.log_file()
    files = [newest.with_name(f"{newest.name}.{age}") for age in range(KEPT, 0, -1)] + [newest]
    lines = [line for file in files if file.exists() for line in file.read_text("utf-8", "replace").splitlines()]
    return "".join(f"{line}\n" for line in log_lines(lines, secrets))
