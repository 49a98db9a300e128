"""Run the program with every kind of bad input and print the message that users see. Prints one JSON object last.

As root it also fills a small tmpfs for the full disk. Exit 1 if anything but one line and exit code 2 came.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile

from nightvoice.content.loader import HERE as CONTENT

NIGHTVOICE = (sys.executable, "-m", "nightvoice")


LOAD_PACK = (
    *(sys.executable, "-c"),
    """
import sys
from pathlib import Path
from nightvoice.content.loader import load_pack
from nightvoice.errors import NightvoiceError
try:
    load_pack("en", Path(sys.argv[1]))
except NightvoiceError as error:
    print(f"nightvoice: {error}", file=sys.stderr)
    sys.exit(error.exit_code)
""",
)


def attempt(folder: Path, *arguments: str | Path, program: tuple[str, ...] = NIGHTVOICE, **env: str) -> tuple[int, str]:
    """Exit code, and stderr or, if that is empty, the last line of stdout."""
    command = [*program, *map(str, arguments)]
    # A home of its own, so that nobody's configuration or diary is touched; the rendered prompts are shared.
    cache = os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))
    home = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "config"), "XDG_CACHE_HOME": cache}
    run = subprocess.run(command, env=os.environ | home | env, capture_output=True, text=True, timeout=120, check=False)
    return run.returncode, run.stderr.strip() or run.stdout.strip().splitlines()[-1][:100]


def full_disk(folder: Path) -> tuple[int, str] | None:
    """Run with the diary on a full tmpfs; None if a tmpfs cannot be mounted."""
    small = folder / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(small)], check=False).returncode:
        return None
    try:
        with (small / "ballast").open("wb") as ballast:
            try:
                ballast.write(bytes(1 << 20))
                ballast.flush()
            except OSError:
                pass
        return attempt(folder, "rehearse", "--sample", "--diary", small / "diary.sqlite")
    finally:
        subprocess.run(["umount", str(small)], check=True)


def main() -> None:
    results: dict[str, tuple[int, str] | None] = {}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        text, empty, void, flac = (folder / n for n in ("text.wav", "empty.wav", "void.wav", "stereo.flac"))
        text.write_text("this is no sound\n")
        empty.touch()
        soundfile.write(void, np.zeros(0, dtype=np.int16), 16_000)
        soundfile.write(flac, np.zeros((44_100, 2), dtype=np.int16), 44_100)
        results["no microphone"] = attempt(folder, "run", PULSE_SERVER="unix:/nowhere")
        results["a microphone that is not there"] = attempt(folder, "run", "--input-device", "Røde NT-USB")
        results["missing recording"] = attempt(folder, "rehearse", folder / "missing.wav")
        results["a text file as WAV"] = attempt(folder, "rehearse", text)
        results["an empty file"] = attempt(folder, "rehearse", empty)
        results["a WAV without sound"] = attempt(folder, "rehearse", void)
        results["44.1 kHz stereo FLAC (works)"] = attempt(folder, "rehearse", flac, "--json")
        config = folder / "config" / "nightvoice" / "config.yaml"
        config.parent.mkdir(parents=True)
        for name, content in (
            ("unknown configuration key", "audio:\n  ouput_device: USB\n"),
            ("wrong type in the configuration", "audio:\n  night_volume: loud\n"),
            ("configuration that is not YAML", "audio: [\n"),
        ):
            config.write_text(content)
            results[name] = attempt(folder, "rehearse", "--sample")
        config.unlink()
        results["unwritable diary"] = attempt(folder, "rehearse", "--sample", "--diary", "/proc/diary.sqlite")
        results["a file that is no diary"] = attempt(folder, "rehearse", "--sample", "--diary", text)
        results["full disk"] = full_disk(folder)
        diary = folder / "diary.sqlite"
        attempt(folder, "rehearse", flac, "--diary", diary)
        with sqlite3.connect(diary) as database:
            database.execute("update alembic_version set version_num = '9999'")
        results["a diary from a newer version"] = attempt(folder, "rehearse", "--sample", "--diary", diary)
        shutil.copytree(CONTENT, folder / "content", ignore=shutil.ignore_patterns("*.py", "__pycache__", "sample"))
        pack = folder / "content" / "en" / "protocols.yaml"
        pack.write_text(pack.read_text().replace("claim: massage", "claim: feet-above-head"))
        results["a broken content pack"] = attempt(folder, pack.parents[1], program=LOAD_PACK)
        results["a written night that is wrong"] = attempt(folder, "rehearse", "--script", text)
    wrong = 0
    for name, result in results.items():
        if result is None:
            print(f"{name}: not tried (needs root to mount a tmpfs)")
            continue
        code, line = result
        print(f"{name}: [{code}] {line}")
        wrong += name.endswith("(works)") != (code == 0) or (code != 0 and (code != 2 or "\n" in line))
    print(json.dumps({"tried": len(results), "wrong": wrong}))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
