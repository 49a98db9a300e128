"""The bedtime stretches: started by voice, from the command line or at a set time."""

from collections.abc import Callable, Mapping

from nightvoice.dialogue.agenda import Close, QuestionKind
from nightvoice.dialogue.episode_flow import EpisodeFlow
from nightvoice.dialogue.state import Phase, Stretching
from nightvoice.dialogue.step_builder import StepBuilder


def ask(flow: EpisodeFlow, builder: StepBuilder) -> None:
    """Ask whether to begin."""
    flow.go(builder, flow.prompts.ask(QuestionKind.STRETCHES))


def start(flow: EpisodeFlow, builder: StepBuilder) -> None:
    """Begin, unless a recent danger sign rules out stretching."""
    prompts = flow.prompts
    if builder.t < builder.state.danger_until:
        return flow.go(builder, prompts.advice("no_stretches"))
    builder.clear()
    builder.set(phase=Phase.STRETCHING, stretching=Stretching(builder.t), progress=None)
    builder.record("stretch_started")
    return flow.go(builder, prompts.talk("stretches_begin"), *flow.clot_question(builder), *prompts.routine(0))


def _go(flow: EpisodeFlow, builder: StepBuilder, number: int) -> None:
    """Go to a stretch; past the last one, to the end."""
    flow.go(builder, *flow.prompts.routine(number))


def next_(flow: EpisodeFlow, builder: StepBuilder) -> None:
    _go(flow, builder, builder.stretching.number + 1)


def back(flow: EpisodeFlow, builder: StepBuilder) -> None:
    if builder.stretching.number:
        _go(flow, builder, builder.stretching.number - 1)
    else:
        flow.go(builder, flow.prompts.talk("no_earlier"), *flow.prompts.routine(0))


def stop(flow: EpisodeFlow, builder: StepBuilder) -> None:
    flow.go(builder, flow.prompts.talk("stretches_stopped"), Close("stopped"))


def on_pain(flow: EpisodeFlow, builder: StepBuilder) -> None:
    """Stop stretching and ask whether it is a cramp."""
    flow.close(builder, "stopped")
    flow.go(builder, flow.prompts.advice("worse"), flow.prompts.ask(QuestionKind.DOUBT))


def on_unusual(flow: EpisodeFlow, builder: StepBuilder) -> None:
    """Stop stretching, and ask the danger questions."""
    flow.close(builder, "stopped")
    flow.open_unusual(builder)


COMMANDS: Mapping[str, Callable[[EpisodeFlow, StepBuilder], None]] = {
    "next": next_,
    "back": back,
    "stop": stop,
    "worse": on_pain,
    "unusual": on_unusual,
}
"""Commands with a special meaning during the stretches."""
SHARED_COMMANDS = (
    "repeat",
    "pause",
    "slower",
    "louder",
    "quieter",
    "help",
    "commands",
    "where",
    "how_long",
    "what_else",
)
"""Commands that mean the same as in an episode."""
