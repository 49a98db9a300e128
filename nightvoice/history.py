"""Answers from the diary as dialogue events: the interrupted episode, the steps that helped, the day, the night."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from nightvoice.content.countries import HelpNumbers
from nightvoice.content.schema import SITES
from nightvoice.content.triage import CALM_ACTIONS
from nightvoice.dialogue.cramp_history import (
    NO_HISTORY,
    CrampHistory,
    EarlierCramp,
    Place,
    most_frequent_place,
    usual_sites,
)
from nightvoice.dialogue.events import DayReady, Event, HistoryReady, Remembered, Resumed, SummaryReady
from nightvoice.dialogue.step_builder import TONIGHT_S
from nightvoice.dialogue.step_history import StepHistory
from nightvoice.dialogue.told import CONDITION_OF
from nightvoice.diary.episode import Episode, RecordedFlag
from nightvoice.diary.event import Event as DiaryEvent
from nightvoice.diary.night import night_of
from nightvoice.diary.store import LATEST, Diary
from nightvoice.diary.write_behind import WriteBehindDiary
from nightvoice.insight.last_sleep import last_sleep
from nightvoice.insight.narrative import NarrativeLine, as_json
from nightvoice.insight.night import NightSummary, summarize, unrated
from nightvoice.storage.errors import StorageUnavailable
from nightvoice.system.clock import APART, EARLIEST, LATE

RESUME_WITHIN: Final = timedelta(minutes=30)
"""Maximum age of an open episode that is resumed after a power cut; an older one is closed as interrupted."""
AHEAD: Final = timedelta(days=1)
"""How far after the start an earlier time may be: the clock may be behind, until it learns the time."""
STARTUP_TIMEOUT_S: Final = 10.0
"""Seconds to wait for each of the diary's answers at the start."""
FLAGS_WITHIN: Final = timedelta(hours=24)
"""How far back the start looks for danger signs, in whole nights."""
TOLD_WITHIN: Final = timedelta(seconds=TONIGHT_S)
"""How far back the start looks for conditions that the person told of."""
LATEST_EPISODES: Final = 50
"""Number of episodes in the step history; what helped years ago may no longer help."""

UNWRITTEN: Final = "events of the night are not in the diary yet"


class History:
    """Reads the dialogue's requests from the diary.

    ``narrate`` puts a night into sentences, with the ``numbers`` to call. ``on_unavailable`` receives the error of an
    unreadable diary; the methods then return empty answers.
    """

    def __init__(
        self,
        diary: WriteBehindDiary,
        narrate: Callable[[NightSummary, HelpNumbers], list[NarrativeLine]],
        numbers: HelpNumbers,
        on_unavailable: Callable[[StorageUnavailable], None],
    ) -> None:
        self._diary, self._narrate, self._on_unavailable = diary, narrate, on_unavailable
        self.numbers = numbers

    def at_start(self, began: datetime) -> Iterator[Event]:
        """Yield the events that open a night at ``began``; close an episode that is too old to resume."""
        # A wrong clock may have dated something years ahead: that is not the latest for ever.
        until = began + AHEAD
        try:
            recent, answers = self._diary.query(lambda diary: _read_cramps(diary, until), STARTUP_TIMEOUT_S)
            yield HistoryReady(0.0, cramp_history(recent, answers))
            ends = self._diary.query(Diary.night_end, STARTUP_TIMEOUT_S)
            since, tonight = night_of(began - FLAGS_WITHIN, ends), night_of(began, ends)
            nights = self._diary.query(lambda diary: diary.nights(since, tonight), STARTUP_TIMEOUT_S)
            # How a cramp that was told of later ended says nothing about one that got worse here.
            latest = next((episode for episode in reversed(recent) if not episode.told_later), None)
            heard = self._diary.query(
                lambda diary: diary.events_of("heard", began - TOLD_WITHIN, until), STARTUP_TIMEOUT_S
            )
            told = [event for event in heard if event.data.get("intent") == "told"]
            yield remembered(latest, [flag for night in nights for flag in night.flags], told, began)
            episode = self._diary.query(Diary.unfinished, STARTUP_TIMEOUT_S)
            if episode is None:
                return
            # The onset by a clock that had not been set says nothing about its age: asking is safer than closing.
            if EARLIEST < episode.onset < began - RESUME_WITHIN:
                self._diary.query(Diary.interrupt_unfinished, STARTUP_TIMEOUT_S)
                return
        except StorageUnavailable as error:
            self._on_unavailable(error)
            return
        # Without a battery-backed clock, the time after a power cut may be earlier than before it.
        onset = seconds_before(began, episode.onset) if episode.onset > EARLIEST else 0.0
        yield Resumed(0.0, onset, episode.site, episode.side, _told(episode))

    def appointments(self, began: datetime) -> tuple[dict[str, datetime], datetime | None]:
        """Return when each appointment was kept before a night at ``began``, and when it was last listened."""
        try:
            kept = self._diary.query(lambda diary: diary.events_of("appointment", began - APART, began + LATE))
            return {event.data["what"]: event.at for event in kept}, self._diary.query(
                lambda diary: diary.last_heard(began)
            )
        except StorageUnavailable:
            return {}, None

    def cramps(self, t: float) -> HistoryReady:
        """Answer ``RequestHistory``: the earlier cramps."""
        try:
            return HistoryReady(t, cramp_history(*self._diary.query(_read_cramps)))
        except StorageUnavailable:
            return HistoryReady(t, NO_HISTORY)

    def day(self, t: float, now: datetime, asked: bool) -> DayReady:
        """Answer ``RequestDay``: the known tags of the day before the coming night."""
        try:
            known = frozenset(self._diary.query(lambda diary: diary.night(night_of(now, diary.night_end()))).tags)
        except StorageUnavailable:
            known = frozenset()
        return DayReady(t, known, asked)

    def night(self, t: float, now: datetime) -> SummaryReady:
        """Answer ``RequestSummary``: the last night in sentences, and its missing ratings."""
        try:
            self._diary.heard_until(now)
            night = summarize(self._diary.query(lambda diary: last_sleep(diary, now)))
        except StorageUnavailable as error:
            self._on_unavailable(error)
            return SummaryReady(t, (), incomplete=True)
        if self._diary.waiting:
            # What waits to be written may be a cramp or its end: of the rest, only the danger signs are sure.
            signs = self._narrate(replace(night, cramps=()), self.numbers)
            return SummaryReady(t, tuple((line.text, line.claim) for line in signs if line.claim), incomplete=True)
        lines = tuple((line.text, line.claim) for line in self._narrate(night, self.numbers))
        tip_day = None if night.flags else now.date()
        ask = unrated(night)
        if ask is None:
            return SummaryReady(t, lines, tip_day=tip_day)
        return SummaryReady(t, lines, ask.ratings, ask.cramp, ask.several, tip_day)

    def summary(self, began: datetime) -> dict[str, Any]:
        """Return the fields of the JSON event ``summary`` for the night that started at ``began``."""
        try:
            night = summarize(self._diary.query(lambda diary: diary.night(night_of(began, diary.night_end()))))
        except StorageUnavailable as error:
            return {"text": "", "why": str(error)}
        if self._diary.waiting:
            return {"text": "", "why": self._diary.failure or UNWRITTEN}
        return as_json(night, self._narrate(night, self.numbers))


def seconds_before(began: datetime, at: datetime) -> float:
    """Return ``at`` in seconds of a night that began at ``began``: never positive, although the clock may be behind."""
    return min(0.0, (at - began).total_seconds())


def step_history(episodes: Iterable[Episode]) -> StepHistory:
    """Count how often each step eased one of ``episodes``, and how often it made one worse."""
    effects = [(step.effect, (step.protocol, step.step)) for episode in episodes for step in episode.steps]
    return StepHistory(
        Counter(key for effect, key in effects if effect == "eased"),
        Counter(key for effect, key in effects if effect == "worse"),
    )


def _read_cramps(diary: Diary, until: datetime = LATEST) -> tuple[list[Episode], list[DiaryEvent]]:
    """Return the latest episodes with an onset before ``until``, and the answers whether they were usual."""
    episodes = diary.latest_episodes(LATEST_EPISODES, until)
    return episodes, diary.events_of("usual", episodes[0].onset) if episodes else []


def cramp_history(episodes: Iterable[Episode], answers: Iterable[DiaryEvent]) -> CrampHistory:
    """Return what ``episodes`` tell of the person's cramps. ``answers``: the ``usual`` events, in order."""
    usual = {event.episode: event.data.get("usual") for event in answers}
    past = [episode for episode in episodes if episode.ended is not None]
    cramps = [
        EarlierCramp(
            Place(episode.site, episode.side) if episode.site in SITES else None,
            usual.get(episode.id),
            flagged=any(flag.status != "withdrawn" for flag in episode.flags),
        )
        for episode in past
    ]
    return CrampHistory(step_history(past), usual_sites(cramps), most_frequent_place(cramps))


def _told(episode: Episode) -> tuple[str, ...]:
    """Return the danger signs that the person told of in ``episode``, without false alarms."""
    latest = {flag.flag: flag.status for flag in episode.flags}
    return tuple(flag for flag, status in latest.items() if status is None)


def remembered(
    latest: Episode | None, flags: Sequence[RecordedFlag], told: Iterable[DiaryEvent], began: datetime
) -> Remembered:
    """Return what the hours before ``began`` mean for the night: the unresolved latest episode, the pressing danger
    signs, and the conditions that the person told of, in the ``heard`` events ``told``.

    Signs that nobody confirmed, and false alarms, count: the next stretch waits for the danger questions.
    """
    unresolved = None
    if latest is not None and latest.ended is not None and latest.outcome not in ("gone", "eased"):
        unresolved = seconds_before(began, latest.onset)
    pressing = [flag for flag in flags if flag.action not in CALM_ACTIONS and flag.flag != "ten_minutes"]
    latest_danger = max((seconds_before(began, flag.at) for flag in pressing), default=None)
    conditions = [(event.data["slots"]["condition"], event.at) for event in told]
    signs = [flag for flag in flags if flag.flag in CONDITION_OF and flag.at > began - TOLD_WITHIN]
    conditions += [(CONDITION_OF[flag.flag], flag.at) for flag in signs]
    return Remembered(
        0.0,
        unresolved,
        latest_danger,
        frozenset(flag.flag for flag in pressing),
        frozenset(condition for condition, _ in conditions),
        max((seconds_before(began, at) for _, at in conditions), default=None),
    )
