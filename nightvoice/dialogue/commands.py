"""The commands that work at any time of an episode."""

from collections.abc import Callable, Mapping

from nightvoice.dialogue import queries
from nightvoice.dialogue.actions import Volume
from nightvoice.dialogue.answers import silence
from nightvoice.dialogue.episode_flow import EpisodeFlow
from nightvoice.dialogue.state import Close, Phase, QuestionKind
from nightvoice.dialogue.step_builder import StepBuilder

SLOWER, SLOWEST = 1.4, 2.8
"""Factor on the pauses for each "slower", and its limit."""
VOLUMES: Mapping[str, int] = {"louder": +1, "quieter": -1}
SKIPPABLE = (
    QuestionKind.SAFE_TO_STAND,
    QuestionKind.SITE,
    QuestionKind.THIGH,
    QuestionKind.USUAL,
    QuestionKind.TRIAGE,
    QuestionKind.STILL,
)
"""Questions that "next" leaves unanswered."""
Command = Callable[[EpisodeFlow, StepBuilder], None]


def _topic(turn: StepBuilder) -> QuestionKind | None:
    return turn.state.asked.topic if turn.state.asked is not None else None


def _next(course: EpisodeFlow, turn: StepBuilder) -> None:
    asked = turn.state.asked
    if asked is not None and asked.topic in SKIPPABLE:
        turn.set(tries=1)
        silence(course, turn.cut(), asked)
    elif turn.state.phase is Phase.GUIDING and turn.episode.screening is None:
        course.run(turn, turn.episode.step + 1)
    else:
        course.advance(turn.cut())


def _back(course: EpisodeFlow, turn: StepBuilder) -> None:
    if _topic(turn) is QuestionKind.THIGH:
        course.set_site(turn, "hamstring")  # "the back" answers "the front, or the back?"
    elif turn.state.phase is Phase.GUIDING and turn.episode.step > 0 and turn.episode.screening is None:
        course.run(turn, turn.episode.step - 1)
    else:
        course.go(turn, course.script.talk("no_earlier"), *turn.state.unit, keep_unit=True)


def repeat(course: EpisodeFlow, turn: StepBuilder) -> None:
    course.go(turn, *turn.state.unit)


def pause(course: EpisodeFlow, turn: StepBuilder) -> None:
    held = turn.rest_of_agenda()
    turn.plan(*course.script.paused(), keep_unit=True)
    turn.set(held=held)
    course.advance(turn)


def _continue(course: EpisodeFlow, turn: StepBuilder) -> None:
    if turn.state.asked is not None:
        _next(course, turn)


def _stop(course: EpisodeFlow, turn: StepBuilder) -> None:
    if turn.state.phase is Phase.SETTLING:
        course.close(turn, "gone")
    else:
        course.go(turn, course.script.talk("stopping"), Close("stopped"))


def slower(course: EpisodeFlow, turn: StepBuilder) -> None:
    turn.set(pace=min(turn.state.pace * SLOWER, SLOWEST))
    course.say_first(turn, course.script.talk("slower"))


def volume(intent: str) -> Command:
    def change(course: EpisodeFlow, turn: StepBuilder) -> None:
        turn.do(Volume(VOLUMES[intent]))
        course.say_first(turn, course.script.talk(intent))

    return change


def _gone(course: EpisodeFlow, turn: StepBuilder) -> None:
    if turn.state.phase is not Phase.SETTLING:
        course.effect(turn, "eased")
        course.settle(turn)


def _better(course: EpisodeFlow, turn: StepBuilder) -> None:
    if _topic(turn) is QuestionKind.EASING:
        course.eased(turn)
    elif _topic(turn) is QuestionKind.GONE:
        course.run(turn, turn.episode.step + 1)
    elif turn.state.phase is Phase.GUIDING:
        course.effect(turn, "eased")
        course.say_first(turn, course.script.talk("good"))


def _worse(course: EpisodeFlow, turn: StepBuilder) -> None:
    episode = turn.episode
    if turn.state.phase is Phase.SETTLING:  # it was not gone after all: the same cramp, so its ten minutes go on
        turn.set(unresolved=episode.onset)
        course.begin_episode(turn, episode.site, episode.side)
    course.effect(turn, "worse")
    turn.set_episode(worse=True, eased=False)
    course.ask_danger(turn, 0, course.script.advice("worse"))


def help_(course: EpisodeFlow, turn: StepBuilder) -> None:
    course.say_first(turn, course.script.advice("help"), course.script.talk("commands"))


def _commands(course: EpisodeFlow, turn: StepBuilder) -> None:
    course.say_first(turn, course.script.talk("commands"))


def _how_long(course: EpisodeFlow, turn: StepBuilder) -> None:
    course.say_first(turn, queries.how_long(course, turn))


def _where(course: EpisodeFlow, turn: StepBuilder) -> None:
    course.say_first(turn, *queries.where(course, turn))


def _what_else(course: EpisodeFlow, turn: StepBuilder) -> None:
    course.say_first(turn, queries.what_else(course, turn))


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
    "helper": EpisodeFlow.helper_came,
    "where": _where,
    "how_long": _how_long,
    "what_else": _what_else,
}
QUERIES = ("where", "how_long", "what_else")
"""Those that change nothing."""
