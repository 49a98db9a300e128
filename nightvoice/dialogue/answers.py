"""What an answer to each question means, and what its silence means."""

from nightvoice.content.schema import SITES, UNKNOWN
from nightvoice.dialogue import check_in
from nightvoice.dialogue.episode_flow import EpisodeFlow
from nightvoice.dialogue.state import Ask, QuestionKind
from nightvoice.dialogue.step_builder import StepBuilder
from nightvoice.dialogue.stretching import start

SIDES_OF_THE_THIGH = {"front": "quadriceps", "back": "hamstring"}
UNDOUBTING_S = 600.0
"""After a soft question that nobody answered (a television, perhaps) no other is asked for so long."""
TRIES = 2
"""So often a question is asked again; then silence is taken for an answer."""


def answer(course: EpisodeFlow, turn: StepBuilder, asked: Ask, yes: bool) -> None:
    """A yes or no to the open question."""
    match asked.topic, yes:
        case QuestionKind.DOUBT, True:
            course.open(turn, None, None)
        case QuestionKind.STRETCHES, True:
            start(course, turn)
        case ((QuestionKind.DOUBT | QuestionKind.STRETCHES), False):
            course.leave(turn)
        case QuestionKind.STILL, True:
            course.raise_flag(turn, "ten_minutes")
        case QuestionKind.STILL, False:
            course.settle(turn)
        case QuestionKind.USUAL, True:
            turn.set_episode(usual=True)
            course.begin_protocol(turn, turn.episode.site or UNKNOWN)
        case QuestionKind.USUAL, False:
            turn.set_episode(usual=False)
            course.ask_danger(turn, 0)
        case QuestionKind.TRIAGE, True:
            course.raise_flag(turn, asked.flag)
        case QuestionKind.TRIAGE, False if asked.alone:
            course.say_first(turn.cut(), course.script.talk("good"))
        case QuestionKind.TRIAGE, False:
            course.ask_danger(turn, course.script.number_of(asked.flag) + 1)
        case QuestionKind.EASING, True:
            course.eased(turn)
        case QuestionKind.EASING, False:
            course.effect(turn, "same")
            course.run(turn, turn.episode.step + 1, course.script.talk("next_way"))
        case QuestionKind.GONE, True:
            course.settle(turn)
        case (QuestionKind.GONE, False) | (QuestionKind.ANOTHER_WAY, True):
            course.run(turn, turn.episode.step + 1)
        case QuestionKind.ANOTHER_WAY, False:
            course.rest(turn, "worse")
        case QuestionKind.SAFE_TO_STAND, True:
            course.start_step(turn, turn.episode.step + 1)
        case QuestionKind.SAFE_TO_STAND, False:
            course.settle(turn, "eased")
        case _:
            no_match(turn, asked)


def silence(course: EpisodeFlow, turn: StepBuilder, asked: Ask) -> None:
    """No answer: ask once more, then go on gently; never hang, never guess away a danger."""
    if turn.state.tries == 0 and asked.no_input:
        turn.say(asked, asked.no_input, tries=1)
        return
    script = course.script
    match asked.topic:
        case QuestionKind.DOUBT:
            turn.clear()
            turn.set(undoubting=turn.t + UNDOUBTING_S)
        case QuestionKind.STRETCHES:
            turn.clear()
        case QuestionKind.OFFER | QuestionKind.RATING | QuestionKind.TAG | QuestionKind.CONDITION:
            check_in.silence(course, turn)
        case QuestionKind.STILL:
            course.rest(turn, "interrupted")
        case QuestionKind.SITE | QuestionKind.THIGH:
            course.after_site(turn)
        case QuestionKind.USUAL:
            course.begin_protocol(turn, turn.episode.site or UNKNOWN, script.advice("caution"))
        case QuestionKind.TRIAGE if turn.state.episode is None:
            course.rest(turn, "unanswered", script.advice("caution"))
        case QuestionKind.TRIAGE if turn.t < turn.state.danger_until:
            course.rest(turn, "unanswered", script.advice("caution"))
        case QuestionKind.TRIAGE:
            course.begin_protocol(turn, UNKNOWN, script.advice("caution"))
        case QuestionKind.EASING | QuestionKind.GONE:
            course.run(turn, turn.episode.step + 1)
        case QuestionKind.SAFE_TO_STAND:
            course.settle(turn, "eased")
        case QuestionKind.ANOTHER_WAY:
            course.rest(turn, "worse")
        case QuestionKind.RESUME:
            course.rest(turn, "unanswered")


def unsure(course: EpisodeFlow, turn: StepBuilder, asked: Ask) -> None:
    """Somebody is not sure: the danger questions tell a usual cramp; else it is what silence is in the end."""
    if turn.state.episode is not None:
        turn.set_episode(answered=True)
    if asked.topic is QuestionKind.USUAL:
        course.ask_danger(turn, 0)
    else:
        turn.set(tries=TRIES)
        silence(course, turn, asked)


def no_match(turn: StepBuilder, asked: Ask) -> None:
    """What was said is no answer: say what would be one; after some tries leave it to silence."""
    if turn.state.tries < TRIES:
        tries = turn.state.tries + 1
        turn.cut().say(asked, asked.no_match, tries)


def place(course: EpisodeFlow, turn: StepBuilder, site: str | None, side: str | None) -> bool:
    """Where it is: asked for, or corrected at any time. False where that tells nothing about the place."""
    topic = turn.state.asked.topic if turn.state.asked is not None else None
    if side is not None:
        turn.set_episode(side=side)
    if site is not None and topic is QuestionKind.THIGH:
        site = SIDES_OF_THE_THIGH.get(site, site)
    if site == "thigh":
        course.go(turn, course.script.ask(QuestionKind.THIGH))
    elif site in SITES:
        course.set_site(turn, site)
    else:
        return False
    return True
