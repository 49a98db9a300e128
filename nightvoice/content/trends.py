"""Schema of trends.yaml: the words for trends over weeks."""

from nightvoice.system.strict import Strict


class ComparisonWords(Strict):
    """Whether there are fewer cramps than before: a question, an answer for each ``ChangeVerdict``, and its grounds."""

    question: str
    fewer: str
    more: str
    unclear: str
    none: str
    too_few: str
    figures: str
    chance: str
    wanted: str


class TimeWords(Strict):
    """The time of night at which cramps come."""

    title: str
    half: str
    few: str
    one: str
    caution: str


class DurationWords(Strict):
    """How long cramps last."""

    title: str
    half: str
    one: str
    none: str
    unknown: str
    bands: tuple[str, str, str, str]
    """Labels for ``insight.cramp_times.DURATION_BANDS``."""


class TrendWords(Strict):
    """trends.yaml."""

    decimal: str
    """The decimal separator."""
    comparison: ComparisonWords
    average: str
    no_average: str
    times: TimeWords
    durations: DurationWords
