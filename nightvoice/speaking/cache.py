"""Prompts rendered once and played ever after: no synthesis at night."""

import contextlib
import hashlib
import os
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import soundfile

from nightvoice.errors import NightvoiceError, reason
from nightvoice.speaking.voice import Speech, Voice

_IN_MEMORY: Final = 64
"""Prompts kept decoded: those of an episode, some 10 MB."""


class PromptCache:
    """Speech by text: from memory, else from ``directory`` (None: memory only), else rendered.

    The voice is made by ``voice_factory`` at the first need of its name, and loads its model at the first text that
    was never rendered. Files are named by a hash of the voice's name and the text; a damaged one is rendered anew.
    """

    def __init__(self, voice_factory: Callable[[], Voice], directory: Path | None) -> None:
        self._voice_factory = voice_factory
        self._directory = directory
        self._voice: Voice | None = None
        self._memory: OrderedDict[str, Speech] = OrderedDict()

    @property
    def voice(self) -> Voice:
        if self._voice is None:
            self._voice = self._voice_factory()
        return self._voice

    def get(self, text: str, keep: bool = True) -> Speech:
        """Speech of ``text``. A disk that is full or locked costs time, never the words. Raises VoiceError.

        Without ``keep`` no file is written: what is told of a night stays in the diary alone.
        """
        speech = self._known(text)
        if speech is None:
            speech = self._render(text)
            if keep:
                with contextlib.suppress(OSError):
                    self._store(text, speech)
        return speech

    def prepare(self, texts: Iterable[str], progress: Callable[[int, int], None] = lambda done, total: None) -> int:
        """Render and store what is missing of ``texts``, calling ``progress(done, total)``; return how many were.

        Raises NightvoiceError where they cannot be stored, VoiceError where they cannot be rendered.
        """
        missing = [text for text in dict.fromkeys(texts) if self._read(text) is None]
        for done, text in enumerate(missing):
            progress(done, len(missing))
            try:
                self._store(text, self._render(text))
            except OSError as error:
                raise NightvoiceError(
                    f"{self._directory}: prompts cannot be stored there ({reason(error)}); "
                    "free some space or make the folder writable"
                ) from error
        progress(len(missing), len(missing))
        return len(missing)

    def missing(self, texts: Iterable[str]) -> list[str]:
        """Those of ``texts`` that no file is there for (their contents are not looked at: quick)."""
        return [text for text in dict.fromkeys(texts) if not ((path := self._path(text)) and path.exists())]

    def prune(self, keep_texts: Iterable[str]) -> int:
        """Delete every stored prompt but those of ``keep_texts`` in the present voice; return how many went."""
        if self._directory is None or not self._directory.is_dir():
            return 0
        keep = {self._path(text) for text in keep_texts}
        gone = [path for path in self._directory.glob("*.flac") if path not in keep]
        for path in gone:
            path.unlink(missing_ok=True)
        return len(gone)

    def _path(self, text: str) -> Path | None:
        if self._directory is None:
            return None
        key = hashlib.sha256(f"{self.voice.name}\n{text}".encode()).hexdigest()
        return self._directory / f"{key}.flac"

    def _known(self, text: str) -> Speech | None:
        if text in self._memory:
            self._memory.move_to_end(text)
            return self._memory[text]
        speech = self._read(text)
        if speech is not None:
            self._remember(text, speech)
        return speech

    def _read(self, text: str) -> Speech | None:
        path = self._path(text)
        try:
            if path is None or not path.exists():
                return None
            with soundfile.SoundFile(path) as stored:
                samples = stored.read(dtype="int16")
                whole = 0 < len(samples) == stored.frames
                return Speech(samples, stored.samplerate) if whole else None
        except (OSError, soundfile.SoundFileError):
            return None

    def _render(self, text: str) -> Speech:
        speech = self.voice.render(text)
        self._remember(text, speech)
        return speech

    def _remember(self, text: str, speech: Speech) -> None:
        self._memory[text] = speech
        if len(self._memory) > _IN_MEMORY:
            self._memory.popitem(last=False)

    def _store(self, text: str, speech: Speech) -> None:
        path = self._path(text)
        if path is None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
        os.close(handle)
        try:
            try:
                soundfile.write(name, speech.samples, speech.rate, format="FLAC")
            except soundfile.SoundFileError as error:
                raise OSError(str(error)) from error
            os.replace(name, path)
        finally:
            Path(name).unlink(missing_ok=True)
