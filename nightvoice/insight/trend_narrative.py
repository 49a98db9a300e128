"""Puts trends into words; their wording is in trends.yaml."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import time

from nightvoice.content.trends import TrendWords
from nightvoice.insight.comparison import ChangeVerdict, RateChange
from nightvoice.insight.cramp_times import MIN_FOR_HALF, CrampDurations, CrampTimes
from nightvoice.insight.trend import MIN_OBSERVED, Average


@dataclass(frozen=True, slots=True)
class TrendNarrator:
    """Words for trends, in one language."""

    words: TrendWords
    clock: Callable[[time], str]
    """Writes a time of day."""
    minutes: Callable[[float], str]
    """Writes a length of time."""

    def answer(self, change: RateChange) -> str:
        """Return the answer to ``words.comparison.question``."""
        answer: str = getattr(self.words.comparison, change.verdict.value)
        return answer

    def grounds(self, change: RateChange) -> str:
        """Return what the answer rests on."""
        words = self.words.comparison
        if change.verdict is ChangeVerdict.TOO_FEW:
            text = words.wanted
        elif change.verdict is ChangeVerdict.UNCLEAR:
            text = f"{words.figures} {words.chance}"
        else:
            text = words.figures
        return text.format(
            now=self._number(change.now),
            before=self._number(change.before),
            weeks=change.weeks,
            nights=MIN_OBSERVED,
            recent=len(change.recent),
            earlier=len(change.earlier),
        )

    def average(self, latest: Average | None) -> str:
        """Return the rate of the last weeks, and how far off it may be."""
        if latest is None:
            return self.words.no_average
        low, high = latest.interval
        return self.words.average.format(rate=self._number(latest.rate), low=self._number(low), high=self._number(high))

    def times(self, found: CrampTimes) -> str:
        """Return when cramps come; there is at least one."""
        words = self.words.times
        text = words.one if found.total == 1 else words.few if found.total < MIN_FOR_HALF else words.half
        return text.format(**{"from": self.clock(found.first), "to": self.clock(found.last)})

    def durations(self, found: CrampDurations) -> str:
        """Return how long cramps last."""
        words = self.words.durations
        text = words.none if not found.known else words.one if found.known == 1 else words.half
        unknown = found.total - found.known
        told = text.format(median=self.minutes(found.median), longest=self.minutes(found.longest))
        if found.known and unknown:
            told += " " + words.unknown.format(unknown=unknown, count=found.total)
        return told

    def _number(self, value: float) -> str:
        return f"{value:.1f}".removesuffix(".0").replace(".", self.words.decimal)
