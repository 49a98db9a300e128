"""One turn of the guide: the state as it changes, and the actions as they are decided."""

from dataclasses import replace
from math import inf
from typing import Any

from nightvoice.dialogue.actions import Action, Hush, Record, Say
from nightvoice.dialogue.state import Ask, Episode, Item, Line, State, Stretching

LOST_S = 60.0
"""An utterance whose end is never reported (a dead loudspeaker) counts as over after this long."""
REMEMBERED = 60
"""Texts of which it is known when they were said."""


class StepBuilder:
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
    def stretching(self) -> Stretching:
        """The running routine; there must be one."""
        assert self.state.stretching is not None
        return self.state.stretching

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

    def say(self, item: Line | Ask, wordings: tuple[str, ...] = (), tries: int = 0) -> None:
        """Begin to speak ``item``, which thereby becomes the current one; ``wordings``: instead of its own."""
        state, number = self.state, self.state.spoken + 1
        text = _longest_ago(wordings or _wordings(item, state.said), state.said)
        claim, loud, mark, said = None, False, state.mark, state.said
        if isinstance(item, Line):
            claim, loud, mark = item.claim, item.loud, item.mark or mark
        if not (isinstance(item, Line) and item.mark):
            said = (*(earlier for earlier in said if earlier != text), text)[-REMEMBERED:]
        self.state = replace(
            state,
            current=item, since=self.t, due=self.t + LOST_S,
            utterance=number, spoken=number, tries=tries, said=said, mark=mark,
        )  # fmt: skip
        self.do(Say(number, text, claim, loud, state.soft and not loud))

    def cut(self) -> "StepBuilder":
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


def _wordings(item: Line | Ask, said: tuple[str, ...]) -> tuple[str, ...]:
    """Its own wordings; for a question that has only one, and that was just asked, those of asking again."""
    if isinstance(item, Ask) and item.no_input and item.wordings == said[-1:]:
        return item.no_input
    return item.wordings


def _longest_ago(wordings: tuple[str, ...], said: tuple[str, ...]) -> str:
    if len(wordings) == 1:
        return wordings[0]
    return min(wordings, key=lambda text: said.index(text) if text in said else -1)
