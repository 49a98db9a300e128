"""The Moonshine speech-to-text model (Useful Sensors, tiny, English) as numbers in, numbers out.

Its weights (27 million parameters, MIT licence) lie in the wheel of ``moonshine-voice``; only these files of the
package are used, never its code. Architecture: https://arxiv.org/abs/2410.15608, an encoder over raw sound, 41.5 states
a second, and a decoder that spells words in pieces.
"""

import importlib.util
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from nightvoice.audio.frames import RATE, Samples
from nightvoice.errors import NightvoiceError

States = NDArray[np.float32]
"""What the encoder makes of sound: (1, states, 288)."""
LogProbabilities = NDArray[np.float32]
Memory = dict[str, NDArray[np.float32]]
"""What the decoder keeps between pieces (keys and values), batch first."""

BEGIN: Final = 1
END: Final = 2
_FIRST_PIECE: Final = 259
"""Before it lie the three marks and the 256 single bytes, by which the model spells only what it has no piece for."""
STRIDE: Final = 384
"""Samples from one state of the encoder to the next."""
STRIDE_S: Final = STRIDE / RATE
_LEVEL: Final = 0.06
"""Root mean square (full scale 1) of what the encoder hears."""
_SHORTEST: Final = 8000
"""Samples; the encoder needs some sound."""
_SPACE: Final = "▁".encode()
FILES: Final = ("encoder_model.ort", "decoder_model_merged.ort", "tokenizer.bin")
"""In the folder of the model."""


def model_folder() -> Path | None:
    """Where the installed wheel keeps the model; None where it is not installed, or a version without it."""
    spec = importlib.util.find_spec("moonshine_voice")
    for place in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(place) / "assets" / "tiny-en"
        if all((folder / name).is_file() for name in FILES):
            return folder
    return None


class Moonshine:
    """The model in ``folder``. ``encoder``: one that learned more, as ONNX; None for the published one.

    Raises NightvoiceError where it cannot be loaded.
    """

    def __init__(self, folder: Path, encoder: Path | None = None) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Every length of sound would leave its plan and its peak of memory behind; without them it is no slower.
        options.enable_mem_pattern = options.enable_cpu_mem_arena = False
        try:
            self._encoder, self._decoder = (
                onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
                for file in (encoder or folder / FILES[0], folder / FILES[1])
            )
            self._pieces = _read_pieces((folder / FILES[2]).read_bytes())
        except Exception as error:  # onnxruntime has no one class of errors
            raise NightvoiceError(
                f"the speech model in {folder} cannot be loaded: reinstall moonshine-voice"
            ) from error
        self._ids = {piece: number for number, piece in enumerate(self._pieces) if number >= _FIRST_PIECE}
        self._all = [output.name for output in self._decoder.get_outputs()]
        self._growing = [name for name in self._all if ".encoder." not in name]
        self._empty = {
            value.name: np.zeros((1, value.shape[1], 0, value.shape[3]), np.float32)
            for value in self._decoder.get_inputs()
            if value.name.startswith("past")
        }

    def encode(self, samples: Samples) -> States:
        """The states of 16 kHz sound, at whatever level."""
        sound = np.pad(levelled(samples), (0, max(0, _SHORTEST - len(samples))))[None]
        # The published one also wants to know that all of it is sound.
        inputs = (value.name for value in self._encoder.get_inputs())
        feed = dict(zip(inputs, (sound, np.ones(sound.shape, np.int64)), strict=False))
        return np.asarray(self._encoder.run(None, feed)[0])

    def begin(self, states: States) -> tuple[LogProbabilities, Memory]:
        """Log probabilities (vocabulary,) of the first piece, and the decoder's memory of one candidate."""
        feed: dict[str, Any] = dict(self._empty)
        feed["use_cache_branch"] = np.array([False])
        probabilities, kept = self._decode(feed, states, [BEGIN], self._all)
        return probabilities[0], kept

    def decode(self, states: States, pieces: Sequence[int], memory: Memory) -> tuple[LogProbabilities, Memory]:
        """Take one more piece of each candidate; return (candidates, vocabulary) of the next, and the memory.

        ``memory`` has a row for each candidate, its part of the encoder (``beside``) at least as many.
        """
        count = len(pieces)
        feed: dict[str, Any] = {name: value[:count] for name, value in memory.items()}
        feed["use_cache_branch"] = np.array([True])
        probabilities, kept = self._decode(feed, states, pieces, self._growing)
        return probabilities, beside(memory) | kept

    def _decode(
        self, feed: dict[str, Any], states: States, pieces: Sequence[int], outputs: list[str]
    ) -> tuple[LogProbabilities, Memory]:
        count = len(pieces)
        feed["encoder_attention_mask"] = np.ones((count, states.shape[1]), np.int64)
        feed["encoder_hidden_states"] = np.repeat(states, count, axis=0)
        feed["input_ids"] = np.array(pieces, np.int64)[:, None]
        logits, *kept = self._decoder.run(outputs, feed)
        names = (name.replace("present", "past_key_values") for name in outputs[1:])
        return _log_softmax(logits[:, -1]), dict(zip(names, kept, strict=True))

    def spell(self, word: str) -> tuple[int, ...]:
        """A word and the space before it, in pieces, as the model spells: the most frequent pair is joined first."""
        pieces = [_SPACE, *(character.encode() for character in word)]
        while True:
            pairs = [self._ids.get(one + two, len(self._ids)) for one, two in pairwise(pieces)]
            if not pairs or min(pairs) == len(self._ids):
                return tuple(self._ids[piece] for piece in pieces)
            at = pairs.index(min(pairs))
            pieces[at : at + 2] = [pieces[at] + pieces[at + 1]]

    def piece(self, text: str) -> int:
        """The number of a piece that stands without a space before it."""
        return self._ids[text.encode()]

    def text(self, pieces: Sequence[int]) -> str:
        """The words that pieces spell."""
        return (
            b"".join(self._pieces[number] for number in pieces).replace(_SPACE, b" ").decode(errors="replace").strip()
        )


def beside(memory: Memory) -> Memory:
    """The part of the memory that is of the encoder: the same for every candidate and every piece."""
    return {name: value for name, value in memory.items() if ".encoder." in name}


def levelled(samples: Samples) -> NDArray[np.float32]:
    """Sound as loud as what the model was trained on, so that a whisper from afar is no weaker than a shout."""
    sound = samples.astype(np.float32) / 32768
    level = max(float(np.sqrt(np.mean(sound * sound))), _LEVEL / 1000)
    return np.asarray(sound * (_LEVEL / level), dtype=np.float32)


def _log_softmax(logits: NDArray[np.float32]) -> LogProbabilities:
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


def _read_pieces(data: bytes) -> list[bytes]:
    """The vocabulary: each piece with its length before it, in one byte, or in two from 128 on."""
    pieces, at = [], 0
    while at < len(data):
        length, at = data[at], at + 1
        if length >= 128:
            length, at = length - 128 + 128 * data[at], at + 1
        pieces.append(data[at : at + length])
        at += length
    return pieces
