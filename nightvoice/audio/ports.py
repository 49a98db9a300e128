"""The room: where frames come from and where speech goes. ``live.py`` and ``wav_room.py`` have this face."""

from collections.abc import Iterator
from typing import Protocol

from nightvoice.audio.frames import Frame, Samples


class Room(Protocol):
    """A microphone and a loudspeaker. Used from one thread; ``frames`` sets the pace."""

    @property
    def deaf_since(self) -> float | None:
        """Time (t) of the last real frame, while the microphone gives none."""

    def frames(self) -> Iterator[Frame]:
        """Yield one frame per 32 ms until the recording ends (live: never). A dead microphone yields silence."""

    def play(self, sound: Samples, rate: int, volume: float) -> int:
        """Queue mono ``sound`` behind what is playing, scaled by ``volume`` (0..1); return its number, from 1."""

    def hush(self) -> None:
        """Fade out within 50 ms and drop everything queued."""

    def ended(self) -> list[int]:
        """Numbers of the sounds whose last sample was played (not those hushed) since the last call."""

    def close(self) -> None:
        """Release the devices; may be called twice."""
