"""The question whether the cramp is where the person's cramps are most often, asked of who does not say where."""

from nightvoice.dialogue.agenda import QuestionKind
from nightvoice.dialogue.episode_flow import EpisodeFlow
from nightvoice.dialogue.step_builder import StepBuilder


def offer(flow: EpisodeFlow, builder: StepBuilder) -> bool:
    """Ask about that place. Returns False if there is none, or if it was asked."""
    place = builder.state.history.place
    if place is None or builder.episode.offered:
        return False
    builder.set_episode(offered=True, sought=True)
    flow.go(builder, flow.prompts.place_question(place))
    return True


def give_up(flow: EpisodeFlow, builder: StepBuilder) -> None:
    """Ask where it is after silence about that place, if that was not asked; then go on without a place."""
    if builder.episode.sought:
        return flow.after_site(builder)
    builder.set_episode(sought=True)
    return flow.go(builder, flow.prompts.ask(QuestionKind.SITE))


def accept(flow: EpisodeFlow, builder: StepBuilder) -> None:
    """Go on with the place that ``offer`` asked about."""
    place = builder.state.history.place
    assert place is not None
    builder.set_episode(side=place.side)
    flow.set_site(builder, place.site)
