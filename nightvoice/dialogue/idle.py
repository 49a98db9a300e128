"""What begins while no episode is open: by a word, by the time of day, or by a sound that may have been a cramp."""

from typing import Final

from nightvoice.dialogue import check_in, stretching
from nightvoice.dialogue.actions import RequestDay, RequestSummary
from nightvoice.dialogue.agenda import QuestionKind
from nightvoice.dialogue.answers import HELP, on_answer, on_no_match
from nightvoice.dialogue.commands import VOLUMES
from nightvoice.dialogue.episode_flow import EpisodeFlow
from nightvoice.dialogue.events import (
    DayReady,
    EveningTime,
    Heard,
    LowConfidenceWake,
    MorningTime,
    ProfileTime,
    StretchTime,
    SummaryReady,
)
from nightvoice.dialogue.step_builder import StepBuilder

MORNING_S: Final = 12 * 3600.0
"""Seconds after a summary of the night in which the schedule does not start another."""


def begin(
    flow: EpisodeFlow,
    builder: StepBuilder,
    event: LowConfidenceWake | MorningTime | EveningTime | ProfileTime | StretchTime,
) -> None:
    """Start a dialogue, while idle, on an event that is not a command."""
    match event:
        case LowConfidenceWake() if builder.t >= builder.state.doubt_muted_until:
            flow.ask_doubt(builder)
        case MorningTime() if builder.t - builder.state.last_summary_at > MORNING_S:
            builder.do(RequestSummary())
        case EveningTime():
            builder.do(RequestDay(asked=False))
        case ProfileTime():
            check_in.begin_profile(flow, builder)
        case StretchTime(ask=True):
            stretching.ask(flow, builder)
        case StretchTime():
            stretching.start(flow, builder)


def begin_check_in(flow: EpisodeFlow, builder: StepBuilder, event: SummaryReady | DayReady) -> None:
    match event:
        case SummaryReady():
            check_in.begin_morning(flow, builder, event)
        case DayReady():
            check_in.begin_evening(flow, builder, event)


def on_heard(flow: EpisodeFlow, builder: StepBuilder, heard: Heard) -> None:
    """React to anything but a danger sign."""
    asked = builder.state.asked
    match heard.intent:
        case "cramp":
            flow.open_episode(builder, heard.slots.get("site"), heard.slots.get("side"))
        case "yes" | "no" if asked is not None:
            on_answer(flow, builder, asked, yes=heard.intent == "yes")
        case "fine" if asked is not None and asked.kind is QuestionKind.DOUBT:
            flow.leave(builder)
        case "unusual":
            flow.open_unusual(builder)
        case "stop" if asked is not None:
            flow.leave(builder)
        case "no" | "stop":
            builder.clear()
        case "help" if builder.t < builder.state.no_cramp_until:
            question = flow.prompts.danger_question_for(HELP, alone=True)
            flow.ask_about(builder, question, flow.prompts.advice("help"))
        case "help":
            flow.ask_doubt(builder, otherwise=HELP)
        case "good_morning" | "summary":
            builder.clear()
            builder.do(RequestSummary())
        case "good_evening":
            builder.clear()
            builder.do(RequestDay())
        case "profile":
            check_in.begin_profile(flow, builder)
        case "repeat":
            flow.go(builder, *builder.state.repeatable)
        case "stretch":
            stretching.start(flow, builder)
        case "louder" | "quieter":
            builder.change_volume(VOLUMES[heard.intent])
        case _ if asked is not None:
            on_no_match(builder, asked)
