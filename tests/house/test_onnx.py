"""Importing nightvoice has no side effect, and ONNX Runtime sends no telemetry."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

MODEL = Path(__file__).parents[2] / "models" / "cramp.onnx"
IMPORT = """
import os, threading
before = dict(os.environ)
import nightvoice
assert dict(os.environ) == before
assert threading.active_count() == len(os.listdir("/proc/self/task")) == 1
"""
LOADS = {
    "a session of ours": f"""
from pathlib import Path
from nightvoice.system.onnx import open_session
open_session(Path({str(MODEL)!r}))
""",
    "livekit-wakeword": """
import numpy
from nightvoice.listening.embedding import embed
assert len(embed(numpy.zeros(20_000, numpy.int16)))
""",
    "hibari": """
from nightvoice.speaking.hibari_voice import HibariVoice
assert HibariVoice().render("Good night.").seconds
""",
    "the recogniser": """
from nightvoice.assembly import build_pipeline
from nightvoice.config.schema import Config
build_pipeline(Config(), "moonshine")
""",
}


def test_importing_nightvoice_sets_no_variable_and_starts_no_thread() -> None:
    subprocess.run([sys.executable, "-c", IMPORT], check=True)


@pytest.mark.parametrize("load", LOADS.values(), ids=LOADS)
def test_onnx_runtime_sends_no_telemetry(load: str, tmp_path: Path) -> None:
    """From 1.29 on, ONNX Runtime stores a device id and a queue of reports before sending anything."""
    quiet = {name: value for name, value in os.environ.items() if not name.startswith(("ORT_", "CI"))}
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    loaded = "import sys; assert 'onnxruntime' in sys.modules"
    subprocess.run([sys.executable, "-c", f"{load}\n{loaded}"], env=quiet | home, check=True)
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []
