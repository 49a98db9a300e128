"""A cache of rendered prompts, so that nothing is synthesized at night."""

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
"""Number of decoded prompts kept in memory: those of one episode, about 10 MB."""


class PromptCache:
    """Returns speech by text: from memory, else from ``directory`` (None: memory only), else rendered.

    ``voice_factory`` is called when the voice's name is first needed. Files are named by a hash of the voice's name and
    the text; a damaged file is rendered again.
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
        """Return the speech of ``text``; disk errors only cost time. Raises VoiceError.

        Without ``keep`` no file is written: texts about a night belong in the diary alone.
        """
        speech = self._lookup(text)
        if speech is None:
            speech = self._render(text)
            if keep:
                with contextlib.suppress(OSError):
                    self._store(text, speech)
        return speech

    def prepare(self, texts: Iterable[str], progress: Callable[[int, int], None] = lambda done, total: None) -> int:
        """Render and store those of ``texts`` that are missing or damaged; return their number.

        ``progress(done, total)`` is called before each one and at the end. Raises NightvoiceError where a prompt cannot
        be stored, VoiceError where it cannot be rendered.
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
        """Return those of ``texts`` that have no file. Quick: the files are not opened."""
        return [text for text in dict.fromkeys(texts) if not ((path := self._path(text)) and path.exists())]

    def prune(self, keep_texts: Iterable[str]) -> int:
        """Delete every stored prompt except those of ``keep_texts`` in the present voice; return their number."""
        if self._directory is None or not self._directory.is_dir():
            return 0
        keep = {self._path(text) for text in keep_texts}
        unused = [path for path in self._directory.glob("*.flac") if path not in keep]
        for path in unused:
            path.unlink(missing_ok=True)
        return len(unused)

    def _path(self, text: str) -> Path | None:
        if self._directory is None:
            return None
        key = hashlib.sha256(f"{self.voice.name}\n{text}".encode()).hexdigest()
        return self._directory / f"{key}.flac"

    def _lookup(self, text: str) -> Speech | None:
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
                complete = 0 < len(samples) == stored.frames
                return Speech(samples, stored.samplerate) if complete else None
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
