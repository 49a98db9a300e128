"""Runs the agenda, and ends an episode or the bedtime stretches."""

from abc import ABC, abstractmethod
from dataclasses import replace
from math import ceil, inf
from typing import Final

from nightvoice.dialogue.actions import RequestHistory
from nightvoice.dialogue.agenda import AgendaItem, Ask, Begin, Close, GoTo, HoldDone, Line, Wait
from nightvoice.dialogue.prompt_builder import PromptBuilder
from nightvoice.dialogue.state import Phase
from nightvoice.dialogue.step_builder import StepBuilder

BACK_S = 1800.0
"""Seconds in which a cramp that comes back to the same place is not asked about again if it was usual."""
QUIET_S: Final = 11.5
"""Maximum seconds of silence in an episode: nobody in pain is left alone for more than twelve."""
ATTENDED: Final = (Phase.OPENING, Phase.GUIDING, Phase.STRETCHING)
"""Phases in which ``QUIET_S`` holds, unless paused."""


class AgendaFlow(ABC):
    """Plans words and starts them. Each method changes a ``StepBuilder``."""

    def __init__(self, prompts: PromptBuilder) -> None:
        self.prompts = prompts

    @abstractmethod
    def continue_with(self, builder: StepBuilder, part: str) -> None:
        """Plan and start the part of the episode that a ``GoTo`` names."""

    def advance(self, builder: StepBuilder) -> None:
        """Run agenda items until one takes time."""
        builder.set(current=None, due=inf, quiet_left=0.0)
        while builder.state.current is None and builder.state.agenda:
            item, *rest = builder.state.agenda
            builder.set(agenda=tuple(rest))
            match item:
                case Line(spare=True) if builder.whispering:
                    # It takes as long as it does when it is said.
                    silence = [Wait(item.at_least, item.paced)] if item.at_least else []
                    builder.set(progress=item.progress or builder.state.progress, agenda=(*silence, *rest))
                case Line() | Ask():
                    builder.say(item)
                case Wait(seconds=seconds, paced=paced):
                    builder.set(current=item, since=builder.t)
                    self.wait(builder, seconds * (builder.state.pace if paced else 1.0))
                case Begin(step=number):
                    self._begin(builder, item, number)
                case HoldDone():
                    builder.set(stretching=replace(builder.stretching, holds=builder.stretching.holds + 1))
                case Close(outcome=outcome):
                    self.close(builder, outcome)
                case GoTo(part=part):
                    self.continue_with(builder, part)

    def _begin(self, builder: StepBuilder, item: Begin, number: int) -> None:
        builder.set(progress=None)
        if builder.state.stretching is not None:
            builder.set(stretching=replace(builder.stretching, number=number), repeatable=(item, *builder.state.agenda))
            return
        builder.set_episode(step_index=number)
        builder.record("step", protocol=builder.episode.protocol, step=builder.episode.plan[number].id)

    def wait(self, builder: StepBuilder, seconds: float) -> None:
        """Wait ``seconds`` within the current item. A wait over ``QUIET_S`` in an episode has calm words in between."""
        attended = builder.state.phase in ATTENDED and builder.state.paused_agenda is None
        parts = ceil(seconds / QUIET_S) if attended and seconds > 0 else 1
        builder.set(due=builder.t + seconds / parts, quiet_left=seconds - seconds / parts)

    def keep_company(self, builder: StepBuilder) -> None:
        """Say calm words in the middle of a wait. An open question stays open."""
        left, words = builder.state.quiet_left, self.prompts.talk("waiting")
        item = builder.state.asked or replace(words, once=True)
        builder.say(item, words.wordings, builder.state.tries)
        builder.set(quiet_left=left)

    def go(self, builder: StepBuilder, *items: AgendaItem, keep_repeatable: bool = False) -> None:
        """Replace the agenda with ``items`` and start it."""
        builder.plan(*items, keep_repeatable=keep_repeatable)
        self.advance(builder)

    def say_first(self, builder: StepBuilder, *lines: Line) -> None:
        """Speak ``lines`` now, then resume the interrupted item."""
        self.go(builder, *lines, *builder.remaining_agenda(), keep_repeatable=True)

    def leave(self, builder: StepBuilder) -> None:
        """Acknowledge that the person wants nothing now, and go quiet."""
        self.go(builder, self.prompts.talk("all_right"))

    def let_rest(self, builder: StepBuilder, outcome: str, *first: Line | Ask, then: str = "resting_now") -> None:
        """Announce that the person may rest now, in the words ``then``, and close the episode."""
        builder.set(paused_agenda=None)
        self.go(builder, *first, self.prompts.talk(then), Close(outcome))

    def close(self, builder: StepBuilder, outcome: str) -> None:
        """Close the episode or the bedtime stretches and go idle. ``settle`` has already recorded its end."""
        episode, stretching = builder.state.episode, builder.state.stretching
        builder.clear()
        if stretching is not None:
            whole = sum(step.times for step in self.prompts.stretches())
            builder.record("stretch_ended", completed=stretching.holds >= whole, holds=stretching.holds)
        if episode is not None:
            over = builder.state.phase is Phase.SETTLING or outcome in ("gone", "eased")
            usual = over and (episode.usual or episode.known) and not builder.state.flags
            until = builder.t + BACK_S if usual else -inf
            builder.do(RequestHistory())
            builder.set(last_site=episode.site, last_side=episode.side, usual_until=until)
        if episode is not None and builder.state.phase is not Phase.SETTLING:
            builder.record("episode_closed", outcome=outcome)
            builder.set(unresolved=None if outcome in ("gone", "eased") else episode.onset)
        builder.set(
            phase=Phase.IDLE, episode=None, stretching=None, alarm=inf, paused_agenda=None, pace=1.0,
            flags=frozenset(), help_asked=False, help_coming=False, contact_reached=None,
        )  # fmt: skip

    def on_contact_notified(self, builder: StepBuilder, reached: bool) -> None:
        """After the current sentence, tell the person whether the contact was reached, and if not, whom to call."""
        talk, advice = self.prompts.talk, self.prompts.advice
        builder.set(contact_reached=reached)
        lines = (talk("contact_reached"),) if reached else (talk("contact_not_reached"), advice("help"))
        if isinstance(builder.state.current, Line) and builder.state.utterance:
            builder.set(agenda=(*lines, *builder.state.agenda))
        else:
            self.say_first(builder, *lines)
