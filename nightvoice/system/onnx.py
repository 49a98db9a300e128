"""Opens ONNX models with ONNX Runtime, without its telemetry and on one thread."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


def disable_telemetry() -> None:
    """Disable ONNX Runtime's telemetry over the network, which version 1.29 introduced.

    Call this before importing any package that imports ONNX Runtime, which reads the setting when loaded.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"


def open_session(model: Path) -> InferenceSession:
    """Load a model to run on one thread. Raises ONNX Runtime's errors, which have no common base class.

    No memory is kept between runs: inputs differ in length, and each length would keep its own plan and peak.
    This costs no speed.
    """
    disable_telemetry()
    from onnxruntime import InferenceSession, SessionOptions  # noqa: PLC0415

    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_mem_pattern = options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    return InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
