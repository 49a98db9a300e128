"""What somebody asks for by name: a step, another way to do it, or an answer. Then the guide goes on where it was."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import time
from typing import Final

from nightvoice.dialogue import told, ways
from nightvoice.dialogue.actions import RequestTime
from nightvoice.dialogue.agenda import Line
from nightvoice.dialogue.answers import HELP
from nightvoice.dialogue.episode_flow import EpisodeFlow
from nightvoice.dialogue.state import Phase
from nightvoice.dialogue.step_builder import StepBuilder
from nightvoice.dialogue.wishes import STEPS, another_step

QUESTIONS: Final = (
    "time",
    "how_long",
    "why",
    "medicine",
    "danger",
    "drink",
    "get_up",
    "sleep",
    "light",
    "who",
    "what_if",
)
"""Requests for an answer; they change nothing."""
CONDITION_OF: Final = {"cannot_reach": "limited_mobility", "cannot_sit": "fall_risk"}
"""The condition as which a request counts for the rest of the night."""


def on_asked(flow: EpisodeFlow, builder: StepBuilder, slots: Mapping[str, str]) -> None:
    """React to a request. ``flow`` already respects the condition that it counts as."""
    prompts, phase, what = flow.prompts, builder.state.phase, slots["what"]
    if what in QUESTIONS:
        return answer(flow, builder, slots)
    if phase is Phase.STRETCHING:
        return flow.advance(builder.interrupt())
    match what:
        case "doctor":
            question = prompts.danger_question_for(HELP, alone=True)
            flow.ask_about(builder, question, prompts.advice("answer_doctor"))
        case _ if phase is Phase.SETTLING:
            flow.say_first(builder, prompts.talk("request_if_back"))
        case "no_towel":
            flow.say_first(builder, prompts.advice("no_towel"))
        case "hurts":
            flow.say_first(builder, prompts.advice("ease_off"))
        case "cannot_reach" | "cannot_sit":
            _adapt(flow, builder, CONDITION_OF[what], "stay_lying" if what == "cannot_sit" else "noted")
        case _ if phase is not Phase.GUIDING or builder.episode.protocol is None:
            builder.set_episode(wish=what)
            flow.say_first(builder, prompts.talk("request_in_a_moment"))
        case "not_working":
            ways.after_no_relief(flow, builder)
        case "stretch_other":
            flow.go_to_step(builder, another_step(builder.episode), prompts.talk("next_way"))
        case "first_again":
            flow.go_to_step(builder, 0, prompts.talk("all_right"))
        case _:
            _go_to(flow, builder, what)


def answer(flow: EpisodeFlow, builder: StepBuilder, slots: Mapping[str, str]) -> None:
    """Answer one of ``QUESTIONS`` in a sentence or two, then go on."""
    prompts = flow.prompts
    match slots["what"]:
        case "time":
            builder.do(RequestTime())
        case "who":
            _answer(flow, builder, prompts.talk("answer_who"))
        case "light":
            _answer(flow, builder, prompts.talk("answer_light" if prompts.bridged else "answer_no_light"))
        case "get_up":
            eased = builder.state.phase is not Phase.GUIDING or builder.episode.eased
            key = "getting_up" if eased else "answer_get_up"
            _answer(flow, builder, *prompts.advice_allowed(key, "staying_in_bed"))
        case "drink":
            _answer(flow, builder, *prompts.advice_allowed("answer_drink", "answer_drink_limited"))
        case "how_long" if builder.state.episode is not None:
            so_far = prompts.minutes(builder.t - builder.episode.onset)
            _answer(flow, builder, so_far, prompts.advice("answer_how_long"))
        case "what_if":
            _answer(flow, builder, prompts.what_if(slots.get("flag", "")))
        case what:
            _answer(flow, builder, prompts.advice(f"answer_{what}"))


def tell_time(flow: EpisodeFlow, builder: StepBuilder, now: time) -> None:
    """Say what time it is, to the quarter of an hour."""
    _answer(flow, builder, flow.prompts.clock(now))


def _answer(flow: EpisodeFlow, builder: StepBuilder, *lines: Line) -> None:
    """Speak ``lines`` now. What is said meanwhile may change the answer, so it is not resumed."""
    flow.say_first(builder, *(replace(line, once=True) for line in lines))


def _go_to(flow: EpisodeFlow, builder: StepBuilder, what: str) -> None:
    """Go to the step that is asked for, or say why not now."""
    prompts, episode, fits = flow.prompts, builder.episode, STEPS[what]
    number = next((n for n, step in enumerate(episode.plan) if fits(step)), None)
    if number is not None and (episode.eased or not episode.plan[number].only_if_eased):
        flow.go_to_step(builder, number, prompts.talk("all_right"))
    elif number is not None:
        flow.say_first(builder, prompts.advice("walk_later"))
    elif any(fits(step) for step in prompts.all_steps(episode.protocol or "")):
        flow.say_first(builder, prompts.talk("not_for_you"))
    else:
        flow.say_first(builder, prompts.advice("wrong_muscle"))


def _adapt(flow: EpisodeFlow, builder: StepBuilder, condition: str, key: str) -> None:
    """Go to a step made for ``condition``; without one go on, without the steps that it rules out."""
    line = flow.prompts.talk(key)
    if builder.state.phase is not Phase.GUIDING or builder.episode.protocol is None:
        return flow.say_first(builder, line)
    stays = told.adapt_plan(flow, builder)
    plan = builder.episode.plan
    made_for = next((n for n, step in enumerate(plan) if condition in step.only_with), None)
    if made_for is not None:
        flow.go_to_step(builder, made_for, line)
    elif stays:
        flow.say_first(builder, line)
    else:
        flow.go_to_step(builder, builder.episode.step_index + 1, line)
