"""Answers to "where am I?", "how long has it been?" and "what else can I do?"."""

from nightvoice.dialogue.episode_flow import EpisodeFlow
from nightvoice.dialogue.state import Line, Phase
from nightvoice.dialogue.step_builder import StepBuilder


def where(course: EpisodeFlow, turn: StepBuilder) -> tuple[Line, ...]:
    """Which step, which hold, which count."""
    script, state = course.script, turn.state
    match state.phase:
        case Phase.GUIDING:
            step = turn.episode.plan[turn.episode.step]
            first = script.talk("where_step", step=script.step_name(step))
        case Phase.STRETCHING:
            first = script.talk("where_stretching")
        case Phase.SETTLING:
            return (script.talk("where_settling"),)
        case _:
            return (script.talk("where_opening"),)
    mark = state.mark
    if mark is None:
        return (first,)
    hold = script.talk("where_hold", hold=script.number(mark.hold), holds=script.number(mark.holds))
    count = script.talk("where_count", count=script.number(mark.count))
    return (first, hold, count) if mark.holds > 1 else (first, count)


def how_long(course: EpisodeFlow, turn: StepBuilder) -> Line:
    """Minutes since the onset, or since the stretches began."""
    episode = turn.state.episode
    return course.script.minutes(turn.t - (episode.onset if episode is not None else turn.stretching.began))


def what_else(course: EpisodeFlow, turn: StepBuilder) -> Line:
    """The step that would come next, if there is one."""
    script = course.script
    if turn.state.phase is not Phase.GUIDING:
        return script.talk("commands")
    episode = turn.episode
    for step in episode.plan[episode.step + 1 :]:
        if episode.eased or not step.only_if_eased:
            return script.talk("what_else", step.claim, step=script.step_name(step))
    return script.talk("what_else_none")
