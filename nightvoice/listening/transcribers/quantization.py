"""Rounds the weights of a CTranslate2 model to 8 bits, as its own converters do.

CTranslate2 does this when it loads a model, but then needs three times the memory for a moment, and two seconds.
"""

import struct
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_TYPES: Final = ("<f4", "i1", "<i2", "<i4", "<f2")
"""NumPy's names of the types, in CTranslate2's order."""
_INT8: Final = 1


class _Reader:
    def __init__(self, content: bytes) -> None:
        self._content, self._at = memoryview(content), 0

    def take(self, size: int) -> bytes:
        self._at += size
        return bytes(self._content[self._at - size : self._at])

    def number(self, form: str) -> int:
        (found,) = struct.unpack(form, self.take(struct.calcsize(form)))
        return int(found)

    def text(self) -> bytes:
        """Return a string with its length before it, as stored."""
        size = self.number("<H")
        return struct.pack("<H", size) + self.take(size)

    def rest(self) -> bytes:
        return bytes(self._content[self._at :])


def quantized(content: bytes) -> bytes:
    """Return the file of a model, each weight matrix as 8-bit numbers with a scale for each row."""
    reader = _Reader(content)
    head = reader.take(4) + reader.text() + reader.take(4)
    variables = [part for _ in range(reader.number("<I")) for part in _variables(reader)]
    return head + struct.pack("<I", len(variables)) + b"".join(variables) + reader.rest()


def _variables(reader: _Reader) -> list[bytes]:
    """Return the next variable; a weight matrix as two."""
    name = reader.text()
    shape = [reader.number("<I") for _ in range(reader.number("<B"))]
    type_ = reader.number("<B")
    data = reader.take(reader.number("<I"))
    plain = name[2:-1]
    if len(shape) != 2 or not plain.endswith(b"weight"):
        return [_variable(plain, shape, type_, data)]
    values = np.frombuffer(data, _TYPES[type_]).reshape(shape).astype(np.float32)
    largest: NDArray[np.float32] = np.abs(values).max(axis=1)
    scales = np.float32(127) / np.where(largest == 0, np.float32(127), largest)
    rounded: NDArray[Any] = np.rint(values * scales[:, None]).astype(np.int8)
    return [
        _variable(plain, shape, _INT8, rounded.tobytes()),
        _variable(plain + b"_scale", [len(scales)], 0, scales.astype("<f4").tobytes()),
    ]


def _variable(name: bytes, shape: list[int], type_: int, data: bytes) -> bytes:
    form = f"<H{len(name) + 1}sB{len(shape)}IBI"
    return struct.pack(form, len(name) + 1, name + b"\0", len(shape), *shape, type_, len(data)) + data
