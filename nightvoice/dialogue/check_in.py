"""The check-ins: the night rated in the morning, the day told in the evening, the profile. Silence ends them kindly."""

from nightvoice.dialogue.actions import UpdateProfile
from nightvoice.dialogue.episode_flow import EpisodeFlow
from nightvoice.dialogue.events import DayReady, Heard, SummaryReady
from nightvoice.dialogue.state import Ask, CheckIn, Line, QuestionKind
from nightvoice.dialogue.step_builder import StepBuilder

TOPICS = (QuestionKind.OFFER, QuestionKind.RATING, QuestionKind.TAG, QuestionKind.CONDITION)


def morning(course: EpisodeFlow, turn: StepBuilder, night: SummaryReady) -> None:
    """Tell the night; then offer to rate what is not rated yet, if there is anything."""
    script = course.script
    told = [Line((text,), claim) for text, claim in night.lines]
    closing = (*script.tip(night.tip_of), script.check_in("good_day"))
    turn.set(told=turn.t, check_in=None)
    if night.unrated:
        turn.set(check_in=CheckIn(night.unrated, closing, night.cramp, night.several))
        course.go(turn, *told, script.offer())
    else:
        course.go(turn, *told, *closing)


def evening(course: EpisodeFlow, turn: StepBuilder, day: DayReady) -> None:
    """Ask about the day what is not known of it yet."""
    script = course.script
    unknown = tuple(tag for tag in script.tags() if tag not in day.known)
    if unknown:
        turn.set(check_in=CheckIn(unknown, (script.check_in("evening_done"),)))
        course.go(turn, script.check_in("good_evening"), script.tag(unknown[0]))
    elif day.asked:
        course.go(turn, script.check_in("evening_known"))


def person(course: EpisodeFlow, turn: StepBuilder) -> None:
    """Ask for the profile. What is not answered stays as it was."""
    script, conditions = course.script, course.script.conditions()
    turn.set(check_in=CheckIn(conditions, (script.about_you("done"),), person=True))
    course.go(turn, script.about_you("begin"), script.condition(conditions[0]))


def heard(course: EpisodeFlow, turn: StepBuilder, said: Heard) -> bool:
    """Whether ``said`` was about the open question; what it leads to is planned then."""
    asked, check_in = turn.state.asked, turn.state.check_in
    if asked is None or check_in is None or asked.topic not in TOPICS:
        return False
    value = _value(asked.topic, check_in.questions[0], said)
    if said.intent == "stop":
        silence(course, turn)
    elif asked.topic is QuestionKind.OFFER and said.intent == "no":
        _end(course, turn)
    elif asked.topic is QuestionKind.OFFER and said.intent == "yes":
        course.go(turn, _question(course, check_in))
    elif value is not None:
        _record(turn, check_in, value)
        _next(course, turn, check_in, noted=True)
    elif said.intent == "unsure" and asked.topic is QuestionKind.CONDITION:
        _careful(course, turn, check_in)
    elif said.intent == "unsure" and asked.topic is QuestionKind.OFFER:
        silence(course, turn)
    elif said.intent in ("next", "unsure"):
        _next(course, turn, check_in, noted=False)
    else:
        return False
    return True


def silence(course: EpisodeFlow, turn: StepBuilder) -> None:
    """Nobody answers: let it be."""
    turn.set(check_in=None)
    course.go(turn, course.script.check_in("later"))


def _value(topic: QuestionKind, question: str, said: Heard) -> int | bool | None:
    """What was answered; None where it was no answer."""
    if topic in (QuestionKind.TAG, QuestionKind.CONDITION):
        return {"yes": True, "no": False}.get(said.intent)
    if topic is not QuestionKind.RATING:
        return None
    if said.intent == "number":
        return int(said.slots["number"])
    if question == "severity":
        return None
    if said.intent == "no":
        return 0
    return int(said.slots["minutes"]) if said.intent == "duration" and question == "sleep_lost_minutes" else None


def _record(turn: StepBuilder, check_in: CheckIn, value: int | bool) -> None:
    question = check_in.questions[0]
    if check_in.person:
        turn.do(UpdateProfile(question, bool(value)))
    elif check_in.episode is None:
        turn.record("night_tagged", **{question: value})
    else:
        turn.record("episode_edited", episode=check_in.episode, **{question: value})


def _careful(course: EpisodeFlow, turn: StepBuilder, check_in: CheckIn) -> None:
    """Not sure whether a condition holds: the answer that makes the advice the more careful."""
    cautious = course.script.cautious(check_in.questions[0])
    _record(turn, check_in, cautious)
    _next(course, turn, check_in, True, *([course.script.about_you("careful")] if cautious else []))


def _next(course: EpisodeFlow, turn: StepBuilder, check_in: CheckIn, noted: bool, *first: Line) -> None:
    left = check_in.after()
    turn.set(check_in=left)
    if left.questions:
        course.go(turn, *first, _question(course, left))
    else:
        thanks = (course.script.check_in("noted"),) if noted and left.episode is not None else ()
        _end(course, turn, *first, *thanks)


def _question(course: EpisodeFlow, check_in: CheckIn) -> Ask:
    question = check_in.questions[0]
    if check_in.person:
        return course.script.condition(question)
    if check_in.episode is None:
        return course.script.tag(question)
    return course.script.rating(question, check_in.several)


def _end(course: EpisodeFlow, turn: StepBuilder, *first: Line) -> None:
    closing = turn.state.check_in.closing if turn.state.check_in is not None else ()
    turn.set(check_in=None)
    course.go(turn, *first, *closing)
