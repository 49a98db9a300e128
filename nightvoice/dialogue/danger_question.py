"""What is said while a danger question is open: nothing skips the question."""

from dataclasses import replace

from nightvoice.content.schema import SITES, THIGH
from nightvoice.dialogue import requests
from nightvoice.dialogue.agenda import Ask, Close, GoTo
from nightvoice.dialogue.answers import HELP, give_up, on_answer, on_no_match, on_unsure, said_side
from nightvoice.dialogue.commands import COMMANDS, QUERIES, VOLUMES
from nightvoice.dialogue.episode_flow import EpisodeFlow
from nightvoice.dialogue.events import Heard
from nightvoice.dialogue.state import Phase
from nightvoice.dialogue.step_builder import StepBuilder

ALLOWED = ("stop", "slower", "louder", "quieter", "help", "commands", *QUERIES)
"""Commands that leave the question open, or end everything."""


def on_heard(flow: EpisodeFlow, builder: StepBuilder, heard: Heard, asked: Ask) -> None:
    """React to ``heard`` while the danger question ``asked`` is open."""
    intent, in_episode = heard.intent, builder.state.episode is not None
    if in_episode:
        builder.set_episode(answered=True)
    needs_help = asked.flag == HELP and intent in ("help", "alone", "no_phone")
    if intent in ("yes", "no", "fine") or needs_help:
        on_answer(flow, builder, asked, yes=intent == "yes" or needs_help)
    elif intent == "unsure":
        on_unsure(flow, builder, asked)
    elif intent in ("next", "continue"):
        give_up(flow, builder.interrupt(), asked)
    elif builder.state.phase is Phase.IDLE:
        _on_heard_idle(flow, builder, heard, asked)
    elif intent == "stop" and builder.state.phase is Phase.STRETCHING:
        flow.close(builder, "stopped")
        _stop(flow, builder, asked)
    elif intent == "stop":
        _stop(flow, builder, asked)
    elif intent in ALLOWED:
        COMMANDS[intent](flow, builder)
    elif intent == "asked" and heard.slots["what"] in requests.QUESTIONS:
        requests.answer(flow, builder, heard.slots)
    elif in_episode and intent in ("site", "side", "moved", "cramp", "gone", "worse", "unusual", "helper"):
        _note(flow, builder, heard, asked)
    else:
        on_no_match(builder, asked)


def on_heard_before(flow: EpisodeFlow, builder: StepBuilder, heard: Heard) -> None:
    """React to ``heard`` while other words precede a danger question: nothing drops the question."""
    site, in_episode = heard.slots.get("site"), builder.state.episode is not None
    if in_episode and heard.intent in ALLOWED:
        COMMANDS[heard.intent](flow, builder)
    elif in_episode and heard.intent == "asked" and heard.slots["what"] in requests.QUESTIONS:
        requests.answer(flow, builder, heard.slots)
    elif heard.intent == "stop":
        flow.leave(builder)
    elif in_episode and site == THIGH and builder.episode.site is None:
        builder.set_episode(thigh=True)
    elif in_episode and heard.intent in ("site", "cramp") and site in SITES:
        question = builder.pending_danger_question()
        flow.note_site(builder, site)
        if question is not None and question.alone:  # what comes after it was planned for another site
            flow.go(builder, question, GoTo("site"))
    elif heard.intent not in ("yes", "no", "unsure", "fine"):
        flow.advance(builder.interrupt())


def _stop(flow: EpisodeFlow, builder: StepBuilder, asked: Ask) -> None:
    """Stop with the number: "stop" says nothing about the danger, so nothing is stretched until it is denied."""
    if not asked.unclear:
        flow.remember_danger(builder, asked.flag)
    flow.go(builder, flow.prompts.advice("stop_flagged"), Close("stopped"))


def _on_heard_idle(flow: EpisodeFlow, builder: StepBuilder, heard: Heard, asked: Ask) -> None:
    if heard.intent == "cramp":
        site = heard.slots.get("site")
        flow.begin_episode(builder, site, heard.slots.get("side"))
        flow.go(builder, replace(asked, alone=True), GoTo("opening"))
    elif heard.intent == "stop":
        _stop(flow, builder, asked)
    elif heard.intent == "help":
        flow.say_first(builder, flow.prompts.advice("help"))
    elif heard.intent in VOLUMES:
        builder.change_volume(VOLUMES[heard.intent])
    else:
        on_no_match(builder, asked)


def _note(flow: EpisodeFlow, builder: StepBuilder, heard: Heard, asked: Ask) -> None:
    """Remember what was said about the cramp, and ask again; it counts once the question is answered with no."""
    in_turn = builder.episode.screening is not None and not asked.alone
    question = replace(asked, wordings=asked.no_match)
    match heard.intent:
        case "site" | "side" | "moved" | "cramp":
            site, side = heard.slots.get("site"), said_side(builder, heard.slots.get("side"))
            if side is not None:
                builder.set_episode(side=side)
            if site == THIGH and builder.episode.site is None:
                builder.set_episode(thigh=True)
            if site in SITES and site != builder.episode.site:
                flow.note_site(builder, site)
                flow.go(builder, question, *(() if in_turn else (GoTo("site"),)))
                return
        case "gone":
            builder.set_episode(screening=None)
            flow.go(builder, replace(question, alone=True), GoTo("settle"))
            return
        case "worse" | "unusual" if not in_turn:
            builder.set_episode(worse=heard.intent == "worse", eased=False, usual=False)
            if heard.intent == "unusual":
                builder.note_usual(False)
            flow.go(builder, question, GoTo("danger"))
            return
        case "worse":
            builder.set_episode(worse=True, eased=False)
        case "helper":
            builder.set_episode(helper=True)
            flow.say_first(builder, flow.prompts.talk("helper_here"))
            return
    on_no_match(builder, asked)
