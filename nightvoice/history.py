"""What the diary knows, as events of the dialogue: the episode that was cut off, what helped before, the night."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from nightvoice.content.triage import CALM_ACTIONS
from nightvoice.dialogue.events import DayReady, Event, HistoryReady, Remembered, Resumed, SummaryReady
from nightvoice.dialogue.step_history import NO_STEP_HISTORY, StepHistory
from nightvoice.diary.episode import Episode, FlagRaised
from nightvoice.diary.night import night_of
from nightvoice.diary.store import Diary
from nightvoice.diary.write_behind import WriteBehindDiary
from nightvoice.insight.narrative import NarrativeLine, as_json
from nightvoice.insight.night import NightSummary, last_night, summarize, unrated
from nightvoice.storage.errors import StorageUnavailable

RESUME_WITHIN: Final = timedelta(minutes=30)
"""An episode that a power cut left open this recently is taken up again."""
RESUME_S: Final = 10.0
"""How long the diary may take to tell of it."""
YESTERDAY: Final = timedelta(hours=24)
"""Danger signs are looked for in the nights of so long ago."""
EPISODES: Final = 50
"""The latest episodes tell: what helped years ago may help no more."""


class History:
    """Asks the ``diary``; ``tell``: a night in words. A diary that cannot be read has nothing to say: ``missing``
    takes the reason."""

    def __init__(
        self,
        diary: WriteBehindDiary,
        tell: Callable[[NightSummary], list[NarrativeLine]],
        missing: Callable[[StorageUnavailable], None],
    ) -> None:
        self._diary, self._tell, self._missing = diary, tell, missing

    def beginning(self, began: datetime) -> Iterator[Event]:
        """What to know at ``began``; an episode cut off minutes ago, while an older one is closed as interrupted."""
        before, tonight = night_of(began - YESTERDAY), night_of(began)
        try:
            nights = self._diary.query(lambda diary: diary.nights(before, tonight), RESUME_S)
            latest = next(iter(self._diary.query(lambda diary: diary.latest_episodes(1), RESUME_S)), None)
            yield remembered(latest, [flag for night in nights for flag in night.flags], began)
            episode = self._diary.query(Diary.unfinished, RESUME_S)
            if episode is None:
                return
            if began - episode.onset > RESUME_WITHIN:
                self._diary.query(Diary.interrupt_unfinished, RESUME_S)
                return
        except StorageUnavailable as error:
            self._missing(error)
            return
        # A computer without a clock of its own may think that it is earlier than it was.
        onset = min(0.0, (episode.onset - began).total_seconds())
        yield Resumed(0.0, onset, episode.site, episode.side, tuple(flag.flag for flag in episode.flags))

    def helped(self, t: float) -> HistoryReady:
        """What helped before."""
        try:
            return HistoryReady(t, experience(self._diary.query(lambda diary: diary.latest_episodes(EPISODES))))
        except StorageUnavailable:
            return HistoryReady(t, NO_STEP_HISTORY)

    def day(self, t: float, now: datetime, asked: bool) -> DayReady:
        """What is known of the day before the coming night."""
        try:
            known = frozenset(self._diary.query(lambda diary: diary.night(night_of(now))).tags)
        except StorageUnavailable:
            known = frozenset()
        return DayReady(t, known, asked)

    def night(self, t: float, now: datetime) -> SummaryReady:
        """The last night in words, and what to ask about it."""
        try:
            self._diary.heard_until(now)
            night = summarize(self._diary.query(lambda diary: diary.night(last_night(now))))
        except StorageUnavailable as error:
            self._missing(error)
            return SummaryReady(t, ())
        lines = tuple((line.text, line.claim) for line in self._tell(night))
        tip_day = None if night.flags else now.date()
        ask = unrated(night)
        if ask is None:
            return SummaryReady(t, lines, tip_day=tip_day)
        return SummaryReady(t, lines, ask.ratings, ask.cramp, ask.several, tip_day)

    def summary(self, began: datetime) -> dict[str, Any]:
        """The fields of the night's ``summary``."""
        try:
            night = summarize(self._diary.query(lambda diary: diary.night(night_of(began))))
        except StorageUnavailable as error:
            return {"text": "", "why": str(error)}
        return as_json(night, self._tell(night))


def experience(episodes: Iterable[Episode]) -> StepHistory:
    """How often each step eased one of ``episodes``, and how often it made one worse."""
    told = [(step.effect, (step.protocol, step.step)) for episode in episodes for step in episode.steps]
    return StepHistory(
        Counter(key for effect, key in told if effect == "eased"),
        Counter(key for effect, key in told if effect == "worse"),
    )


def remembered(latest: Episode | None, flags: Iterable[FlagRaised], began: datetime) -> Remembered:
    """What is still open of ``latest``, the last episode that was closed, and of the danger signs in ``flags``."""
    unresolved = None
    if latest is not None and latest.ended is not None and latest.outcome not in ("gone", "eased"):
        unresolved = (latest.onset - began).total_seconds()
    pressing = [
        (flag.at - began).total_seconds()
        for flag in flags
        if flag.action not in CALM_ACTIONS and flag.flag != "ten_minutes"
    ]
    return Remembered(0.0, unresolved, max(pressing, default=None))
