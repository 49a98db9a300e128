"""The bedtime stretches: begun by voice, by hand or at a set time, and interrupted by every command and danger sign."""

from collections.abc import Callable, Mapping

from nightvoice.dialogue.course import Course
from nightvoice.dialogue.state import Close, Phase, Stretching, Topic
from nightvoice.dialogue.turn import Turn


def ask(course: Course, turn: Turn) -> None:
    """It is their time: shall we?"""
    course.go(turn, course.script.ask(Topic.STRETCHES))


def start(course: Course, turn: Turn) -> None:
    """Begin, unless a danger sign of today forbids it."""
    script = course.script
    if turn.t < turn.state.danger_until:
        return course.go(turn, script.advice("no_stretches"))
    turn.clear()
    turn.set(phase=Phase.STRETCHING, stretching=Stretching(turn.t), mark=None)
    turn.record("stretch_started")
    return course.go(turn, script.talk("stretches_begin"), *script.routine(0))


def _go(course: Course, turn: Turn, number: int) -> None:
    """To the stretch of that number; past the last one, to the end."""
    course.go(turn, *course.script.routine(number))


def next_(course: Course, turn: Turn) -> None:
    _go(course, turn, turn.stretching.number + 1)


def back(course: Course, turn: Turn) -> None:
    if turn.stretching.number:
        _go(course, turn, turn.stretching.number - 1)
    else:
        course.go(turn, course.script.talk("no_earlier"), *course.script.routine(0))


def stop(course: Course, turn: Turn) -> None:
    course.go(turn, course.script.talk("stretches_stopped"), Close("stopped"))


def hurts(course: Course, turn: Turn) -> None:
    """It hurts: no more stretching; it may be a cramp."""
    course.close(turn, "stopped")
    course.go(turn, course.script.advice("worse"), course.script.ask(Topic.DOUBT))


COMMANDS: Mapping[str, Callable[[Course, Turn], None]] = {
    "next": next_,
    "back": back,
    "stop": stop,
    "worse": hurts,
}
"""What means something else here than in an episode."""
AS_EVER = ("repeat", "pause", "slower", "louder", "quieter", "help", "commands", "where", "how_long", "what_else")
"""What means the same as in an episode."""
