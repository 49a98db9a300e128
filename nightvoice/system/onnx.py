"""Opens ONNX models with ONNX Runtime, without its telemetry and on one thread."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnxruntime import InferenceSession, SessionOptions


def disable_telemetry() -> None:
    """Disable ONNX Runtime's telemetry over the network, which version 1.29 introduced.

    Call this before importing any package that imports ONNX Runtime, which reads the setting when loaded.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"


def open_session(model: Path) -> InferenceSession:
    """Load a model to run on one thread. Raises ONNX Runtime's errors, which have no common base class."""
    options = session_options()
    from onnxruntime import InferenceSession  # noqa: PLC0415 - slow to import

    return InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def session_options() -> SessionOptions:
    """Return the options of every session.

    No memory is kept between runs: inputs differ in length, and each length would keep its own plan and peak.
    This costs no speed. Matrices stored in 8 bits become floats when the model is loaded: ONNX Runtime would
    otherwise round what they are multiplied by to 8 bits as well, and each kind of processor does that differently.
    """
    disable_telemetry()
    from onnxruntime import SessionOptions  # noqa: PLC0415 - slow to import

    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_mem_pattern = options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    options.add_session_config_entry("session.disable_quant_qdq", "1")
    return options
