"""The words of a hold: its count, the question within it, and the breaths in its rests."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from nightvoice.content.schema import Step
from nightvoice.dialogue.agenda import AgendaItem, GoTo, HoldDone, HoldProgress, Line, Wait
from nightvoice.dialogue.questionnaire_prompts import QuestionnairePrompts

BREATH_S = 4.0
"""Seconds of breathing in, at the start of a rest."""
ASKS_AT = (3, 5)
"""The count of a hold after which the question is asked: in one counted by ones, and by fives."""


class HoldPrompts(QuestionnairePrompts):
    """Turns a step's holds into agenda items."""

    def talk(self, key: str, claim: str | None = None, **values: str) -> Line:
        return Line(fill(self._pack.phrases.talk[key], **values), claim)

    def number(self, number: int) -> str:
        """Return ``number``, 1 to 30, in words."""
        return self._pack.phrases.counts[number - 1]

    def rest(self) -> tuple[AgendaItem, ...]:
        """Return a rest between two steps."""
        breathe_out = replace(self.talk("breathe_out"), at_least=BREATH_S, paced=True, spare=True)
        return (replace(self.talk("breathe_in"), at_least=BREATH_S, paced=True), breathe_out)

    def holds(
        self, step: Step, mark_done: bool = False, asks: bool = False, rest: tuple[AgendaItem, ...] = ()
    ) -> Iterator[AgendaItem]:
        """Yield all holds, counted aloud, with breathing in the rests.

        ``mark_done``: end each with a ``HoldDone``. ``asks``: ask within the first whether the cramp is usual.
        ``rest``: what is said after the first; its last line takes the place of the breathing out.
        """
        for hold in range(1, step.times + 1):
            if hold > 1:
                yield replace(self.talk("breathe_in"), at_least=BREATH_S, paced=True)
                *others, last = rest if hold == 2 and rest else (replace(self.talk("breathe_out"), spare=True),)
                yield from others
                if isinstance(last, Line):
                    last = replace(last, at_least=max(step.rest - BREATH_S, 1.0), paced=True)
                yield last
                yield Line(step.again, step.claim)
            for item in self.count(step.hold, hold, step.times):
                yield item
                if asks and hold == 1 and isinstance(item, Line) and item.progress is not None:
                    yield from (GoTo("hold_question"),) if item.progress.count == ASKS_AT[step.hold > 10] else ()
            if step.times == 1:
                yield from rest
            if mark_done:
                yield HoldDone()

    def count(self, seconds: int, hold: int, holds: int) -> Iterator[AgendaItem]:
        """Yield a hold, counted aloud: each second up to ten; the first and every fifth in longer ones: less tiring."""
        seconds_told = range(1, seconds + 1) if seconds <= 10 else (1, *range(5, seconds + 1, 5))
        for earlier, second in pairwise((0, *seconds_told)):
            if second > earlier + 1:
                yield Wait(second - earlier - 1.0, paced=False)
            spare, progress = second % 5 != 0, HoldProgress(hold, holds, second)
            yield Line((self.number(second),), at_least=1.0, progress=progress, spare=spare)


def fill(variants: tuple[str, ...], **values: str) -> tuple[str, ...]:
    return tuple(text.format(**values) for text in variants)
