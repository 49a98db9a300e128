"""One turn of the guide: the state as it changes, and the actions as they are decided."""

from dataclasses import replace
from math import inf
from typing import Any

from nightvoice.dialogue.actions import Action, Hush, Record, Say
from nightvoice.dialogue.state import Ask, Episode, Item, Line, State

LOST_S = 60.0
"""An utterance whose end is never reported (a dead loudspeaker) counts as over after this long."""


class Turn:
    """A pencil on a copy of the state; ``done`` gives the fair copy."""

    def __init__(self, state: State, t: float) -> None:
        self.state = state
        self.t = t
        self._actions: list[Action] = []

    @property
    def episode(self) -> Episode:
        """The running episode; there must be one."""
        assert self.state.episode is not None
        return self.state.episode

    @property
    def number(self) -> int:
        """A number that differs from turn to turn, for choosing among variants."""
        return self.state.spoken

    def done(self) -> tuple[State, tuple[Action, ...]]:
        return self.state, tuple(self._actions)

    def set(self, **changes: Any) -> None:
        self.state = replace(self.state, **changes)

    def set_episode(self, **changes: Any) -> None:
        self.set(episode=replace(self.episode, **changes))

    def do(self, action: Action) -> None:
        self._actions.append(action)

    def record(self, kind: str, **data: object) -> None:
        self.do(Record(kind, data))

    def say(self, item: Line | Ask, again: bool = False) -> None:
        """Begin to speak ``item``, which thereby becomes the current one; ``again``: the question's second wording."""
        number = self.state.spoken + 1
        self.set(current=item, since=self.t, due=self.t + LOST_S, utterance=number, spoken=number, tries=int(again))
        if isinstance(item, Line):
            self.do(Say(number, item.text, item.claim, item.loud))
        else:
            self.do(Say(number, item.again if again else item.text))

    def cut(self) -> "Turn":
        """Stop whatever is being said or waited for."""
        if self.state.utterance:
            self.do(Hush())
        self.set(current=None, utterance=0, due=inf)
        return self

    def clear(self) -> None:
        """Nothing is planned any more."""
        self.cut()
        self.set(agenda=(), unit=())

    def plan(self, *items: Item, keep_unit: bool = False) -> None:
        """Replace the agenda. ``keep_unit``: "repeat" goes on to mean what it meant before."""
        self.cut()
        self.set(agenda=items, unit=self.state.unit if keep_unit else items)

    def rest_of_agenda(self) -> tuple[Item, ...]:
        """What was interrupted, from the interrupted item on."""
        current = self.state.current
        return ((current,) if current is not None else ()) + self.state.agenda
