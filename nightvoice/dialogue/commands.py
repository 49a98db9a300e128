"""The commands that work at any time of an episode."""

from collections.abc import Callable, Mapping

from nightvoice.dialogue.actions import Volume
from nightvoice.dialogue.answers import silence
from nightvoice.dialogue.course import Course
from nightvoice.dialogue.state import Close, Phase, Topic
from nightvoice.dialogue.turn import Turn

SLOWER, SLOWEST = 1.4, 2.8
"""Factor on the pauses for each "slower", and its limit."""
VOLUMES: Mapping[str, int] = {"louder": +1, "quieter": -1}


def _next(course: Course, turn: Turn) -> None:
    asked = turn.state.asked
    if asked is not None and asked.topic in (Topic.SAFE_TO_STAND, Topic.SITE, Topic.THIGH, Topic.USUAL, Topic.TRIAGE):
        turn.set(tries=1)
        silence(course, turn.cut(), asked)
    elif turn.state.phase is Phase.GUIDING:
        turn.set_episode(answered=True)
        course.run(turn, turn.episode.step + 1)
    else:
        course.advance(turn.cut())


def _back(course: Course, turn: Turn) -> None:
    asked = turn.state.asked
    if asked is not None and asked.topic is Topic.THIGH:
        course.set_site(turn, "hamstring")  # "the back" answers "the front, or the back?"
    elif turn.state.phase is Phase.GUIDING and turn.episode.step > 0:
        course.run(turn, turn.episode.step - 1)
    else:
        course.go(turn, course.script.talk("no_earlier", turn.number), *turn.state.unit, keep_unit=True)


def _repeat(course: Course, turn: Turn) -> None:
    course.go(turn, *turn.state.unit)


def _pause(course: Course, turn: Turn) -> None:
    held = turn.rest_of_agenda()
    turn.plan(*course.script.paused(turn.number), keep_unit=True)
    turn.set(held=held)
    course.advance(turn)


def _continue(course: Course, turn: Turn) -> None:
    if turn.state.asked is not None:
        _next(course, turn)


def _stop(course: Course, turn: Turn) -> None:
    if turn.state.phase is Phase.SETTLING:
        course.close(turn, "gone")
    else:
        course.go(turn, course.script.talk("stopping", turn.number), Close("stopped"))


def _slower(course: Course, turn: Turn) -> None:
    turn.set(pace=min(turn.state.pace * SLOWER, SLOWEST))
    course.say_first(turn, course.script.talk("slower", turn.number))


def _volume(intent: str) -> Callable[[Course, Turn], None]:
    def change(course: Course, turn: Turn) -> None:
        turn.do(Volume(VOLUMES[intent]))
        course.say_first(turn, course.script.talk(intent, turn.number))

    return change


def _gone(course: Course, turn: Turn) -> None:
    if turn.state.phase is not Phase.SETTLING:
        course.effect(turn, "eased")
        course.settle(turn)


def _better(course: Course, turn: Turn) -> None:
    topic = turn.state.asked.topic if turn.state.asked is not None else None
    if topic is Topic.EASING:
        course.eased(turn)
    elif topic is Topic.GONE:
        course.run(turn, turn.episode.step + 1)
    elif turn.state.phase is Phase.GUIDING:
        course.effect(turn, "eased")
        course.say_first(turn, course.script.talk("good", turn.number))


def _worse(course: Course, turn: Turn) -> None:
    episode = turn.episode
    if turn.state.phase is Phase.SETTLING:  # it was not gone after all: the same cramp, so its ten minutes go on
        turn.set(unresolved=episode.onset)
        course.open(turn, episode.site, episode.side)
    course.effect(turn, "worse")
    turn.set_episode(worse=True, answered=True)
    question = course.script.danger(0)
    assert question is not None  # the schema sees to it
    course.go(turn, course.script.advice("worse", turn.number), question)


def _help(course: Course, turn: Turn) -> None:
    course.say_first(turn, course.script.advice("help", turn.number), course.script.talk("commands", turn.number))


COMMANDS: Mapping[str, Callable[[Course, Turn], None]] = {
    "next": _next,
    "back": _back,
    "repeat": _repeat,
    "pause": _pause,
    "continue": _continue,
    "stop": _stop,
    "slower": _slower,
    "louder": _volume("louder"),
    "quieter": _volume("quieter"),
    "gone": _gone,
    "better": _better,
    "worse": _worse,
    "help": _help,
}
