"""The networks of the Moonshine speech-to-text model (Useful Sensors, tiny, English) and its tokenizer.

The weights (27 million parameters, MIT licence) come in the wheel of ``moonshine-voice``; its code is not used.
Architecture: https://arxiv.org/abs/2410.15608, an encoder over raw sound with 41.7 states per second, and a decoder
that writes words as sub-word tokens.
"""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nightvoice.audio.frames import RATE, Samples
from nightvoice.errors import NightvoiceError
from nightvoice.listening.engines.moonshine.files import FILES
from nightvoice.system.onnx import open_session

States = NDArray[np.float32]
"""Output of the encoder: (1, states, 288)."""
LogProbabilities = NDArray[np.float32]
Cache = dict[str, NDArray[np.float32]]
"""The decoder's keys and values from earlier tokens, batch first."""

BEGIN: Final = 1
END: Final = 2
_FIRST_TOKEN: Final = 259
"""First sub-word token; before it come three special tokens and 256 single bytes, which spell text without a token."""
STRIDE: Final = 384
"""Samples from one encoder state to the next."""
STRIDE_S: Final = STRIDE / RATE
_LEVEL: Final = 0.06
"""Root mean square (full scale 1) to which sound is scaled for the encoder."""
_MIN_SAMPLES: Final = 8000
"""Shorter sound is padded with silence."""
_SPACE: Final = "▁".encode()


class Moonshine:
    """The model in ``folder``, with its own encoder or the one in ``encoder`` (ONNX).

    Raises NightvoiceError if it cannot be loaded.
    """

    def __init__(self, folder: Path, encoder: Path | None = None) -> None:
        try:
            self._encoder = open_session(encoder or folder / FILES[0])
            self._decoder = open_session(folder / FILES[1])
            self._tokens = _read_tokens((folder / FILES[2]).read_bytes())
        except Exception as error:  # ONNX Runtime's errors have no narrower base
            raise NightvoiceError(
                f"the speech model in {folder} cannot be loaded: reinstall moonshine-voice"
            ) from error
        self._ids = {token: number for number, token in enumerate(self._tokens) if number >= _FIRST_TOKEN}
        self._all = [output.name for output in self._decoder.get_outputs()]
        self._growing = [name for name in self._all if ".encoder." not in name]
        self._empty = {
            value.name: np.zeros((1, value.shape[1], 0, value.shape[3]), np.float32)
            for value in self._decoder.get_inputs()
            if value.name.startswith("past")
        }

    def encode(self, samples: Samples) -> States:
        """Return the encoder states of 16 kHz sound of any level."""
        sound = np.pad(normalised(samples), (0, max(0, _MIN_SAMPLES - len(samples))))[None]
        # The published encoder also takes an attention mask.
        inputs = (value.name for value in self._encoder.get_inputs())
        feed = dict(zip(inputs, (sound, np.ones(sound.shape, np.int64)), strict=False))
        return np.asarray(self._encoder.run(None, feed)[0])

    def begin(self, states: States) -> tuple[LogProbabilities, Cache]:
        """Return the log probabilities (vocabulary,) of the first token, and the decoder's cache for one path."""
        feed: dict[str, Any] = dict(self._empty)
        feed["use_cache_branch"] = np.array([False])
        probabilities, kept = self._decode(feed, states, [BEGIN], self._all)
        return probabilities[0], kept

    def decode(self, states: States, tokens: Sequence[int], cache: Cache) -> tuple[LogProbabilities, Cache]:
        """Append one token to each path; return the log probabilities (paths, vocabulary) of the next, and the cache.

        ``cache`` has one row per path; its encoder part (``encoder_part``) may have more.
        """
        count = len(tokens)
        feed: dict[str, Any] = {name: value[:count] for name, value in cache.items()}
        feed["use_cache_branch"] = np.array([True])
        probabilities, kept = self._decode(feed, states, tokens, self._growing)
        return probabilities, encoder_part(cache) | kept

    def _decode(
        self, feed: dict[str, Any], states: States, tokens: Sequence[int], outputs: list[str]
    ) -> tuple[LogProbabilities, Cache]:
        count = len(tokens)
        feed["encoder_attention_mask"] = np.ones((count, states.shape[1]), np.int64)
        feed["encoder_hidden_states"] = np.repeat(states, count, axis=0)
        feed["input_ids"] = np.array(tokens, np.int64)[:, None]
        logits, *kept = self._decoder.run(outputs, feed)
        names = (name.replace("present", "past_key_values") for name in outputs[1:])
        return _log_softmax(logits[:, -1]), dict(zip(names, kept, strict=True))

    def tokenize(self, word: str) -> tuple[int, ...]:
        """Return the tokens of a word and the space before it, by byte-pair encoding: most frequent pairs first."""
        parts = [_SPACE, *(character.encode() for character in word)]
        while True:
            pairs = [self._ids.get(one + two, len(self._ids)) for one, two in pairwise(parts)]
            if not pairs or min(pairs) == len(self._ids):
                return tuple(self._ids[part] for part in parts)
            at = pairs.index(min(pairs))
            parts[at : at + 2] = [parts[at] + parts[at + 1]]

    def token(self, text: str) -> int:
        """Return the token of ``text`` without a space before it."""
        return self._ids[text.encode()]

    def text(self, tokens: Sequence[int]) -> str:
        """Return the words that ``tokens`` stand for."""
        joined = b"".join(self._tokens[token] for token in tokens)
        return joined.replace(_SPACE, b" ").decode(errors="replace").strip()


def encoder_part(cache: Cache) -> Cache:
    """Return the part of the cache that depends on the encoder only: the same for every path and token."""
    return {name: value for name, value in cache.items() if ".encoder." in name}


def normalised(samples: Samples) -> NDArray[np.float32]:
    """Return sound at the level that the model was trained on, so that a distant whisper is as loud as a shout."""
    sound = samples.astype(np.float32) / 32768
    level = max(float(np.sqrt(np.mean(sound * sound))), _LEVEL / 1000)
    return np.asarray(sound * (_LEVEL / level), dtype=np.float32)


def _log_softmax(logits: NDArray[np.float32]) -> LogProbabilities:
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


def _read_tokens(data: bytes) -> list[bytes]:
    """Read the vocabulary: the length of each token (one byte, or two from 128 on), then the token."""
    tokens, at = [], 0
    while at < len(data):
        length, at = data[at], at + 1
        if length >= 128:
            length, at = length - 128 + 128 * data[at], at + 1
        tokens.append(data[at : at + length])
        at += length
    return tokens
