"""Which way comes next when a step has not helped, has helped a little, or is not safe."""

from nightvoice.dialogue.episode_flow import EpisodeFlow
from nightvoice.dialogue.step_builder import StepBuilder

WALK_TOLD_AT = 2
"""Index of the step before which somebody whom nothing has eased is told that walking comes later."""


def after_no_relief(flow: EpisodeFlow, builder: StepBuilder) -> None:
    """Go to the next way. From the third one on say, once, that walking comes when it lets go."""
    flow.record_effect(builder, "same")
    episode = builder.episode
    number, first = episode.step_index + 1, flow.prompts.talk("next_way")
    way_left = any(not step.only_if_eased for step in episode.plan[number:])
    can_walk = any(step.kind == "walk" for step in episode.plan)
    if number >= WALK_TOLD_AT and way_left and can_walk and not episode.walk_told:
        builder.set_episode(walk_told=True)
        first = flow.prompts.advice("walk_comes")
    flow.go_to_step(builder, number, first)


def after_some_relief(flow: EpisodeFlow, builder: StepBuilder) -> None:
    """Go on when it has eased but is not gone. Who sits on the edge of the bed already can walk next."""
    plan, number = builder.episode.plan, builder.episode.step_index + 1
    if number and plan[number - 1].position == "sitting":
        rest = sorted(plan[number:], key=lambda step: not step.only_if_eased)
        builder.set_episode(plan=(*plan[:number], *rest))
    flow.go_to_step(builder, number)


def not_steady(flow: EpisodeFlow, builder: StepBuilder) -> None:
    """Leave out the standing steps: those that are left in bed go on, or the episode ends."""
    plan, begin = builder.episode.plan, builder.episode.step_index + 1
    number = next((n for n in range(begin, len(plan)) if not plan[n].only_if_eased), None)
    if number is None:
        flow.settle(builder, "eased")
    else:
        flow.go_to_step(builder, number, flow.prompts.talk("all_right"))
