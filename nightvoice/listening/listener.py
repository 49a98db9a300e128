"""The protocol of listeners: frames in, recognised intents out. It loads nothing that listens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from nightvoice.listening.decision import Verdict

if TYPE_CHECKING:
    from nightvoice.audio.frames import Frame


@dataclass(frozen=True, slots=True)
class RecognitionResult:
    """The intent recognised in one utterance, and whether to believe it."""

    verdict: Verdict
    text: str
    score: float
    """0..1; 0.5 and above is believed."""
    engine: str
    intent: str = ""
    slots: Mapping[str, str] = field(default_factory=dict)
    why: str = ""
    """Why it was not believed."""
    whispered: bool = False


class Listener(Protocol):
    """Turns frames into recognition results; the assistant uses nothing else of this package."""

    @property
    def name(self) -> str:
        """Name of the engine in use."""

    @property
    def input_lost(self) -> bool:
        """Whether recognition is unavailable at the moment."""

    @property
    def idle(self) -> bool:
        """Whether nobody is speaking at the moment."""

    def hear(self, frame: Frame, state: str, speaking: str | None, question: str = "") -> RecognitionResult | None:
        """Take the next frame.

        ``state`` is the dialogue's; ``speaking``: what the assistant is saying now; ``question``: the open question.
        """

    def on_own_voice(self) -> None:
        """Handle that the latest sound, up to the next frame, is echo of the assistant's own voice."""

    def on_playback_end(self) -> None:
        """Handle the end of the assistant's own speech."""
