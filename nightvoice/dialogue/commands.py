"""The voice commands that work at any time during an episode."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from nightvoice.content.schema import UNKNOWN
from nightvoice.dialogue import queries, ways
from nightvoice.dialogue.agenda import Close, QuestionKind
from nightvoice.dialogue.answers import HELP, give_up
from nightvoice.dialogue.episode_flow import EpisodeFlow
from nightvoice.dialogue.state import Phase
from nightvoice.dialogue.step_builder import StepBuilder

SLOWER, SLOWEST = 1.4, 2.8
"""Factor on the pauses for each "slower", and its maximum."""
VOLUMES: Mapping[str, int] = {"louder": +1, "quieter": -1}
SKIPPABLE = (
    QuestionKind.SAFE_TO_STAND,
    QuestionKind.SITE,
    QuestionKind.THIGH,
    QuestionKind.USUAL,
    QuestionKind.TRIAGE,
    QuestionKind.STILL,
    QuestionKind.LEFT,
    QuestionKind.KEEP,
)
"""Kinds of questions that "next" skips."""
Command = Callable[[EpisodeFlow, StepBuilder], None]


def _open_question(builder: StepBuilder) -> QuestionKind | None:
    return builder.state.asked.kind if builder.state.asked is not None else None


def _next(flow: EpisodeFlow, builder: StepBuilder) -> None:
    asked = builder.state.asked
    if asked is not None and asked.kind in SKIPPABLE:
        give_up(flow, builder.interrupt(), asked)
    elif builder.state.phase is Phase.GUIDING and builder.episode.screening is None:
        flow.go_to_step(builder, builder.episode.step_index + 1)
    else:
        flow.advance(builder.interrupt())


def _back(flow: EpisodeFlow, builder: StepBuilder) -> None:
    if _open_question(builder) is QuestionKind.THIGH:
        flow.set_site(builder, "hamstring")  # "the back" answers "the front, or the back?"
    elif builder.state.phase is Phase.GUIDING and builder.episode.step_index > 0 and builder.episode.screening is None:
        flow.go_to_step(builder, builder.episode.step_index - 1)
    else:
        flow.go(builder, flow.prompts.talk("no_earlier"), *builder.state.repeatable, keep_repeatable=True)


def repeat(flow: EpisodeFlow, builder: StepBuilder) -> None:
    flow.go(builder, *builder.state.repeatable)


def pause(flow: EpisodeFlow, builder: StepBuilder) -> None:
    agenda = builder.remaining_agenda()
    builder.plan(*flow.prompts.paused(), keep_repeatable=True)
    builder.set(paused_agenda=agenda)
    flow.advance(builder)


def _continue(flow: EpisodeFlow, builder: StepBuilder) -> None:
    if builder.state.asked is not None:
        _next(flow, builder)


def _stop(flow: EpisodeFlow, builder: StepBuilder) -> None:
    if builder.state.phase is Phase.SETTLING:
        flow.close(builder, "gone")
    else:
        flow.go(builder, flow.prompts.talk("stopping"), Close("stopped"))


def _acknowledge(flow: EpisodeFlow, builder: StepBuilder, key: str) -> None:
    """Say that it is done. Whoever speaks meanwhile has understood, so it is not said again."""
    flow.say_first(builder, replace(flow.prompts.talk(key), once=True))


def slower(flow: EpisodeFlow, builder: StepBuilder) -> None:
    builder.set(pace=min(builder.state.pace * SLOWER, SLOWEST))
    _acknowledge(flow, builder, "slower")


def volume(intent: str) -> Command:
    def change(flow: EpisodeFlow, builder: StepBuilder) -> None:
        builder.change_volume(VOLUMES[intent])
        _acknowledge(flow, builder, intent)

    return change


def _gone(flow: EpisodeFlow, builder: StepBuilder) -> None:
    if builder.state.phase is not Phase.SETTLING:
        flow.record_effect(builder, "eased")
        flow.settle(builder)


def _better(flow: EpisodeFlow, builder: StepBuilder) -> None:
    if _open_question(builder) is QuestionKind.EASING:
        flow.on_eased(builder)
    elif _open_question(builder) is QuestionKind.GONE:
        ways.after_some_relief(flow, builder)
    elif builder.state.phase is Phase.GUIDING:
        flow.record_effect(builder, "eased")
        _acknowledge(flow, builder, "good")


def _worse(flow: EpisodeFlow, builder: StepBuilder) -> None:
    episode, settling = builder.episode, builder.state.phase is Phase.SETTLING
    if settling:  # the same cramp after all: its ten minutes continue
        builder.set(unresolved=episode.onset)
        flow.begin_episode(builder, episode.suitable_protocol, episode.side)
    flow.record_effect(builder, "worse")
    builder.set_episode(worse=True, eased=False)
    first = flow.prompts.talk("opening") if settling else flow.prompts.advice("worse")
    flow.ask_danger(builder, 0, first)


def unusual(flow: EpisodeFlow, builder: StepBuilder) -> None:
    """Ask the danger questions, because the cramp is not like the usual ones."""
    episode = builder.episode
    if builder.state.phase is Phase.SETTLING:  # the same cramp after all: its ten minutes continue
        builder.set(unresolved=episode.onset)
        flow.begin_episode(builder, episode.suitable_protocol, episode.side)
    builder.note_usual(False)
    stop = (flow.prompts.advice("worse"),) if builder.state.phase is Phase.GUIDING else ()
    flow.ask_danger(builder, 0, *stop)


def help_(flow: EpisodeFlow, builder: StepBuilder) -> None:
    """Say the number at once, then ask whether it is needed."""
    question = flow.prompts.danger_question_for(HELP, alone=True)
    flow.ask_about(builder, question, flow.prompts.advice("help"))


def _commands(flow: EpisodeFlow, builder: StepBuilder) -> None:
    flow.say_first(builder, flow.prompts.talk("commands"))


def _how_long(flow: EpisodeFlow, builder: StepBuilder) -> None:
    flow.say_first(builder, queries.how_long(flow, builder))


def _where(flow: EpisodeFlow, builder: StepBuilder) -> None:
    flow.say_first(builder, *queries.where(flow, builder))


def _what_else(flow: EpisodeFlow, builder: StepBuilder) -> None:
    flow.say_first(builder, queries.what_else(flow, builder))


def _helper(flow: EpisodeFlow, builder: StepBuilder) -> None:
    """Insert the steps that a helper can do, if any, before the remaining ones."""
    episode = builder.episode
    builder.set_episode(helper=True)
    with_helper = flow.prompts.plan(episode.protocol or UNKNOWN, True, builder.state.history.steps)
    new = tuple(step for step in with_helper if step not in episode.plan)
    if builder.state.phase is not Phase.GUIDING or episode.screening is not None or not new:
        return flow.say_first(builder, flow.prompts.talk("helper_here"))
    after = episode.step_index + 1
    builder.set_episode(plan=episode.plan[:after] + new + episode.plan[after:])
    return flow.go_to_step(builder, after, flow.prompts.talk("helper_here"))


COMMANDS: Mapping[str, Command] = {
    "next": _next,
    "back": _back,
    "repeat": repeat,
    "pause": pause,
    "continue": _continue,
    "stop": _stop,
    "slower": slower,
    "louder": volume("louder"),
    "quieter": volume("quieter"),
    "gone": _gone,
    "better": _better,
    "worse": _worse,
    "help": help_,
    "commands": _commands,
    "helper": _helper,
    "where": _where,
    "how_long": _how_long,
    "what_else": _what_else,
}
QUERIES = ("where", "how_long", "what_else")
"""Commands that only ask for information and change nothing."""
ABOUT_HELP = ("fine", "help_coming", "no_phone", "alone")
"""Intents that mean something only after a danger sign or a question about help."""
