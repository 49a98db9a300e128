"""The question whether the cramp is usual, asked while the person holds the first stretch; the count goes on."""

from nightvoice.dialogue.agenda import Line, QuestionKind, Wait
from nightvoice.dialogue.agenda_flow import AgendaFlow
from nightvoice.dialogue.step_builder import StepBuilder

QUESTION_S = 3.0
"""Seconds of the hold that the question takes; it is spoken in the place of the counts within them."""


def ask(flow: AgendaFlow, builder: StepBuilder) -> None:
    """Ask in the place of the next counts, unless the answer is known."""
    if not builder.episode.usual_open:
        return
    agenda, covered = builder.state.agenda, 0.0
    while agenda and covered < QUESTION_S:
        item = agenda[0]
        if isinstance(item, Wait):
            covered += item.seconds
        elif isinstance(item, Line) and item.progress is not None:
            covered += item.at_least
        else:
            break
        agenda = agenda[1:]
    builder.set(agenda=agenda)
    question = flow.prompts.ask(QuestionKind.USUAL)
    builder.say(Line(question.wordings, at_least=covered, asks=question))


def rest(flow: AgendaFlow, builder: StepBuilder) -> None:
    """In the rest after the hold, say the caution if nobody answered."""
    for line in caution(flow, builder):
        builder.say(line)


def caution(flow: AgendaFlow, builder: StepBuilder) -> tuple[Line, ...]:
    """Return the caution if the question was asked and has no answer: silence is never a no to a danger."""
    if builder.state.held_question is None or not builder.episode.usual_open:
        return ()
    builder.set_episode(cautioned=True)
    return (flow.prompts.advice("caution"),)
