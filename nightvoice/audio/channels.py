"""Combines the channels of a microphone into one: the best channel is taken, because a sum can cancel the voice."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

BLOCK_S: Final = 0.032
"""Length in seconds of the pieces for each of which a channel is chosen."""
_SILENT: Final = 2.0
"""Level (RMS of the differences, of int16) of a channel without any noise of its own: unplugged, or a loopback."""
_FLOOR_RISE: Final = 1.004
"""Factor by which a noise floor rises with each block: about 1 dB per second."""
_CLEAR_DB: Final = 30.0
"""Level above the floor from which speech does not become any clearer."""
_FADE_DB: Final = 0.1
"""Decibels by which the memory of a channel's loudest speech fades with each block: about 3 per second."""
_BETTER_DB: Final = 3.0
"""Lead that another channel needs. A channel in use is kept otherwise, since the echo differs between channels."""


class ChannelPicker:
    """Reduces sound with several channels to the one in which speech stands out most from its own noise."""

    def __init__(self, channels: int, rate: int, full_scale: float = 32768) -> None:
        """``full_scale``: value of the loudest sample, 32768 for int16 and 1 for float."""
        self._block = round(rate * BLOCK_S)
        self._scale = 32768 / full_scale
        self._floors: NDArray[np.float64] | None = None
        self._lowest = np.full(channels, np.inf)
        self._clarity = np.zeros(channels)
        self._chosen = 0

    def pick(self, sound: NDArray[Any]) -> NDArray[Any]:
        """Return ``sound``, shape (n, channels), as one channel, shape (n,)."""
        if sound.shape[1] == 1:
            return sound[:, 0]
        blocks = [self._pick_block(sound[at : at + self._block]) for at in range(0, len(sound), self._block)]
        return np.concatenate(blocks) if blocks else sound[:, 0]

    def _pick_block(self, block: NDArray[Any]) -> NDArray[Any]:
        before, begun = self._chosen, self._floors is not None
        if len(block) > 1:
            self._choose(block)
        chosen = block[:, self._chosen]
        if before == self._chosen or not begun:
            return chosen
        # Fading from one channel to the other avoids a click.
        old, new = block[:, before].astype(np.float64), chosen.astype(np.float64)
        return (old + (new - old) * np.linspace(0, 1, len(block))).astype(block.dtype)

    def _choose(self, block: NDArray[Any]) -> None:
        edges = np.diff(block.astype(np.float64), axis=0) * self._scale
        levels = np.maximum(np.sqrt(np.mean(edges * edges, axis=0)), _SILENT)
        floors = levels if self._floors is None else np.minimum(levels, self._floors * _FLOOR_RISE)
        self._floors = floors
        above = np.minimum(20 * np.log10(levels / floors), _CLEAR_DB)
        self._clarity = np.maximum(self._clarity - _FADE_DB, above)
        self._lowest = np.minimum(self._lowest, levels)
        # Speech in a channel that is otherwise without any noise is the assistant's own, played back by the device.
        worth = self._clarity + np.where(self._lowest > _SILENT, 2 * _CLEAR_DB, 0)
        best = int(np.argmax(worth))
        if worth[best] > worth[self._chosen] + _BETTER_DB:
            self._chosen = best
