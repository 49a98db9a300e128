"""The phase after a danger sign: getting help is all that counts, until it comes or the alarm was false."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import inf

from nightvoice.dialogue.agenda import AgendaItem, Close, Line, QuestionKind, Wait
from nightvoice.dialogue.answers import on_answer, on_unsure
from nightvoice.dialogue.commands import COMMANDS, VOLUMES
from nightvoice.dialogue.episode_flow import LIMIT_S, STILL_S, EpisodeFlow
from nightvoice.dialogue.prompt_builder import REMINDER_S
from nightvoice.dialogue.state import Phase
from nightvoice.dialogue.step_builder import StepBuilder

HELP_COMING_S = 600.0
"""Seconds that the guide listens on, without reminders, for somebody who waits for help."""
SPECIAL = ("fire", "suicide")
"""Danger signs with their own words for these situations: the advice ``alone_fire`` instead of ``alone``."""


def on_heard(flow: EpisodeFlow, builder: StepBuilder, intent: str) -> None:
    """React to anything but another danger sign."""
    asked = builder.state.asked
    if intent in VOLUMES:
        builder.change_volume(VOLUMES[intent])
    elif asked is not None and intent in ("no", "fine") and _dangers(flow, builder) == [asked.flag]:
        _fine(flow, builder)
    elif asked is not None and intent in ("yes", "no", "fine"):
        on_answer(flow, builder, asked, yes=intent == "yes")
    elif asked is not None and intent == "unsure":
        on_unsure(flow, builder, asked)
    elif intent in REACTIONS:
        REACTIONS[intent](flow, builder)
    elif intent == "how_long" and builder.state.episode is not None:
        COMMANDS[intent](flow, builder)
    elif intent == "no":
        _deny(flow, builder)
    elif intent not in ("yes", "unsure"):
        remind(flow, builder)


def remind(flow: EpisodeFlow, builder: StepBuilder) -> None:
    """Say the last advice again, after a reminder unless help is coming."""
    reminder = () if builder.state.help_coming else (flow.prompts.advice("flagged_reminder"),)
    flow.go(builder, *reminder, *builder.state.repeatable, keep_repeatable=True)


def _help(flow: EpisodeFlow, builder: StepBuilder) -> None:
    """Say the number again, also to somebody who said that help is coming."""
    builder.set(help_coming=False)
    flow.go(builder, flow.prompts.advice("help"), *builder.state.repeatable, keep_repeatable=True)


def _stop(flow: EpisodeFlow, builder: StepBuilder) -> None:
    if builder.state.agenda == (Close("escalated"),):  # said twice
        flow.close(builder, "escalated")
    else:
        flow.go(builder, flow.prompts.advice("stop_flagged"), Close("escalated"))


def _gone(flow: EpisodeFlow, builder: StepBuilder) -> None:
    """End a cramp that lasted too long; any other danger stays one without the cramp."""
    if builder.state.episode is not None and not _dangers(flow, builder):
        flow.settle(builder)
    else:
        _go_on(flow, builder, "still_get_help")


def _better(flow: EpisodeFlow, builder: StepBuilder) -> None:
    _go_on(flow, builder, "still_get_help")


def _fine(flow: EpisodeFlow, builder: StepBuilder) -> None:
    """Take a danger sign back. The diary keeps it, and stretching still waits for the danger questions."""
    withdrawn = _dangers(flow, builder)
    for flag in withdrawn:
        builder.record("flag", flag=flag, action=flow.prompts.action(flag), status="withdrawn")
    too_long = "ten_minutes" in builder.state.flags
    builder.set(flags=builder.state.flags.difference(withdrawn))
    glad = flow.prompts.talk("glad")
    if builder.state.episode is None or "suicide" in withdrawn:
        flow.go(builder, glad, flow.prompts.advice("stop_flagged"), Close("escalated"))
        return
    alarm = inf if too_long else max(builder.episode.onset + LIMIT_S, builder.t + STILL_S)
    builder.set(phase=Phase.OPENING, alarm=alarm)
    flow.go(builder, glad, flow.prompts.ask(QuestionKind.LEFT))


def _deny(flow: EpisodeFlow, builder: StepBuilder) -> None:
    """Ask about the only danger sign, which somebody seems to deny; a second no takes it back."""
    match _dangers(flow, builder):
        case [flag] if flow.prompts.can_ask_about(flag) and not builder.state.help_coming:
            flow.ask_about(builder, flow.prompts.danger_question_for(flag, alone=True))
        case _:
            remind(flow, builder)


def _help_coming(flow: EpisodeFlow, builder: StepBuilder) -> None:
    builder.set(help_coming=True)
    flow.go(builder, _advice(flow, builder, "help_coming"), Wait(HELP_COMING_S), Close("escalated"))


def _no_phone(flow: EpisodeFlow, builder: StepBuilder) -> None:
    """Name other ways to get help. A message to the contact is mentioned only if its result is known."""
    reached = builder.state.contact_reached
    contact = () if reached is None else (flow.prompts.talk("contact_reached" if reached else "contact_not_reached"),)
    line = _advice(flow, builder, "no_phone")
    flow.go(builder, line, *contact, *_repeated(line, 3))


def _alone(flow: EpisodeFlow, builder: StepBuilder) -> None:
    line, reminder = _advice(flow, builder, "alone"), flow.prompts.advice("flagged_reminder")
    flow.go(builder, line, Wait(REMINDER_S), reminder, *_repeated(line, 2))


def _go_on(flow: EpisodeFlow, builder: StepBuilder, key: str) -> None:
    line = flow.prompts.advice(key)
    flow.go(builder, line, Wait(REMINDER_S), *builder.state.repeatable, keep_repeatable=True)


def _repeated(line: Line, times: int) -> tuple[AgendaItem, ...]:
    """Return ``line`` some more times, with pauses, and the end."""
    return (*(Wait(REMINDER_S), line) * times, Wait(REMINDER_S), Close("escalated"))


def _advice(flow: EpisodeFlow, builder: StepBuilder, key: str) -> Line:
    special = next((flag for flag in SPECIAL if flag in builder.state.flags), None)
    return replace(flow.prompts.advice(key if special is None else f"{key}_{special}"), loud=True)


def _dangers(flow: EpisodeFlow, builder: StepBuilder) -> list[str]:
    """Return the pressing danger signs raised in this episode, other than its length."""
    return sorted(flag for flag in builder.state.flags if flow.prompts.is_pressing(flag) and flag != "ten_minutes")


REACTIONS: Mapping[str, Callable[[EpisodeFlow, StepBuilder], None]] = {
    "help": _help,
    "stop": _stop,
    "gone": _gone,
    "better": _better,
    "fine": _fine,
    "help_coming": _help_coming,
    "no_phone": _no_phone,
    "alone": _alone,
}
