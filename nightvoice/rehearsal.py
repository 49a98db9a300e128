"""Rehearsing from typed words: a silent room whose clock runs as fast as it can, and ears that read a script."""

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

import numpy as np
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from nightvoice.audio.frames import FRAME_S, SILENCE, Frame, Samples
from nightvoice.content.eligibility import CONDITIONS, Condition
from nightvoice.errors import NightvoiceError
from nightvoice.listening.pipeline import RecognitionResult
from nightvoice.listening.text_input import perceive
from nightvoice.speaking.voice import Speech
from nightvoice.system.yaml_file import compose_yaml, read_yaml
from nightvoice.understanding.recognizer import IntentRecognizer

WORDS_PER_MINUTE = 150
PAUSE_S = 0.25
"""What a sentence takes beside its words."""
RATE = 1000
"""Samples a second of speech that nobody hears."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Utterance(_Strict):
    """Words as a recogniser would give them: at a time (seconds), or after the assistant has said something."""

    at: Annotated[float, Field(ge=0)] | None = None
    after: Annotated[str, Field(min_length=1)] | None = None
    """Part of what it said, in whatever case; said since the words before these."""
    wait: Annotated[float, Field(gt=0)] = 2.0
    """Seconds after that."""
    say: str

    @model_validator(mode="after")
    def _at_one_time(self) -> "Utterance":
        if (self.at is None) == (self.after is None):
            raise ValueError("needs either at (seconds) or after (what was said before)")
        return self


class NightScript(_Strict):
    """A night to rehearse."""

    night: tuple[Utterance, ...]
    until: Annotated[float, Field(gt=0)]
    """Seconds."""
    from_: Annotated[str | None, Field(alias="from")] = None
    """Local time at which it begins, ISO."""
    profile: dict[Condition, bool] = {}

    @property
    def conditions(self) -> frozenset[str]:
        return frozenset(name for name, holds in self.profile.items() if holds)


def read_script(path: Path) -> NightScript:
    """Raises NightvoiceError naming the file and the place."""
    data = read_yaml(path)
    if not isinstance(data, dict):
        raise NightvoiceError(f"{path}: is no written night; it should have the keys night and until")
    if data.get("from") is not None:
        data["from"] = str(data["from"])  # YAML may have read it as a date
    try:
        return NightScript.model_validate(data)
    except ValidationError as error:
        raise NightvoiceError(_problem(path, error)) from None


def _problem(path: Path, error: ValidationError) -> str:
    """The first problem: its line and key, and the nearest right key for a wrong one."""
    first = error.errors()[0]
    loc = [part for part in first["loc"] if part != "[key]"]
    node, line = compose_yaml(path), 0
    for part in loc:
        if isinstance(node, yaml.MappingNode):
            key, node = next(((k, v) for k, v in node.value if k.value == part), (node, None))
            line = key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
            line = node.start_mark.line + 1
    where = f"{path}{f' line {line}' if line else ''}"
    key = ".".join(str(part) for part in loc)
    if first["type"] not in ("extra_forbidden", "literal_error"):
        return f"{where}: {key + ': ' if key else ''}{first['msg'].removeprefix('Value error, ')}"
    model = Utterance if loc[0] == "night" else NightScript
    known = CONDITIONS if loc[0] == "profile" else [field.alias or name for name, field in model.model_fields.items()]
    near = get_close_matches(str(loc[-1]), known, n=1, cutoff=0.5)
    hint = f'did you mean "{near[0]}"?' if near else f"one of {', '.join(known)}"
    return f'{where}: unknown key "{key}"; {hint}'


class SilentRoom:
    """A room without sound: what is played takes its time and is heard by nobody."""

    deaf_since = None

    def __init__(self, until: float) -> None:
        self._frames = round(until / FRAME_S)
        self._t = 0.0
        self._number = 0
        self._queue: list[tuple[int, float]] = []
        """Number and end of each sound, in order."""

    def frames(self) -> Iterator[Frame]:
        for frame in range(1, self._frames + 1):
            self._t = frame * FRAME_S
            yield SILENCE

    def play(self, sound: Samples, rate: int, volume: float) -> int:
        begin = max(self._t, self._queue[-1][1] if self._queue else 0.0)
        self._number += 1
        self._queue.append((self._number, begin + len(sound) / rate))
        return self._number

    def hush(self) -> None:
        self._queue.clear()

    def ended(self) -> list[int]:
        ended = []
        while self._queue and self._queue[0][1] <= self._t:
            ended.append(self._queue.pop(0)[0])
        return ended

    def close(self) -> None:
        """Nothing to release."""


class ScriptedEars:
    """Ears that hear the script's words at their times, and understand them as the real ones do."""

    name = "script"
    input_lost = False
    idle = True

    def __init__(self, script: NightScript, understanding: IntentRecognizer) -> None:
        self._waiting = list(script.night)
        if all(utterance.after is None for utterance in self._waiting):
            self._waiting.sort(key=lambda utterance: utterance.at or 0.0)
        self._understanding = understanding
        self._frames = 0
        self._cued: float | None = None
        """When what the next words wait for was last being said."""

    @property
    def unsaid(self) -> tuple[Utterance, ...]:
        """What it was not yet the time for."""
        return tuple(self._waiting)

    def hear(self, frame: Frame, state: str, speaking: str | None) -> RecognitionResult | None:
        self._frames += 1
        if not self._waiting or not self._is_time(self._waiting[0], speaking or ""):
            return None
        text, self._cued = self._waiting.pop(0).say, None
        return perceive(text, state, self._understanding, self.name)

    def _is_time(self, utterance: Utterance, speaking: str) -> bool:
        t = self._frames * FRAME_S
        if utterance.after is None:
            return t >= (utterance.at or 0.0)
        if utterance.after.lower() in speaking.lower():
            self._cued = t
        return self._cued is not None and t >= self._cued + utterance.wait

    def on_playback_end(self) -> None:
        """Nothing to do: a script has no echo."""


def silent_speech(text: str) -> Speech:
    """Silence as long as ``text`` takes to say."""
    seconds = len(text.split()) * 60 / WORDS_PER_MINUTE + PAUSE_S
    return Speech(np.zeros(round(seconds * RATE), dtype=np.int16), RATE)
