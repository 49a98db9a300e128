"""What an answer to each question means, and what its silence means."""

from nightvoice.content.schema import SITES, UNKNOWN
from nightvoice.dialogue import check_in
from nightvoice.dialogue.course import Course
from nightvoice.dialogue.state import Ask, Topic
from nightvoice.dialogue.stretching import start
from nightvoice.dialogue.turn import Turn

SIDES_OF_THE_THIGH = {"front": "quadriceps", "back": "hamstring"}
UNDOUBTING_S = 600.0
"""After a soft question that nobody answered (a television, perhaps) no other is asked for so long."""
TRIES = 2
"""So often a question is asked again; then silence is taken for an answer."""


def answer(course: Course, turn: Turn, asked: Ask, yes: bool) -> None:
    """A yes or no to the open question."""
    match asked.topic, yes:
        case Topic.DOUBT, True:
            course.open(turn, None, None)
        case Topic.STRETCHES, True:
            start(course, turn)
        case ((Topic.DOUBT | Topic.STRETCHES), False):
            course.leave(turn)
        case Topic.STILL, True:
            course.raise_flag(turn, "ten_minutes")
        case Topic.STILL, False:
            course.settle(turn)
        case Topic.USUAL, True:
            turn.set_episode(usual=True)
            course.begin_protocol(turn, turn.episode.site or UNKNOWN)
        case Topic.USUAL, False:
            turn.set_episode(usual=False)
            course.ask_danger(turn, 0)
        case Topic.TRIAGE, True:
            course.raise_flag(turn, asked.flag)
        case Topic.TRIAGE, False if asked.alone:
            course.say_first(turn.cut(), course.script.talk("good"))
        case Topic.TRIAGE, False:
            course.ask_danger(turn, course.script.number_of(asked.flag) + 1)
        case Topic.EASING, True:
            course.eased(turn)
        case Topic.EASING, False:
            course.effect(turn, "same")
            course.run(turn, turn.episode.step + 1, course.script.talk("next_way"))
        case Topic.GONE, True:
            course.settle(turn)
        case (Topic.GONE, False) | (Topic.ANOTHER_WAY, True):
            course.run(turn, turn.episode.step + 1)
        case Topic.ANOTHER_WAY, False:
            course.rest(turn, "worse")
        case Topic.SAFE_TO_STAND, True:
            course.start_step(turn, turn.episode.step + 1)
        case Topic.SAFE_TO_STAND, False:
            course.settle(turn, "eased")
        case _:
            no_match(turn, asked)


def silence(course: Course, turn: Turn, asked: Ask) -> None:
    """No answer: ask once more, then go on gently; never hang, never guess away a danger."""
    if turn.state.tries == 0 and asked.no_input:
        turn.say(asked, asked.no_input, tries=1)
        return
    script = course.script
    match asked.topic:
        case Topic.DOUBT:
            turn.clear()
            turn.set(undoubting=turn.t + UNDOUBTING_S)
        case Topic.STRETCHES:
            turn.clear()
        case Topic.OFFER | Topic.RATING | Topic.TAG | Topic.CONDITION:
            check_in.silence(course, turn)
        case Topic.STILL:
            course.rest(turn, "interrupted")
        case Topic.SITE | Topic.THIGH:
            course.after_site(turn)
        case Topic.USUAL:
            course.begin_protocol(turn, turn.episode.site or UNKNOWN, script.advice("caution"))
        case Topic.TRIAGE if turn.state.episode is None:
            course.rest(turn, "unanswered", script.advice("caution"))
        case Topic.TRIAGE if turn.t < turn.state.danger_until:
            course.rest(turn, "unanswered", script.advice("caution"))
        case Topic.TRIAGE:
            course.begin_protocol(turn, UNKNOWN, script.advice("caution"))
        case Topic.EASING | Topic.GONE:
            course.run(turn, turn.episode.step + 1)
        case Topic.SAFE_TO_STAND:
            course.settle(turn, "eased")
        case Topic.ANOTHER_WAY:
            course.rest(turn, "worse")
        case Topic.RESUME:
            course.rest(turn, "unanswered")


def unsure(course: Course, turn: Turn, asked: Ask) -> None:
    """Somebody is not sure: the danger questions tell a usual cramp; else it is what silence is in the end."""
    if turn.state.episode is not None:
        turn.set_episode(answered=True)
    if asked.topic is Topic.USUAL:
        course.ask_danger(turn, 0)
    else:
        turn.set(tries=TRIES)
        silence(course, turn, asked)


def no_match(turn: Turn, asked: Ask) -> None:
    """What was said is no answer: say what would be one; after some tries leave it to silence."""
    if turn.state.tries < TRIES:
        tries = turn.state.tries + 1
        turn.cut().say(asked, asked.no_match, tries)


def place(course: Course, turn: Turn, site: str | None, side: str | None) -> bool:
    """Where it is: asked for, or corrected at any time. False where that tells nothing about the place."""
    topic = turn.state.asked.topic if turn.state.asked is not None else None
    if side is not None:
        turn.set_episode(side=side)
    if site is not None and topic is Topic.THIGH:
        site = SIDES_OF_THE_THIGH.get(site, site)
    if site == "thigh":
        course.go(turn, course.script.ask(Topic.THIGH))
    elif site in SITES:
        course.set_site(turn, site)
    else:
        return False
    return True
