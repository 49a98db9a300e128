"""Check-ins by voice: ratings of the night, tags of the day, conditions of the profile. Silence ends each."""

from nightvoice.dialogue.actions import UpdateProfile
from nightvoice.dialogue.agenda import Ask, Line, QuestionKind
from nightvoice.dialogue.episode_flow import EpisodeFlow
from nightvoice.dialogue.events import DayReady, Heard, SummaryReady
from nightvoice.dialogue.state import CheckIn
from nightvoice.dialogue.step_builder import StepBuilder

QUESTION_KINDS = (QuestionKind.OFFER, QuestionKind.RATING, QuestionKind.TAG, QuestionKind.CONDITION)


def begin_morning(flow: EpisodeFlow, builder: StepBuilder, night: SummaryReady) -> None:
    """Speak the summary of the night, then offer to ask for the missing ratings."""
    prompts = flow.prompts
    unwritten = [prompts.check_in("unwritten")] if night.incomplete else []
    summary = [*unwritten, *(Line((text,), claim) for text, claim in night.lines)]
    closing = (*prompts.tip(night.tip_day), prompts.check_in("good_day"))
    builder.set(last_summary_at=builder.t, check_in=None)
    if night.unrated:
        builder.set(check_in=CheckIn(night.unrated, closing, night.cramp, night.several))
        flow.go(builder, *summary, prompts.offer())
    else:
        flow.go(builder, *summary, *closing)


def begin_evening(flow: EpisodeFlow, builder: StepBuilder, day: DayReady) -> None:
    """Ask for the tags of the day that the diary does not have yet."""
    prompts = flow.prompts
    unknown = tuple(tag for tag in prompts.tags() if tag not in day.known)
    if unknown:
        builder.set(check_in=CheckIn(unknown, (prompts.check_in("evening_done"),)))
        flow.go(builder, prompts.check_in("good_evening"), prompts.tag(unknown[0]))
    elif day.asked:
        flow.go(builder, prompts.check_in("evening_known"))


def begin_profile(flow: EpisodeFlow, builder: StepBuilder) -> None:
    """Ask about each condition of the profile. Unanswered ones stay unchanged."""
    prompts, conditions = flow.prompts, flow.prompts.conditions()
    builder.set(check_in=CheckIn(conditions, (prompts.about_you("done"),), about_person=True))
    flow.go(builder, prompts.about_you("begin"), prompts.condition(conditions[0]))


def on_heard(flow: EpisodeFlow, builder: StepBuilder, heard: Heard) -> bool:
    """React to ``heard`` if it concerns the open question of a check-in; return whether it does."""
    asked, check_in = builder.state.asked, builder.state.check_in
    if asked is None or check_in is None or asked.kind not in QUESTION_KINDS:
        return False
    value = _value(asked.kind, check_in.questions[0], heard)
    if heard.intent == "stop":
        on_no_input(flow, builder)
    elif asked.kind is QuestionKind.OFFER and heard.intent == "no":
        _end(flow, builder)
    elif asked.kind is QuestionKind.OFFER and heard.intent == "yes":
        flow.go(builder, _question(flow, check_in))
    elif value is not None:
        _record(builder, check_in, value)
        _next(flow, builder, check_in, noted=True)
    elif heard.intent == "unsure" and asked.kind is QuestionKind.CONDITION:
        _record_cautious(flow, builder, check_in)
    elif heard.intent == "unsure" and asked.kind is QuestionKind.OFFER:
        on_no_input(flow, builder)
    elif heard.intent in ("next", "unsure"):
        _next(flow, builder, check_in, noted=False)
    else:
        return False
    return True


def on_no_input(flow: EpisodeFlow, builder: StepBuilder) -> None:
    """End the check-in, because nobody answers."""
    closing = builder.state.check_in.closing if builder.state.check_in is not None else ()
    builder.set(check_in=None)
    not_kept = flow.prompts.talk("not_kept")
    flow.go(builder, flow.prompts.check_in("later"), *(line for line in closing if line == not_kept))


def _value(kind: QuestionKind, question: str, heard: Heard) -> int | bool | None:
    """Return the value of the answer; None if it does not answer the question."""
    if kind in (QuestionKind.TAG, QuestionKind.CONDITION):
        return {"yes": True, "no": False}.get(heard.intent)
    if kind is not QuestionKind.RATING:
        return None
    if heard.intent == "number":
        return int(heard.slots["number"])
    if question == "severity":
        return None
    if heard.intent == "no":
        return 0
    return int(heard.slots["minutes"]) if heard.intent == "duration" and question == "sleep_lost_minutes" else None


def _record(builder: StepBuilder, check_in: CheckIn, value: int | bool) -> None:
    question = check_in.questions[0]
    if check_in.about_person:
        builder.set(told=builder.state.told - {question})
        builder.do(UpdateProfile(question, bool(value)))
    elif check_in.episode is None:
        builder.record("night_tagged", **{question: value})
    else:
        builder.record("episode_edited", episode=check_in.episode, **{question: value})


def _record_cautious(flow: EpisodeFlow, builder: StepBuilder, check_in: CheckIn) -> None:
    """Record, for "I'm not sure", the answer that makes the advice more cautious."""
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
    if check_in.about_person:
        return flow.prompts.condition(question)
    if check_in.episode is None:
        return flow.prompts.tag(question)
    return flow.prompts.rating(question, check_in.several)


def _end(flow: EpisodeFlow, builder: StepBuilder, *first: Line) -> None:
    closing = builder.state.check_in.closing if builder.state.check_in is not None else ()
    builder.set(check_in=None)
    flow.go(builder, *first, *closing)
