"""Patches of the guide that each remove one guard."""

from contextlib import AbstractContextManager
from dataclasses import replace
from math import inf
from typing import Any
from unittest.mock import patch

from nightvoice.dialogue import answers, danger_question, episode_flow, flagged, guide, stretching, told
from nightvoice.dialogue.actions import Say
from nightvoice.dialogue.agenda import Ask, Line, QuestionKind
from nightvoice.dialogue.commands import COMMANDS
from nightvoice.dialogue.episode_flow import EpisodeFlow
from nightvoice.dialogue.guiding_flow import GuidingFlow
from nightvoice.dialogue.prompt_builder import PromptBuilder
from nightvoice.dialogue.step_builder import StepBuilder


def deaf_to_danger_in_a_pause() -> AbstractContextManager[Any]:
    on_heard = guide.Guide._on_heard

    def mutated(self: guide.Guide, builder: StepBuilder, event: Any) -> None:
        if not (event.intent == "flag" and builder.state.paused_agenda is not None):
            on_heard(self, builder, event)

    return patch.object(guide.Guide, "_on_heard", mutated)


def danger_at_night_volume() -> AbstractContextManager[Any]:
    flag = PromptBuilder.flag
    return patch.object(
        PromptBuilder, "flag", lambda self, name, lying=False: replace(flag(self, name, lying), loud=False)
    )


def guidance_beside_danger() -> AbstractContextManager[Any]:
    return patch.object(
        EpisodeFlow, "_only_help", lambda self, builder, flag, *then: self.say_first(builder, self.prompts.flag(flag))
    )


def first_no_takes_the_alarm_back() -> AbstractContextManager[Any]:
    return patch.object(flagged, "_deny", flagged._fine)


def silence_is_no() -> AbstractContextManager[Any]:
    def mutated(flow: EpisodeFlow, builder: StepBuilder, asked: Ask) -> None:
        if asked.kind is QuestionKind.TRIAGE and builder.state.episode is not None:
            flow.begin_protocol(builder, builder.episode.site or "unknown")
        else:
            answers.on_no_input(flow, builder, asked)

    return patch.object(guide, "on_no_input", mutated)


def no_is_yes() -> AbstractContextManager[Any]:
    on_answer = answers.on_answer

    def mutated(flow: EpisodeFlow, builder: StepBuilder, asked: Ask, yes: bool) -> None:
        on_answer(flow, builder, asked, yes or asked.kind is QuestionKind.TRIAGE)

    return patch.object(danger_question, "on_answer", mutated)


def corrected_in_vain() -> AbstractContextManager[Any]:
    def mutated(self: EpisodeFlow, builder: StepBuilder, site: str) -> None:
        builder.set_episode(site=site)
        builder.record("site", site=site, side=None)
        if builder.episode.protocol is None:
            self.after_site(builder)

    return patch.object(EpisodeFlow, "set_site", mutated)


def does_not_ask_where() -> AbstractContextManager[Any]:
    opening = PromptBuilder.opening
    return patch.object(
        PromptBuilder, "opening", lambda self, *args: (*opening(self, *args)[:-1], self.ask(QuestionKind.USUAL))
    )


def danger_forgotten() -> AbstractContextManager[Any]:
    raise_flag = EpisodeFlow.raise_flag

    def mutated(self: EpisodeFlow, builder: StepBuilder, flag: str) -> None:
        raise_flag(self, builder, flag)
        builder.set(danger_until=-inf)

    return patch.object(EpisodeFlow, "raise_flag", mutated)


def danger_questions_skipped() -> AbstractContextManager[Any]:
    after_site = EpisodeFlow.after_site

    def mutated(self: EpisodeFlow, builder: StepBuilder) -> None:
        builder.set(danger_until=-inf)
        builder.set_episode(screening=None)
        after_site(self, builder)

    return patch.object(EpisodeFlow, "after_site", mutated)


def stretches_after_danger() -> AbstractContextManager[Any]:
    start = stretching.start

    def mutated(flow: EpisodeFlow, builder: StepBuilder) -> None:
        builder.set(danger_until=-inf)
        start(flow, builder)

    return patch.object(stretching, "start", mutated)


def always_eased() -> AbstractContextManager[Any]:
    go_to_step = GuidingFlow.go_to_step

    def mutated(self: GuidingFlow, builder: StepBuilder, number: int, *first: Line, then: Line | None = None) -> None:
        builder.set_episode(eased=True)
        go_to_step(self, builder, number, *first, then=then)

    return patch.object(GuidingFlow, "go_to_step", mutated)


def stands_unasked() -> AbstractContextManager[Any]:
    return patch.object(
        GuidingFlow, "_ask_to_stand", lambda self, builder, number, *first: self.start_step(builder, number, *first)
    )


def silence_is_safe() -> AbstractContextManager[Any]:
    def mutated(flow: EpisodeFlow, builder: StepBuilder, asked: Ask) -> None:
        if asked.kind is QuestionKind.SAFE_TO_STAND:
            flow.start_step(builder, builder.episode.step_index + 1)
        else:
            answers.on_no_input(flow, builder, asked)

    return patch.object(guide, "on_no_input", mutated)


def the_other_leg_has_eased() -> AbstractContextManager[Any]:
    def mutated(flow: EpisodeFlow, builder: StepBuilder, site: str | None, side: str | None, moved: bool) -> bool:
        builder.set_episode(side=answers.said_side(builder, side))
        builder.record("site", site=builder.episode.site, side=builder.episode.side)
        flow.say_first(builder, flow.prompts.at_place(builder.episode))
        return True

    return patch.object(guide, "on_site", mutated)


def no_timer() -> AbstractContextManager[Any]:
    begin = EpisodeFlow.begin_episode

    def mutated(self: EpisodeFlow, builder: StepBuilder, site: str | None, side: str | None) -> None:
        begin(self, builder, site, side)
        builder.set(alarm=inf)

    return patch.object(EpisodeFlow, "begin_episode", mutated)


def timer_anew_with_each_repeat() -> AbstractContextManager[Any]:
    close = EpisodeFlow.close

    def mutated(self: EpisodeFlow, builder: StepBuilder, outcome: str) -> None:
        close(self, builder, outcome)
        builder.set(unresolved=None)

    return patch.object(EpisodeFlow, "close", mutated)


def timer_anew_after_a_restart() -> AbstractContextManager[Any]:
    resume = EpisodeFlow.resume
    return patch.object(
        EpisodeFlow, "resume", lambda self, builder, event: resume(self, builder, replace(event, onset=event.t))
    )


def claims_dropped() -> AbstractContextManager[Any]:
    do = StepBuilder.do

    def mutated(self: StepBuilder, action: Any) -> None:
        do(self, replace(action, claim=None) if isinstance(action, Say) else action)

    return patch.object(StepBuilder, "do", mutated)


def silence_leaves_no_trace() -> AbstractContextManager[Any]:
    return patch.object(
        answers, "_leave_unconfirmed", lambda flow, b, asked: flow.let_rest(b, "x", *flow.prompts.unanswered(asked))
    )


def asks_again_quietly() -> AbstractContextManager[Any]:
    def mutated(flow: EpisodeFlow, builder: StepBuilder, asked: Ask) -> None:
        if asked.kind is QuestionKind.TRIAGE and builder.state.tries == 0:
            builder.say(asked, asked.no_input, tries=1)
        else:
            answers.on_no_input(flow, builder, asked)

    return patch.object(guide, "on_no_input", mutated)


def sits_up_after_fainting() -> AbstractContextManager[Any]:
    return patch.object(episode_flow, "LYING", frozenset())


def told_in_vain() -> AbstractContextManager[Any]:
    return patch.object(told, "adapt_plan", lambda flow, builder: True)


def pregnant_without_clot_question() -> AbstractContextManager[Any]:
    return patch.object(GuidingFlow, "clot_question", lambda self, builder: ())


def told_and_forgotten() -> AbstractContextManager[Any]:
    on_remembered = told.on_remembered

    def mutated(flow: EpisodeFlow, builder: StepBuilder, event: Any) -> None:
        on_remembered(flow, builder, replace(event, told=frozenset(), told_at=None))

    return patch.object(told, "on_remembered", mutated)


def unsure_is_no() -> AbstractContextManager[Any]:
    def mutated(flow: EpisodeFlow, builder: StepBuilder, asked: Ask) -> None:
        answers.on_answer(flow, builder, asked, yes=False)

    return patch.object(danger_question, "on_unsure", mutated)


def help_leads_nowhere() -> AbstractContextManager[Any]:
    commands: Any = COMMANDS
    return patch.dict(commands, {"help": commands["commands"]})


def only_the_usual_danger_questions() -> AbstractContextManager[Any]:
    return patch.object(EpisodeFlow, "danger_signs", lambda self, builder: self.prompts.danger_signs())


def second_round_unasked() -> AbstractContextManager[Any]:
    go_to_step = GuidingFlow.go_to_step

    def mutated(self: GuidingFlow, builder: StepBuilder, number: int, *first: Line, then: Line | None = None) -> None:
        builder.set_episode(screened=True)
        go_to_step(self, builder, number, *first, then=then)

    return patch.object(GuidingFlow, "go_to_step", mutated)
