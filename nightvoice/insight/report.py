"""Computes the figures of the report for a doctor, without wording."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from statistics import median, quantiles
from typing import Final, Self

from nightvoice.config.schema import Config
from nightvoice.diary.night import Night
from nightvoice.diary.store import Diary
from nightvoice.errors import NightvoiceError
from nightvoice.insight.coverage import Observation, observation
from nightvoice.insight.night import Cramp, summarize, urgency_rank
from nightvoice.insight.patterns import Patterns, patterns
from nightvoice.insight.trend import Remedy, SiteCount, remedies, site_counts

MAX_NIGHTS: Final = 371
"""Longest period that fits on the page, 53 weeks."""
DAY_MINUTES: Final = 24 * 60
LONG_CRAMP_MINUTES: Final = 10
"""Duration above which a cramp is unusual."""

QUESTIONS: Final = ("pain_on_walking", "urge_to_move", "numbness", "swelling")
"""Yes/no keys of the configuration section ``report``."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and range of a figure over the cramps with a known value."""

    median: float
    low: float
    high: float
    known: int
    """Number of cramps with a known value."""
    of: int
    """Number of all cramps."""


@dataclass(frozen=True, slots=True)
class Onset:
    """Onset times as HH:MM: median and quartiles (range if there are fewer than four cramps)."""

    median: str
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class NightCell:
    """One night in the calendar."""

    date: date
    observation: Observation
    cramps: int


@dataclass(frozen=True, slots=True)
class ReportedSign:
    """A danger sign reported at night."""

    flag: str
    action: str
    nights: tuple[date, ...]
    """Nights with a report of the sign, latest first."""


@dataclass(frozen=True, slots=True)
class Statements:
    """The person's statements in the configuration; None means not answered."""

    name: str | None = None
    born: str | None = None
    medicines: str | None = None
    answers: Mapping[str, bool] = field(default_factory=dict)
    """Answers to ``QUESTIONS``; unanswered ones are left out."""
    conditions: frozenset[str] = frozenset()
    """Conditions from the profile."""

    @classmethod
    def of(cls, config: Config) -> Self:
        """Return the statements in ``config``."""
        said = config.report
        answers = {name: getattr(said, name) for name in QUESTIONS}
        known = {name: answer for name, answer in answers.items() if answer is not None}
        return cls(said.name, said.born, said.medicines, known, config.profile.conditions)


@dataclass(frozen=True, slots=True)
class Report:
    """Figures of the report for one period."""

    since: date
    until: date
    cells: tuple[NightCell, ...]
    observed: int
    partly: int
    unheard: int
    cramp_nights: int
    """Observed nights with a cramp."""
    counted: int
    """Cramps on observed nights, the basis of frequencies."""
    cramps: int
    """All cramps, including those of other nights, the basis of all other figures."""
    told_later: int
    """Cramps that the person entered afterwards."""
    open_end: int
    """Cramps with an unknown end."""
    long: int
    """Cramps longer than ``LONG_CRAMP_MINUTES``."""
    onset: Onset | None
    minutes: Spread | None
    severity: Spread | None
    soreness: Spread | None
    sleep_lost: Spread | None
    """Sleep lost in minutes."""
    sites: tuple[SiteCount, ...]
    remedies: tuple[Remedy, ...]
    outcomes: Mapping[str, int]
    """Number of cramps by outcome, most frequent first."""
    signs: tuple[ReportedSign, ...]
    """Danger signs, most urgent first."""
    patterns: Patterns
    stated: Statements

    @property
    def per_week(self) -> float | None:
        """Cramps per seven observed nights."""
        return 7 * self.counted / self.observed if self.observed else None


def report_of(diary: Diary, config: Config, since: date, until: date) -> Report:
    """Return the report on ``diary`` from ``since`` to ``until``. Raises NightvoiceError if the period is too long."""
    nights = (until - since).days + 1
    if not 0 < nights <= MAX_NIGHTS:
        raise NightvoiceError(f"a report from {since} to {until}: should be about 1 to {MAX_NIGHTS} nights")
    return report(diary.nights(since, until), Statements.of(config))


def report(nights: Sequence[Night], stated: Statements = Statements()) -> Report:
    """Return the report on ``nights``, one per date of a period in order."""
    cells = tuple(NightCell(night.date, observation(night), len(night.episodes)) for night in nights)
    cramps = [cramp for night in nights for cramp in summarize(night).cramps]
    counted = [cell.cramps for cell in cells if cell.observation is Observation.OBSERVED]
    minutes = [cramp.minutes for cramp in cramps]
    outcomes = Counter(cramp.episode.outcome or "open" for cramp in cramps)
    return Report(
        since=nights[0].date,
        until=nights[-1].date,
        cells=cells,
        observed=len(counted),
        partly=sum(cell.observation is Observation.PARTLY for cell in cells),
        unheard=sum(cell.observation is Observation.NOT for cell in cells),
        cramp_nights=sum(count > 0 for count in counted),
        counted=sum(counted),
        cramps=len(cramps),
        told_later=sum(cramp.episode.told_later for cramp in cramps),
        open_end=minutes.count(None),
        long=sum(known is not None and known > LONG_CRAMP_MINUTES for known in minutes),
        onset=_onset(cramps),
        minutes=_spread(minutes),
        severity=_spread([cramp.episode.severity for cramp in cramps]),
        soreness=_spread([cramp.episode.soreness for cramp in cramps]),
        sleep_lost=_spread([cramp.episode.sleep_lost_minutes for cramp in cramps]),
        sites=tuple(site_counts(nights)),
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
    if not cramps:
        return None
    # The scale starts after the longest time of day without cramps, so that it does not break in the person's sleep.
    times = sorted(cramp.episode.onset.hour * 60 + cramp.episode.onset.minute for cramp in cramps)
    before = [times[-1] - DAY_MINUTES, *times[:-1]]
    _, start = max((later - earlier, later) for earlier, later in zip(before, times, strict=True))
    minutes = [start + (at - start) % DAY_MINUTES for at in times]
    low, middle, high = quantiles(minutes, n=4) if len(minutes) > 3 else (min(minutes), median(minutes), max(minutes))
    return Onset(*(_clock(value) for value in (middle, low, high)))


def _clock(minutes: float) -> str:
    hour, minute = divmod(round(minutes) % DAY_MINUTES, 60)
    return f"{hour:02}:{minute:02}"


def _signs(nights: Sequence[Night]) -> tuple[ReportedSign, ...]:
    dates_by_flag: dict[str, list[date]] = {}
    actions: dict[str, str] = {}
    for night in nights:
        for flag in summarize(night).flags:
            if flag.status is not None:  # nobody told of it, or it was a false alarm
                continue
            dates_by_flag.setdefault(flag.flag, []).insert(0, night.date)
            actions[flag.flag] = flag.action
    signs = [ReportedSign(flag, actions[flag], tuple(dates)) for flag, dates in dates_by_flag.items()]
    return tuple(sorted(signs, key=lambda sign: (urgency_rank(sign.action), -sign.nights[0].toordinal())))
