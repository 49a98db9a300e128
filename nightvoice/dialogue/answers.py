"""What an answer to each question means, and what its silence means."""

from nightvoice.content.schema import SITES, UNKNOWN
from nightvoice.dialogue.course import Course
from nightvoice.dialogue.state import Ask, Phase, Topic
from nightvoice.dialogue.turn import Turn

UNDOUBTING_S = 600.0
"""After a soft question that nobody answered (a television, perhaps) no other is asked for so long."""


def answer(course: Course, turn: Turn, asked: Ask, yes: bool) -> None:
    """A yes or no to the open question."""
    match asked.topic, yes:
        case Topic.USUAL, True:
            turn.set_episode(usual=True)
            course.begin_protocol(turn, turn.episode.site or UNKNOWN)
        case Topic.USUAL, False:
            turn.set_episode(usual=False)
            course.ask_danger(turn, 0)
        case Topic.TRIAGE, True:
            course.raise_flag(turn, course.script.flag_of(asked.number))
        case Topic.TRIAGE, False:
            course.ask_danger(turn, asked.number + 1)
        case Topic.EASING, True:
            course.eased(turn)
        case Topic.EASING, False:
            course.effect(turn, "same")
            turn.set_episode(answered=True)
            course.run(turn, turn.episode.step + 1, course.script.talk("next_way", turn.number))
        case (Topic.GONE, True) | (Topic.SAFE_TO_STAND, False):
            course.settle(turn)
        case (Topic.GONE, False) | (Topic.ANOTHER_WAY, True):
            course.run(turn, turn.episode.step + 1)
        case Topic.ANOTHER_WAY, False:
            course.rest(turn, "worse")
        case Topic.SAFE_TO_STAND, True:
            course.start_step(turn, turn.episode.step + 1)


def silence(course: Course, turn: Turn, asked: Ask) -> None:
    """No answer: ask once more, then go on gently; never hang, never guess away a danger."""
    if turn.state.tries == 0 and asked.topic is not Topic.DOUBT:
        turn.say(asked, again=True)
        return
    script = course.script
    match asked.topic:
        case Topic.DOUBT:
            turn.clear()
            turn.set(undoubting=turn.t + UNDOUBTING_S)
        case Topic.SITE | Topic.THIGH:
            course.go(turn, script.usual(turn.number))
        case Topic.USUAL:
            course.begin_protocol(turn, turn.episode.site or UNKNOWN, script.advice("caution", turn.number))
        case Topic.TRIAGE:
            course.begin_protocol(turn, UNKNOWN, script.advice("caution", turn.number))
        case Topic.EASING | Topic.GONE:
            course.run(turn, turn.episode.step + 1)
        case Topic.SAFE_TO_STAND:
            course.settle(turn)
        case Topic.ANOTHER_WAY:
            course.rest(turn, "worse")
        case Topic.RESUME:
            course.rest(turn, "unanswered")


def place(course: Course, turn: Turn, site: str | None, side: str | None) -> None:
    """Where it is: asked for, or corrected at any time."""
    topic = turn.state.asked.topic if turn.state.asked is not None else None
    if side is not None:
        turn.set_episode(side=side)
    if site == "front" and topic is Topic.THIGH:
        site = "quadriceps"
    if site == "thigh":
        course.go(turn, course.script.thigh(turn.number))
    elif site in SITES:
        course.set_site(turn, site)
    elif topic is Topic.SITE and turn.state.phase is Phase.OPENING:
        course.go(turn, course.script.where(turn.number))
