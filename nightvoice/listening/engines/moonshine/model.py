"""The networks of the Moonshine speech-to-text model (Useful Sensors, tiny, English) and its tokenizer.

The encoder is trained further; the decoder has the published weights (27 million parameters, MIT licence) in a graph
that multiplies in 32 bits.
Architecture: https://arxiv.org/abs/2410.15608, an encoder over raw sound with 41.7 states per second, and a decoder
that writes words as sub-word tokens. The encoder's lower layers are shared with the intent classifier, which has upper
layers of its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from nightvoice.audio.frames import RATE, Samples
from nightvoice.errors import NightvoiceError
from nightvoice.models.store import shipped
from nightvoice.system.onnx import open_session

States = NDArray[np.float32]
"""Output of the shared or of the upper layers: (1, states, 288)."""
_CACHED: Final = 12
"""Keys and values of six layers."""
_HEADS: Final = 8
_SIZE: Final = 36
LogProbabilities = NDArray[np.float32]


class Cache(NamedTuple):
    """The decoder's keys and values."""

    sound: NDArray[np.float32]
    """Of the encoder's states, (12, 8, states, 36): the same for every path."""
    text: NDArray[np.float32]
    """Of the tokens so far, (12, paths, 8, tokens, 36)."""

    def of(self, paths: Sequence[int]) -> "Cache":
        """Return the cache of some of the paths, in this order; the same path may come again."""
        return self._replace(text=self.text[:, paths])


BEGIN: Final = 1
END: Final = 2
SPELLED: Final = (b"<unk>", b"<s>", b"</s>", *(bytes([value]) for value in range(256)))
"""The first tokens; single bytes spell text without a token. The sub-words follow."""
STRIDE: Final = 384
"""Samples from one encoder state to the next."""
STRIDE_S: Final = STRIDE / RATE
_LEVEL: Final = 0.06
"""Root mean square (full scale 1) to which sound is scaled for the encoder."""
_MIN_SAMPLES: Final = 8000
"""Shorter sound is padded with silence."""
_SPACE: Final = "▁".encode()


class Moonshine:
    """The model in four files: its ``tokens`` (a sub-word a line), the shared layers of the ``encoder``, its upper
    layers for ``words`` and the ``decoder`` (ONNX).

    Raises NightvoiceError if one of them cannot be loaded.
    """

    def __init__(self, tokens: Path, encoder: Path, words: Path, decoder: Path) -> None:
        try:
            self._encoder = open_session(encoder)
            self._words = open_session(words)
            self._decoder = open_session(decoder)
            self._tokens = [*SPELLED, *tokens.read_bytes().removesuffix(b"\n").split(b"\n")]
        except Exception as error:  # ONNX Runtime's errors have no narrower base
            raise NightvoiceError(
                f"the speech model cannot be loaded from {tokens}, {encoder}, {words} and {decoder}: "
                "install nightvoice again"
            ) from error
        self._ids = {token: number for number, token in enumerate(self._tokens) if number >= len(SPELLED)}

    @classmethod
    def shipped(cls, encoder: Path | None = None) -> Self:
        """The model that comes with nightvoice, or with another ``encoder``. Raises NightvoiceError."""
        return cls(
            shipped("tokens.txt"), encoder or shipped("encoder.onnx"), shipped("words.onnx"), shipped("decoder.onnx")
        )

    def encode(self, samples: Samples) -> States:
        """Return the shared states of 16 kHz sound of any level."""
        sound = np.pad(normalised(samples), (0, max(0, _MIN_SAMPLES - len(samples))))[None]
        return np.asarray(self._encoder.run(None, {"sound": sound})[0])

    def encode_words(self, shared: States) -> States:
        """Return the states that the decoder reads, of shared ones."""
        return np.asarray(self._words.run(None, {"middle": shared})[0])

    def begin(self, states: States) -> tuple[LogProbabilities, Cache]:
        """Return the log probabilities (vocabulary,) of the first token, and the decoder's cache for one path."""
        empty = Cache(
            np.zeros((_CACHED, _HEADS, 0, _SIZE), np.float32), np.zeros((_CACHED, 1, _HEADS, 0, _SIZE), np.float32)
        )
        probabilities, cache = self._decode([BEGIN], states, empty)
        return probabilities[0], cache

    def decode(self, tokens: Sequence[int], cache: Cache) -> tuple[LogProbabilities, Cache]:
        """Append a token to each path; return the log probabilities of the next, (paths, vocabulary), and the cache."""
        return self._decode(tokens, np.zeros((1, 0, _HEADS * _SIZE), np.float32), cache)

    def _decode(self, tokens: Sequence[int], states: States, cache: Cache) -> tuple[LogProbabilities, Cache]:
        """``states``: those that the cache does not have yet."""
        outputs = ["logits", "text_after", *(["sound_after"] if states.size else [])]
        last = np.array(tokens, np.int64)[:, None]
        feed = {"tokens": last, "states": states, "sound": cache.sound, "text": cache.text}
        logits, text, *sound = self._decoder.run(outputs, feed)
        return _log_softmax(logits), Cache(sound[0] if sound else cache.sound, text)

    def tokenize(self, word: str) -> tuple[int, ...]:
        """Return the tokens of a word and the space before it, by byte-pair encoding."""
        *_, parts = joined(word, self._ids)
        return tuple(self._ids[part] for part in parts)

    def token(self, text: str) -> int:
        """Return the token of ``text`` without a space before it."""
        return self._ids[text.encode()]

    def text(self, tokens: Sequence[int]) -> str:
        """Return the words that ``tokens`` stand for."""
        whole = b"".join(self._tokens[token] for token in tokens)
        return whole.replace(_SPACE, b" ").decode(errors="replace").strip()


def joined(word: str, ids: Mapping[bytes, int]) -> Iterator[list[bytes]]:
    """Yield the parts of a word and the space before it, first its characters, then after each joined pair.

    The pair with the lowest number is joined first: it is the most frequent.
    """
    parts = [_SPACE, *(character.encode() for character in word)]
    yield parts
    while pairs := [(ids[one + two], at) for at, (one, two) in enumerate(pairwise(parts)) if one + two in ids]:
        _, at = min(pairs)
        parts = [*parts[:at], parts[at] + parts[at + 1], *parts[at + 2 :]]
        yield parts


def normalised(samples: Samples) -> NDArray[np.float32]:
    """Return sound at the level that the model was trained on, so that a distant whisper is as loud as a shout."""
    sound = samples.astype(np.float32) / 32768
    level = max(float(np.sqrt(np.mean(sound * sound))), _LEVEL / 1000)
    return np.asarray(sound * (_LEVEL / level), dtype=np.float32)


def _log_softmax(logits: NDArray[np.float32]) -> LogProbabilities:
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))
