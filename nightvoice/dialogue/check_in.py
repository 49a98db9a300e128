"""The check-ins: the night rated in the morning, the day told in the evening, the profile. Silence ends them kindly."""

from nightvoice.dialogue.actions import UpdateProfile
from nightvoice.dialogue.episode_flow import EpisodeFlow
from nightvoice.dialogue.events import DayReady, Heard, SummaryReady
from nightvoice.dialogue.state import Ask, CheckIn, Line, QuestionKind
from nightvoice.dialogue.step_builder import StepBuilder

KINDS = (QuestionKind.OFFER, QuestionKind.RATING, QuestionKind.TAG, QuestionKind.CONDITION)


def morning(flow: EpisodeFlow, builder: StepBuilder, night: SummaryReady) -> None:
    """Tell the night; then offer to rate what is not rated yet, if there is anything."""
    prompts = flow.prompts
    told = [Line((text,), claim) for text, claim in night.lines]
    closing = (*prompts.tip(night.tip_day), prompts.check_in("good_day"))
    builder.set(last_summary_at=builder.t, check_in=None)
    if night.unrated:
        builder.set(check_in=CheckIn(night.unrated, closing, night.cramp, night.several))
        flow.go(builder, *told, prompts.offer())
    else:
        flow.go(builder, *told, *closing)


def evening(flow: EpisodeFlow, builder: StepBuilder, day: DayReady) -> None:
    """Ask about the day what is not known of it yet."""
    prompts = flow.prompts
    unknown = tuple(tag for tag in prompts.tags() if tag not in day.known)
    if unknown:
        builder.set(check_in=CheckIn(unknown, (prompts.check_in("evening_done"),)))
        flow.go(builder, prompts.check_in("good_evening"), prompts.tag(unknown[0]))
    elif day.asked:
        flow.go(builder, prompts.check_in("evening_known"))


def person(flow: EpisodeFlow, builder: StepBuilder) -> None:
    """Ask for the profile. What is not answered stays as it was."""
    prompts, conditions = flow.prompts, flow.prompts.conditions()
    builder.set(check_in=CheckIn(conditions, (prompts.about_you("done"),), person=True))
    flow.go(builder, prompts.about_you("begin"), prompts.condition(conditions[0]))


def heard(flow: EpisodeFlow, builder: StepBuilder, said: Heard) -> bool:
    """Whether ``said`` was about the open question; what it leads to is planned then."""
    asked, check_in = builder.state.asked, builder.state.check_in
    if asked is None or check_in is None or asked.kind not in KINDS:
        return False
    value = _value(asked.kind, check_in.questions[0], said)
    if said.intent == "stop":
        on_no_input(flow, builder)
    elif asked.kind is QuestionKind.OFFER and said.intent == "no":
        _end(flow, builder)
    elif asked.kind is QuestionKind.OFFER and said.intent == "yes":
        flow.go(builder, _question(flow, check_in))
    elif value is not None:
        _record(builder, check_in, value)
        _next(flow, builder, check_in, noted=True)
    elif said.intent == "unsure" and asked.kind is QuestionKind.CONDITION:
        _careful(flow, builder, check_in)
    elif said.intent == "unsure" and asked.kind is QuestionKind.OFFER:
        on_no_input(flow, builder)
    elif said.intent in ("next", "unsure"):
        _next(flow, builder, check_in, noted=False)
    else:
        return False
    return True


def on_no_input(flow: EpisodeFlow, builder: StepBuilder) -> None:
    """Nobody answers: let it be."""
    builder.set(check_in=None)
    flow.go(builder, flow.prompts.check_in("later"))


def _value(kind: QuestionKind, question: str, said: Heard) -> int | bool | None:
    """What was answered; None where it was no answer."""
    if kind in (QuestionKind.TAG, QuestionKind.CONDITION):
        return {"yes": True, "no": False}.get(said.intent)
    if kind is not QuestionKind.RATING:
        return None
    if said.intent == "number":
        return int(said.slots["number"])
    if question == "severity":
        return None
    if said.intent == "no":
        return 0
    return int(said.slots["minutes"]) if said.intent == "duration" and question == "sleep_lost_minutes" else None


def _record(builder: StepBuilder, check_in: CheckIn, value: int | bool) -> None:
    question = check_in.questions[0]
    if check_in.person:
        builder.do(UpdateProfile(question, bool(value)))
    elif check_in.episode is None:
        builder.record("night_tagged", **{question: value})
    else:
        builder.record("episode_edited", episode=check_in.episode, **{question: value})


def _careful(flow: EpisodeFlow, builder: StepBuilder, check_in: CheckIn) -> None:
    """Not sure whether a condition holds: the answer that makes the advice the more careful."""
    cautious = flow.prompts.cautious(check_in.questions[0])
    _record(builder, check_in, cautious)
    _next(flow, builder, check_in, True, *([flow.prompts.about_you("careful")] if cautious else []))


def _next(flow: EpisodeFlow, builder: StepBuilder, check_in: CheckIn, noted: bool, *first: Line) -> None:
    left = check_in.after()
    builder.set(check_in=left)
    if left.questions:
        flow.go(builder, *first, _question(flow, left))
    else:
        thanks = (flow.prompts.check_in("noted"),) if noted and left.episode is not None else ()
        _end(flow, builder, *first, *thanks)


def _question(flow: EpisodeFlow, check_in: CheckIn) -> Ask:
    question = check_in.questions[0]
    if check_in.person:
        return flow.prompts.condition(question)
    if check_in.episode is None:
        return flow.prompts.tag(question)
    return flow.prompts.rating(question, check_in.several)


def _end(flow: EpisodeFlow, builder: StepBuilder, *first: Line) -> None:
    closing = builder.state.check_in.closing if builder.state.check_in is not None else ()
    builder.set(check_in=None)
    flow.go(builder, *first, *closing)
