"""Words that were not understood: which answers are possible, "I'm here" in a hold, or whether help is needed."""

from dataclasses import replace

from nightvoice.dialogue.agenda import Line, QuestionKind
from nightvoice.dialogue.answers import HELP, on_no_match
from nightvoice.dialogue.episode_flow import EpisodeFlow
from nightvoice.dialogue.state import Phase
from nightvoice.dialogue.step_builder import StepBuilder

SEVERAL_WORDS = 2
"""Words in speech that was not understood, from which on it may be a call for help."""
ECHO_S = 1.5
"""Speech that ends within this many seconds after a question is its echo: nobody answers that fast."""
HERE_S = 15.0
"""Minimum seconds between two "I'm here" in answer to words that were not understood in a hold."""


def on_not_understood(flow: EpisodeFlow, builder: StepBuilder, words: int) -> None:
    """React to speech of so many ``words``."""
    state, asked = builder.state, builder.state.asked
    counting = isinstance(state.current, Line) and state.current.progress is not None
    if state.utterance and not counting:
        return
    danger_open = asked is not None and asked.kind is QuestionKind.TRIAGE
    pressing = state.phase is Phase.FLAGGED or danger_open
    if words >= SEVERAL_WORDS and (state.episode is not None or pressing):
        builder.set(not_understood=state.not_understood + 1)
        if builder.state.not_understood >= (2 if pressing else 3) and not state.help_asked:
            builder.set(not_understood=0, help_asked=True)
            question = flow.prompts.danger_question_for(HELP, alone=True)
            return flow.ask_about(builder, replace(question, unclear=True))
    if asked is not None and builder.t >= state.since + ECHO_S:
        on_no_match(builder, asked)
    elif counting and words and builder.t >= state.here_again_at:
        builder.set(here_again_at=builder.t + HERE_S)
        flow.say_first(builder, flow.prompts.talk("opening"))
