"""A bedroom for the guide alone: time jumps to the next change, and every step is checked against the rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import cast

from nightvoice.content.schema import Site
from nightvoice.dialogue.actions import Action, Record, RequestHistory, RequestTime, Say, StopSpeaking, UpdateProfile
from nightvoice.dialogue.cramp_history import NO_HISTORY, CrampHistory
from nightvoice.dialogue.events import Event, Heard, HistoryReady, Remembered, Resumed, SpeechEnded, Tick, TimeReady
from nightvoice.dialogue.guide import Guide
from nightvoice.dialogue.state import State
from nightvoice.dialogue.step_builder import TONIGHT_S
from nightvoice.dialogue.told import CONDITION_OF
from tests.dialogue.observer import PRESSING, Night
from tests.dialogue.rules import RULES, Rule, RuleBrokenError, Turn, interrupts, must, repeats
from tests.dialogue.sense_rules import SENSE_RULES

WORD_S = 0.4
"""Seconds per spoken word."""
PRESSING_SIGNS = PRESSING - {"ten_minutes"}
ALL: Mapping[str, Rule] = {f"rule {n}": rule for n, rule in (RULES | SENSE_RULES).items()} | {
    "no repeats": repeats,
    "one voice": interrupts,
}


@dataclass
class Bedroom:
    """Drives a guide and checks ``rules`` on every step; RuleBrokenError names the broken one."""

    guide: Guide
    profile: frozenset[str] = frozenset()
    rules: Mapping[str, Rule] = field(default_factory=lambda: ALL)
    history: CrampHistory = NO_HISTORY
    state: State = field(default_factory=State)
    t: float = 0.0
    steps: int = 0
    """Number of events sent to the guide."""
    speech: tuple[int, float] | None = None
    flags: list[tuple[str, float, object]] = field(default_factory=list)
    """Each recorded danger sign, with its time and status."""
    told: list[tuple[str, float]] = field(default_factory=list)
    """Each condition that the person told of, with the time."""

    def __post_init__(self) -> None:
        self.night = Night(self.profile, kept=self.profile)

    def send(self, event: Event) -> None:
        """Send one event, check the rules and carry out the actions."""
        self.steps += 1
        before, (self.state, actions) = self.state, self.guide.step(self.state, event)
        idle_tick = isinstance(event, Tick) and not actions and self.state is before
        if idle_tick and self.t < self.night.deadline:
            return  # nothing to judge; any other event without an effect is judged
        turn = Turn(event, actions, self.night.asked, self.night.speaking)
        self.night.perceives(event)
        for act in actions or (None,):
            for name, rule in self.rules.items():
                try:
                    rule(turn, act, self.night)
                except RuleBrokenError as broken:
                    raise RuleBrokenError(f"{name}: {broken}") from None
            if act is not None:
                self._do(act)
        if self.night.open or self.night.stretching:
            must(self.speech is not None or self.state.due < float("inf"), "nothing comes next")

    def _do(self, act: Action) -> None:
        self.night.does(act)
        match act:
            case StopSpeaking():
                self.speech = None
            case Say(utterance=utterance, text=text):
                self.speech = (utterance, self.t + WORD_S * len(text.split()))
            case Record(kind="flag", data=data):
                self.flags.append((str(data["flag"]), self.t, data.get("status")))
            case UpdateProfile(condition=condition, holds=holds):
                self.guide = self.guide.with_condition(condition, holds)
                self.night.profile = self.night.profile | {condition} if holds else self.night.profile - {condition}
                self.night.kept = self.night.kept | {condition} if holds else self.night.kept - {condition}
            case RequestHistory():
                self.state, _ = self.guide.step(self.state, HistoryReady(self.t, self.history))
            case RequestTime():
                self.send(TimeReady(self.t, time(3, 10)))

    def hear(self, intent: str, slots: Mapping[str, str], whispered: bool = False) -> None:
        if intent == "told":
            self.told.append((slots["condition"], self.t))
        self.send(Heard(self.t, intent, slots, whispered))

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        end = self.t + seconds
        while self.t < end:
            spoken = self.speech[1] if self.speech else end
            self.t = min(max(min(self.state.due, self.state.alarm, spoken), self.t), end)
            if self.speech and self.t >= self.speech[1]:
                number, self.speech = self.speech[0], None
                self.night.speaking = False
                self.send(SpeechEnded(self.t, number))
            self.send(Tick(self.t))

    def wait_for_question(self, seconds: float) -> None:
        """Let time pass until a question can be answered, ``seconds`` at most."""
        end = self.t + seconds
        while self.t < end and (self.night.asked is None or self.night.speaking):
            self.wait(1.0)

    def restart(self, minutes: float) -> None:
        """Cut the power for ``minutes``; only the diary is left afterwards."""
        night = self.night
        self.speech, night.speaking, night.asked, night.only_help = None, False, None, -float("inf")
        night.last, night.thigh = "", False
        night.deadline = float("inf")  # Resumed sets it again for an open episode
        self.t += 60 * minutes
        self.state = State()
        flagged = {flag: t for flag, t, _ in self.flags if flag in PRESSING_SIGNS and self.t - t < 24 * 3600}
        unresolved = None if night.open else night.unresolved
        was_open, night.open, night.stretching = night.open, False, False
        signs = [(CONDITION_OF[flag], t) for flag, t, _ in self.flags if flag in CONDITION_OF]
        told = {condition: t for condition, t in (*signs, *self.told) if self.t - t < TONIGHT_S}
        danger, told_at = (max(times.values(), default=None) for times in (flagged, told))
        self.send(Remembered(self.t, unresolved, danger, frozenset(flagged), frozenset(told), told_at))
        if was_open:
            site = cast(Site | None, night.site)
            statuses = {flag: status for flag, t, status in self.flags if t >= night.onset}
            flags = tuple(flag for flag, status in statuses.items() if status is None)
            self.send(Resumed(self.t, night.onset, site, None, flags))
