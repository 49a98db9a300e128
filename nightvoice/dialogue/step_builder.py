"""One builder of the guide: the state as it changes, and the actions as they are decided."""

from dataclasses import replace
from math import inf
from typing import Any

from nightvoice.dialogue.actions import Action, Record, Say, StopSpeaking
from nightvoice.dialogue.state import AgendaItem, Ask, EpisodeState, Line, State, Stretching

SPEECH_LOST_S = 60.0
"""An utterance whose end is never reported (a dead loudspeaker) counts as over after this long."""
RECENT_TEXTS = 60
"""Texts of which it is known when they were said."""


class StepBuilder:
    """A pencil on a copy of the state; ``done`` gives the fair copy."""

    def __init__(self, state: State, t: float) -> None:
        self.state = state
        self.t = t
        self._actions: list[Action] = []

    @property
    def episode(self) -> EpisodeState:
        """The running episode; there must be one."""
        assert self.state.episode is not None
        return self.state.episode

    @property
    def stretching(self) -> Stretching:
        """The running routine; there must be one."""
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
        """Begin to speak ``item``, which thereby becomes the current one; ``wordings``: instead of its own."""
        state, number = self.state, self.state.spoken + 1
        text = _least_recent(wordings or _wordings(item, state.said), state.said)
        claim, loud, progress, said = None, False, state.progress, state.said
        if isinstance(item, Line):
            claim, loud, progress = item.claim, item.loud, item.progress or progress
        if not (isinstance(item, Line) and item.progress):
            said = (*(earlier for earlier in said if earlier != text), text)[-RECENT_TEXTS:]
        self.state = replace(
            state,
            current=item, since=self.t, due=self.t + SPEECH_LOST_S,
            utterance=number, spoken=number, tries=tries, said=said, progress=progress,
        )  # fmt: skip
        self.do(Say(number, text, claim, loud, state.soft and not loud))

    def interrupt(self) -> "StepBuilder":
        """Stop whatever is being said or waited for."""
        if self.state.utterance:
            self.do(StopSpeaking())
        self.set(current=None, utterance=0, due=inf)
        return self

    def clear(self) -> None:
        """Nothing is planned any more."""
        self.interrupt()
        self.set(agenda=(), repeatable=())

    def plan(self, *items: AgendaItem, keep_repeatable: bool = False) -> None:
        """Replace the agenda. ``keep_repeatable``: "repeat" goes on to mean what it meant before."""
        self.interrupt()
        self.set(agenda=items, repeatable=self.state.repeatable if keep_repeatable else items)

    def remaining_agenda(self) -> tuple[AgendaItem, ...]:
        """What was interrupted, from the interrupted item on."""
        current = self.state.current
        return ((current,) if current is not None else ()) + self.state.agenda


def _wordings(item: Line | Ask, said: tuple[str, ...]) -> tuple[str, ...]:
    """Its own wordings; for a question that has only one, and that was just asked, those of asking again."""
    if isinstance(item, Ask) and item.no_input and item.wordings == said[-1:]:
        return item.no_input
    return item.wordings


def _least_recent(wordings: tuple[str, ...], said: tuple[str, ...]) -> str:
    if len(wordings) == 1:
        return wordings[0]
    return min(wordings, key=lambda text: said.index(text) if text in said else -1)
