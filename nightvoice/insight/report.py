"""What the clinician's page rests on: a period in figures, without words."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from statistics import median, quantiles
from typing import Final, Self

from nightvoice.config.schema import Config
from nightvoice.content.triage import ACTIONS
from nightvoice.diary.night import Night
from nightvoice.diary.store import Diary
from nightvoice.errors import NightvoiceError
from nightvoice.insight.coverage import Watch, watch
from nightvoice.insight.night import Cramp, summarize
from nightvoice.insight.patterns import Patterns, patterns
from nightvoice.insight.trend import Place, Remedy, places, remedies

MOST_NIGHTS: Final = 371
"""More nights (53 weeks) do not fit on the page."""
LONG: Final = 10
"""Minutes: a cramp beyond is out of the ordinary."""

QUESTIONS: Final = ("pain_on_walking", "urge_to_move", "numbness", "swelling")
"""Keys of the configuration's section ``report`` that are yes or no."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over the cramps for which it is known."""

    middle: float
    """Median."""
    low: float
    high: float
    """The range."""
    known: int
    of: int


@dataclass(frozen=True, slots=True)
class Onset:
    """Times of night, as hours and minutes: the median, and the middle half where there are four or more."""

    middle: str
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One night in the chart."""

    date: date
    watch: Watch
    cramps: int


@dataclass(frozen=True, slots=True)
class Sign:
    """A danger sign that was told at night."""

    flag: str
    action: str
    nights: tuple[date, ...]
    """On which it was told, the last first."""


@dataclass(frozen=True, slots=True)
class Statements:
    """What the person says of themselves, in the configuration; None: not answered."""

    name: str | None = None
    born: str | None = None
    medicines: str | None = None
    answers: Mapping[str, bool] = field(default_factory=dict)
    """Yes or no to ``QUESTIONS``; what is not here was not answered."""
    conditions: frozenset[str] = frozenset()
    """Of the profile."""

    @classmethod
    def of(cls, config: Config) -> Self:
        """What ``config`` says."""
        said = config.report
        answers = {name: getattr(said, name) for name in QUESTIONS}
        known = {name: answer for name, answer in answers.items() if answer is not None}
        return cls(said.name, said.born, said.medicines, known, config.profile.conditions)


@dataclass(frozen=True, slots=True)
class Report:
    """A period."""

    since: date
    until: date
    cells: tuple[Cell, ...]
    observed: int
    partly: int
    unheard: int
    cramp_nights: int
    """Observed nights with a cramp."""
    counted: int
    """Cramps in observed nights: what frequencies rest on."""
    cramps: int
    """All cramps, also of nights heard in part: what everything else rests on."""
    open_end: int
    """Cramps of which nobody knows when they ended."""
    long: int
    """Cramps over ``LONG`` minutes."""
    onset: Onset | None
    minutes: Spread | None
    severity: Spread | None
    soreness: Spread | None
    sleep_lost: Spread | None
    """Minutes."""
    places: tuple[Place, ...]
    remedies: tuple[Remedy, ...]
    outcomes: Mapping[str, int]
    """The most frequent first."""
    signs: tuple[Sign, ...]
    """The most pressing first."""
    patterns: Patterns
    stated: Statements

    @property
    def a_week(self) -> float | None:
        """Cramps for seven observed nights."""
        return 7 * self.counted / self.observed if self.observed else None


def report_of(diary: Diary, config: Config, since: date, until: date) -> Report:
    """The nights of ``diary`` from ``since`` to ``until``, with what the person stated. Raises NightvoiceError."""
    nights = (until - since).days + 1
    if not 0 < nights <= MOST_NIGHTS:
        raise NightvoiceError(f"a report from {since} to {until}: should be about 1 to {MOST_NIGHTS} nights")
    return report(diary.nights(since, until), Statements.of(config))


def report(nights: Sequence[Night], stated: Statements = Statements()) -> Report:
    """``nights``, every date of a period in order, in figures."""
    cells = tuple(Cell(night.date, watch(night), len(night.episodes)) for night in nights)
    cramps = [cramp for night in nights for cramp in summarize(night).cramps]
    counted = [cell.cramps for cell in cells if cell.watch is Watch.OBSERVED]
    minutes = [cramp.minutes for cramp in cramps]
    outcomes = Counter(cramp.episode.outcome or "open" for cramp in cramps)
    return Report(
        since=nights[0].date,
        until=nights[-1].date,
        cells=cells,
        observed=len(counted),
        partly=sum(cell.watch is Watch.PARTLY for cell in cells),
        unheard=sum(cell.watch is Watch.NOT for cell in cells),
        cramp_nights=sum(count > 0 for count in counted),
        counted=sum(counted),
        cramps=len(cramps),
        open_end=minutes.count(None),
        long=sum(known is not None and known > LONG for known in minutes),
        onset=_onset(cramps),
        minutes=_spread(minutes),
        severity=_spread([cramp.episode.severity for cramp in cramps]),
        soreness=_spread([cramp.episode.soreness for cramp in cramps]),
        sleep_lost=_spread([cramp.episode.sleep_lost_minutes for cramp in cramps]),
        places=tuple(places(nights)),
        remedies=tuple(remedies(nights)),
        outcomes=dict(outcomes.most_common()),
        signs=_signs(nights),
        patterns=patterns(nights),
        stated=stated,
    )


def _spread(values: Sequence[float | None]) -> Spread | None:
    known = [value for value in values if value is not None]
    return Spread(median(known), min(known), max(known), len(known), len(values)) if known else None


def _onset(cramps: Sequence[Cramp]) -> Onset | None:
    """In minutes since the noon before, so that midnight is not an end of the scale."""
    minutes = [_since_noon(cramp) for cramp in cramps]
    if not minutes:
        return None
    low, middle, high = quantiles(minutes, n=4) if len(minutes) > 3 else (min(minutes), median(minutes), max(minutes))
    return Onset(*(_clock(value) for value in (middle, low, high)))


def _since_noon(cramp: Cramp) -> float:
    at = cramp.episode.onset
    return ((at.hour - 12) % 24) * 60 + at.minute


def _clock(since_noon: float) -> str:
    return f"{datetime(1, 1, 1, 12, tzinfo=UTC) + timedelta(minutes=round(since_noon)):%H:%M}"


def _signs(nights: Sequence[Night]) -> tuple[Sign, ...]:
    told: dict[str, list[date]] = {}
    actions: dict[str, str] = {}
    for night in nights:
        for flag in summarize(night).flags:
            told.setdefault(flag.flag, []).insert(0, night.date)
            actions[flag.flag] = flag.action
    signs = [Sign(flag, actions[flag], tuple(dates)) for flag, dates in told.items()]
    return tuple(sorted(signs, key=lambda sign: (_urgency(sign.action), -sign.nights[0].toordinal())))


def _urgency(action: str) -> int:
    return ACTIONS.index(action) if action in ACTIONS else 0
