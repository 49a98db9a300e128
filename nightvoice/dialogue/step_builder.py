"""One step of the guide under construction: the changing state and the actions decided so far."""

from dataclasses import replace
from math import inf
from typing import Any

from nightvoice.dialogue.actions import Action, Record, Say, StopSpeaking, Volume
from nightvoice.dialogue.agenda import AgendaItem, Ask, Line, QuestionKind
from nightvoice.dialogue.state import EpisodeState, State, Stretching

SPEECH_LOST_S = 60.0
"""An utterance whose end is never reported (a dead loudspeaker) counts as over after this many seconds."""
TONIGHT_S = 12 * 3600.0
"""Seconds for which a condition that the person told of counts, unless it is kept in the profile."""
RECENT_TEXTS = 60
"""Number of spoken texts kept to choose the least recently used wording."""


class StepBuilder:
    """Mutable builder for one step; ``result`` gives the new state and the actions."""

    def __init__(self, state: State, t: float, whispers: bool = False) -> None:
        """``whispers``: whether to whisper in each episode, unless told tonight to speak louder."""
        self.state = state
        self.t = t
        self._whispers = whispers
        self._actions: list[Action] = []

    @property
    def episode(self) -> EpisodeState:
        """The running episode; there must be one."""
        assert self.state.episode is not None
        return self.state.episode

    @property
    def stretching(self) -> Stretching:
        """The running bedtime stretches; there must be some."""
        assert self.state.stretching is not None
        return self.state.stretching

    def result(self) -> tuple[State, tuple[Action, ...]]:
        return self.state, tuple(self._actions)

    def set(self, **changes: Any) -> None:
        self.state = replace(self.state, **changes)

    def set_episode(self, **changes: Any) -> None:
        self.set(episode=replace(self.episode, **changes))

    def do(self, action: Action) -> None:
        self._actions.append(action)

    def record(self, kind: str, **data: object) -> None:
        self.do(Record(kind, data))

    def say(self, item: Line | Ask, wordings: tuple[str, ...] = (), tries: int = 0) -> None:
        """Speak ``item`` and make it the current one. ``wordings`` replace its own."""
        state, number = self.state, self.state.spoken + 1
        recent = state.recent_texts
        text = _least_recent(wordings or _wordings(item, recent), recent)
        claim, loud, progress = None, item.loud, state.progress
        clot_due = state.clot_due and not (isinstance(item, Ask) and item.flag == "clot")
        held = state.held_question
        if isinstance(item, Line):
            claim, progress, held = item.claim, item.progress or progress, item.asks or held
            if item.progress and state.episode is not None and state.episode.cautioned:
                held = None  # a no in the next hold is about something else
        else:
            held = None
        if not (isinstance(item, Line) and item.progress):
            recent = (*(earlier for earlier in recent if earlier != text), text)[-RECENT_TEXTS:]
        self.state = replace(
            state,
            current=item, since=self.t, due=self.t + SPEECH_LOST_S, quiet_left=0.0,
            utterance=number, spoken=number, tries=tries, recent_texts=recent, progress=progress, clot_due=clot_due,
            held_question=held,
        )  # fmt: skip
        soft = (state.soft or self.whispering) and not (loud or _about_danger(item))
        self.do(Say(number, text, claim, loud, soft))

    @property
    def whispering(self) -> bool:
        """Whether to whisper, and to say only what is needed."""
        always = self._whispers and self.state.episode is not None and self.t >= self.state.aloud_until
        return always or self.t < self.state.whisper_until

    def whisper(self) -> None:
        self.set(whisper_until=self.t + TONIGHT_S, aloud_until=-inf)

    def change_volume(self, direction: int) -> None:
        """Raise (+1) or lower (-1) the volume by one step. Louder ends the whispering; a whisper gets no quieter."""
        if not self.whispering:
            self.do(Volume(direction))
        elif direction > 0:
            self.set(whisper_until=-inf, aloud_until=self.t + TONIGHT_S)

    def tell(self, condition: str, keep: bool = True) -> None:
        """Let a condition of the profile count for this night. ``keep``: offer to remember it."""
        told = self.state.told if self.t < self.state.told_until else frozenset()
        to_keep = (*self.state.to_keep, condition) if keep and condition not in told else self.state.to_keep
        self.set(told=told | {condition}, told_until=self.t + TONIGHT_S, to_keep=to_keep)
        self.set(clot_due=self.state.clot_due or condition == "pregnant")

    def note_voice(self, whispered: bool) -> None:
        """Note that the person spoke, whatever they said."""
        self.set(soft=whispered, not_understood=0)
        if self.state.episode is not None:
            self.set_episode(silent=False)

    def note_usual(self, usual: bool) -> None:
        """Note and record whether the person says that the cramp is like the usual ones."""
        self.set_episode(usual=usual)
        self.record("usual", usual=usual)

    def knows_usual_at(self, site: str) -> bool:
        """Return whether a cramp at ``site`` is usual for the person: by their history, or because it is back."""
        back = site == self.state.last_site and self.t < self.state.usual_until
        return back or site in self.state.history.usual_sites

    def knows_place(self) -> bool:
        """Return whether the person's cramps are mostly in one place, and usual there."""
        history = self.state.history
        return history.place is not None and history.place.site in history.usual_sites

    def tells_getting_up(self) -> bool:
        """Return whether to say now how to get up, which is said once a night."""
        due = self.t >= self.state.getting_up_from
        self.set(getting_up_from=self.t + TONIGHT_S)
        return due

    def interrupt(self) -> "StepBuilder":
        """Stop the current item; the agenda stays. Returns the builder."""
        if self.state.utterance:
            self.do(StopSpeaking())
        self.set(current=None, utterance=0, due=inf, quiet_left=0.0)
        return self

    def clear(self) -> None:
        """Stop the current item and drop the agenda."""
        self.interrupt()
        self.set(agenda=(), repeatable=(), held_question=None)

    def plan(self, *items: AgendaItem, keep_repeatable: bool = False) -> None:
        """Stop the current item and replace the agenda.

        ``keep_repeatable``: "repeat" still means what it meant before, instead of ``items``.
        """
        self.interrupt()
        self.set(agenda=items, repeatable=self.state.repeatable if keep_repeatable else items)

    def remaining_agenda(self) -> tuple[AgendaItem, ...]:
        """Return the current item and the items after it, without those that are not resumed."""
        items = (self.state.current, *self.state.agenda)
        return tuple(item for item in items if item is not None and not (isinstance(item, Line) and item.once))

    def pending_danger_question(self) -> Ask | None:
        """Return the danger question that is open or comes next, if any."""
        asks = (item for item in self.remaining_agenda() if isinstance(item, Ask))
        return next((ask for ask in asks if ask.kind is QuestionKind.TRIAGE), None)


def _about_danger(item: Line | Ask) -> bool:
    """Whether ``item`` asks or warns of a danger, which is never whispered."""
    if isinstance(item, Ask):
        return item.kind is QuestionKind.TRIAGE
    return (item.claim or "").startswith(("flag-", "escalate-"))


def _wordings(item: Line | Ask, recent: tuple[str, ...]) -> tuple[str, ...]:
    """Return the item's wordings; a question whose only wording was spoken last uses those of its repetition."""
    if isinstance(item, Ask) and item.no_input and item.wordings == recent[-1:]:
        return item.no_input
    return item.wordings


def _least_recent(wordings: tuple[str, ...], recent: tuple[str, ...]) -> str:
    if len(wordings) == 1:
        return wordings[0]
    return min(wordings, key=lambda text: recent.index(text) if text in recent else -1)
