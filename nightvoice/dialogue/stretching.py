"""The bedtime stretches: begun by voice, by hand or at a set time, and interrupted by every command and danger sign."""

from collections.abc import Callable, Mapping

from nightvoice.dialogue.episode_flow import EpisodeFlow
from nightvoice.dialogue.state import Close, Phase, QuestionKind, Stretching
from nightvoice.dialogue.step_builder import StepBuilder


def ask(course: EpisodeFlow, turn: StepBuilder) -> None:
    """It is their time: shall we?"""
    course.go(turn, course.script.ask(QuestionKind.STRETCHES))


def start(course: EpisodeFlow, turn: StepBuilder) -> None:
    """Begin, unless a danger sign of today forbids it."""
    script = course.script
    if turn.t < turn.state.danger_until:
        return course.go(turn, script.advice("no_stretches"))
    turn.clear()
    turn.set(phase=Phase.STRETCHING, stretching=Stretching(turn.t), mark=None)
    turn.record("stretch_started")
    return course.go(turn, script.talk("stretches_begin"), *script.routine(0))


def _go(course: EpisodeFlow, turn: StepBuilder, number: int) -> None:
    """To the stretch of that number; past the last one, to the end."""
    course.go(turn, *course.script.routine(number))


def next_(course: EpisodeFlow, turn: StepBuilder) -> None:
    _go(course, turn, turn.stretching.number + 1)


def back(course: EpisodeFlow, turn: StepBuilder) -> None:
    if turn.stretching.number:
        _go(course, turn, turn.stretching.number - 1)
    else:
        course.go(turn, course.script.talk("no_earlier"), *course.script.routine(0))


def stop(course: EpisodeFlow, turn: StepBuilder) -> None:
    course.go(turn, course.script.talk("stretches_stopped"), Close("stopped"))


def hurts(course: EpisodeFlow, turn: StepBuilder) -> None:
    """It hurts: no more stretching; it may be a cramp."""
    course.close(turn, "stopped")
    course.go(turn, course.script.advice("worse"), course.script.ask(QuestionKind.DOUBT))


COMMANDS: Mapping[str, Callable[[EpisodeFlow, StepBuilder], None]] = {
    "next": next_,
    "back": back,
    "stop": stop,
    "worse": hurts,
}
"""What means something else here than in an episode."""
AS_EVER = ("repeat", "pause", "slower", "louder", "quieter", "help", "commands", "where", "how_long", "what_else")
"""What means the same as in an episode."""
