"""Answers to "where am I?", "how long has it been?" and "what else can I do?"."""

from nightvoice.dialogue.agenda import Line
from nightvoice.dialogue.episode_flow import EpisodeFlow
from nightvoice.dialogue.state import Phase
from nightvoice.dialogue.step_builder import StepBuilder


def where(flow: EpisodeFlow, builder: StepBuilder) -> tuple[Line, ...]:
    """Return the current step, hold and count."""
    prompts, state = flow.prompts, builder.state
    match state.phase:
        case Phase.GUIDING:
            step = builder.episode.plan[builder.episode.step_index]
            first = prompts.talk("where_step", step=prompts.step_name(step))
        case Phase.STRETCHING:
            first = prompts.talk("where_stretching")
        case Phase.SETTLING:
            return (prompts.talk("where_settling"),)
        case _:
            return (prompts.talk("where_opening"),)
    progress = state.progress
    if progress is None:
        return (first,)
    hold = prompts.talk("where_hold", hold=prompts.number(progress.hold), holds=prompts.number(progress.holds))
    count = prompts.talk("where_count", count=prompts.number(progress.count))
    return (first, hold, count) if progress.holds > 1 else (first, count)


def how_long(flow: EpisodeFlow, builder: StepBuilder) -> Line:
    """Return the minutes since the onset, or since the bedtime stretches began."""
    episode = builder.state.episode
    return flow.prompts.minutes(builder.t - (episode.onset if episode is not None else builder.stretching.began))


def what_else(flow: EpisodeFlow, builder: StepBuilder) -> Line:
    """Return the next step, or a line saying that there is none."""
    prompts = flow.prompts
    if builder.state.phase is not Phase.GUIDING:
        return prompts.talk("commands")
    episode = builder.episode
    for step in episode.plan[episode.step_index + 1 :]:
        if episode.eased or not step.only_if_eased:
            return prompts.talk("what_else", step.claim, step=prompts.step_name(step))
    return prompts.talk("what_else_none")
