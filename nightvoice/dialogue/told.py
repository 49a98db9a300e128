"""Conditions that the person tells of at night: each counts at once, and may be kept for later nights."""

from dataclasses import replace
from math import inf

from nightvoice.content.schema import UNKNOWN
from nightvoice.dialogue.actions import UpdateProfile
from nightvoice.dialogue.agenda import AgendaItem, Begin, GoTo, QuestionKind
from nightvoice.dialogue.episode_flow import DANGER_S, LYING, EpisodeFlow
from nightvoice.dialogue.events import Remembered
from nightvoice.dialogue.state import Phase
from nightvoice.dialogue.step_builder import TONIGHT_S, StepBuilder

CONDITION_OF = {"numbness": "neuropathy"}
"""The condition that a danger sign counts as for the rest of the night."""


def on_told(flow: EpisodeFlow, builder: StepBuilder, condition: str, news: bool) -> None:
    """Go on as ``condition`` allows. ``flow`` already respects it; ``news``: it was not known before."""
    prompts, phase = flow.prompts, builder.state.phase
    noted = prompts.talk("noted")
    if phase is Phase.IDLE:
        if builder.state.asked is None:
            flow.go(builder, noted, *flow.offer_to_keep(builder))
        else:
            flow.say_first(builder, noted)
        return
    if not news:
        return flow.say_first(builder, noted)
    if phase is Phase.GUIDING and builder.episode.protocol is not None and not adapt_plan(flow, builder):
        rest: tuple[AgendaItem, ...] = (GoTo("next_step"),)
        noted = prompts.talk("leave_out")
    elif phase is Phase.STRETCHING:
        rest = prompts.routine(_stretch(flow, builder))
    elif phase is Phase.SETTLING:
        rest = prompts.settle("gone", flow.offer_to_keep(builder))
    else:
        rest = builder.state.paused_agenda or builder.remaining_agenda()
    pending = builder.pending_danger_question()
    asked = builder.state.asked
    about_clot = asked is not None and asked.flag == "clot"
    clot = () if about_clot or phase is Phase.SETTLING else flow.clot_question(builder)
    if builder.state.paused_agenda is not None and not clot and rest == builder.state.paused_agenda:
        return flow.say_first(builder, noted)  # the pause goes on
    builder.set(paused_agenda=None)
    keeps = rest == builder.remaining_agenda()
    # The questions come first: a "next" during other words must not skip them.
    questions = () if pending is None else (pending,)
    others = tuple(item for item in rest if item != pending)
    flow.go(builder, *questions, *clot, noted, *others, keep_repeatable=keeps)


def on_numbness(flow: EpisodeFlow, builder: StepBuilder) -> None:
    """Drop what is not for numb legs, the current step too. ``flow`` already respects it."""
    if builder.state.phase is not Phase.GUIDING or builder.episode.protocol is None or adapt_plan(flow, builder):
        return
    pending = builder.pending_danger_question()
    rest = (*(() if pending is None else (pending,)), GoTo("next_step"))
    if builder.state.paused_agenda is not None:
        builder.set(paused_agenda=rest)
    else:
        builder.plan(*rest)


def on_remembered(flow: EpisodeFlow, builder: StepBuilder, event: Remembered) -> None:
    """Let the danger signs and the conditions that the diary has of tonight count."""
    danger = -inf if event.danger is None else event.danger
    dangers = frozenset(sign for sign in event.signs if flow.prompts.can_ask_about(sign))
    builder.set(unresolved=event.unresolved, danger_until=danger + DANGER_S, dangers=dangers)
    told = event.told | ({"fall_risk"} if event.signs & LYING else set())
    for condition in sorted(told):
        builder.tell(condition, keep=False)
    if told:
        builder.set(told_until=max(danger, -inf if event.told_at is None else event.told_at) + TONIGHT_S)


def keep(flow: EpisodeFlow, builder: StepBuilder, yes: bool) -> None:
    """Keep the conditions in the profile, or let them count tonight only."""
    for condition in builder.state.to_keep if yes else ():
        builder.do(UpdateProfile(condition, True))
    builder.set(to_keep=())
    flow.say_first(builder.interrupt(), flow.prompts.talk("kept" if yes else "tonight_only"))


def on_not_kept(flow: EpisodeFlow, builder: StepBuilder) -> None:
    """Say that a condition could not be saved: instead of the promise to remember it, or after the last question."""
    check_in, agenda = builder.state.check_in, builder.state.agenda
    line = flow.prompts.talk("not_kept")
    if check_in is not None:
        if line not in check_in.closing:
            builder.set(check_in=replace(check_in, closing=(*check_in.closing, line)))
    elif builder.state.current == flow.prompts.talk("kept"):
        flow.say_first(builder.interrupt(), line)
    elif line not in agenda:
        builder.set(agenda=(line, *agenda))


def adapt_plan(flow: EpisodeFlow, builder: StepBuilder) -> bool:
    """Remove the steps that no longer suit the person from the plan; return whether the current one stays."""
    episode = builder.episode
    fresh = flow.prompts.plan(episode.protocol or UNKNOWN, episode.helper, builder.state.history.steps)
    current, done = episode.plan[episode.step_index], episode.plan[: episode.step_index + 1]
    kept = tuple(step for step in done if step in fresh)
    agenda = builder.state.paused_agenda or builder.remaining_agenda()
    begun = not any(isinstance(item, Begin) for item in agenda)
    index = len(kept) - 1 - (current in fresh and not begun)
    builder.set_episode(plan=kept + tuple(step for step in fresh if step not in done), step_index=index)
    asked = builder.state.asked
    if current not in fresh or not begun or (asked is not None and asked.kind is QuestionKind.SAFE_TO_STAND):
        return False
    builder.set(repeatable=flow.prompts.step(builder.episode))
    return True


def _stretch(flow: EpisodeFlow, builder: StepBuilder) -> int:
    """Return the index of the first bedtime stretch that is not done, among those that suit the person now."""
    suitable = len(flow.prompts.stretches())
    return min(builder.stretching.number, suitable - 1)
