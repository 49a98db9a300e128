"""The guide with one guard removed at a time; the guard's rule must find a night that shows it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from math import inf
from typing import Any
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from nightvoice.content.schema import Pack, Step
from nightvoice.dialogue import answers, danger_question, episode_flow, guide, stretching, told
from nightvoice.dialogue.actions import Say
from nightvoice.dialogue.agenda import Ask, Line, QuestionKind
from nightvoice.dialogue.commands import COMMANDS
from nightvoice.dialogue.episode_flow import EpisodeFlow
from nightvoice.dialogue.prompt_builder import PromptBuilder
from nightvoice.dialogue.step_builder import StepBuilder
from tests.dialogue.any_night import AnyNight
from tests.dialogue.bedroom import ALL
from tests.dialogue.observer import PACK
from tests.dialogue.rules import RuleBrokenError

EXAMPLES = 4000
"""Maximum number of nights to search for a broken rule."""


@dataclass(frozen=True)
class Mutant:
    """A guard of ``rule`` and how to remove it: ``without`` patches the code, ``pack`` replaces the content."""

    rule: int
    guard: str
    without: Callable[[], AbstractContextManager[Any]] | None = None
    pack: Pack = PACK


def killed(mutant: Mutant) -> str | None:
    """The message of the broken rule, or None if nothing notices the missing guard."""

    class Without(AnyNight):
        judged_by = {name: rule for name, rule in ALL.items() if name == f"rule {mutant.rule}"}  # noqa: RUF012
        pack = mutant.pack

    quick = settings(
        max_examples=EXAMPLES,
        stateful_step_count=40,
        phases=[Phase.generate],
        derandomize=True,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    with mutant.without() if mutant.without else _nothing():
        try:
            run_state_machine_as_test(Without, settings=quick)
        except RuleBrokenError as broken:
            return str(broken).splitlines()[0]
    return None


@contextmanager
def _nothing() -> Iterator[None]:
    yield


# --- guards in the code ---


def _deaf_to_danger_in_a_pause() -> AbstractContextManager[Any]:
    on_heard = guide.Guide._on_heard

    def mutated(self: guide.Guide, builder: StepBuilder, event: Any) -> None:
        if not (event.intent == "flag" and builder.state.paused_agenda is not None):
            on_heard(self, builder, event)

    return patch.object(guide.Guide, "_on_heard", mutated)


def _danger_at_night_volume() -> AbstractContextManager[Any]:
    flag = PromptBuilder.flag
    return patch.object(
        PromptBuilder, "flag", lambda self, name, lying=False: replace(flag(self, name, lying), loud=False)
    )


def _guidance_beside_danger() -> AbstractContextManager[Any]:
    return patch.object(
        EpisodeFlow, "_only_help", lambda self, builder, flag, *then: self.say_first(builder, self.prompts.flag(flag))
    )


def _silence_is_no() -> AbstractContextManager[Any]:
    def mutated(flow: EpisodeFlow, builder: StepBuilder, asked: Ask) -> None:
        if asked.kind is QuestionKind.TRIAGE and builder.state.episode is not None:
            flow.begin_protocol(builder, builder.episode.site or "unknown")
        else:
            answers.on_no_input(flow, builder, asked)

    return patch.object(guide, "on_no_input", mutated)


def _no_is_yes() -> AbstractContextManager[Any]:
    on_answer = answers.on_answer

    def mutated(flow: EpisodeFlow, builder: StepBuilder, asked: Ask, yes: bool) -> None:
        on_answer(flow, builder, asked, yes or asked.kind is QuestionKind.TRIAGE)

    return patch.object(danger_question, "on_answer", mutated)


def _corrected_in_vain() -> AbstractContextManager[Any]:
    def mutated(self: EpisodeFlow, builder: StepBuilder, site: str) -> None:
        builder.set_episode(site=site)
        builder.record("site", site=site, side=None)
        if builder.episode.protocol is None:
            self.after_site(builder)

    return patch.object(EpisodeFlow, "set_site", mutated)


def _does_not_ask_where() -> AbstractContextManager[Any]:
    opening = PromptBuilder.opening
    return patch.object(
        PromptBuilder, "opening", lambda self, e: (*opening(self, e)[:-1], self.ask(QuestionKind.USUAL))
    )


def _danger_forgotten() -> AbstractContextManager[Any]:
    raise_flag = EpisodeFlow.raise_flag

    def mutated(self: EpisodeFlow, builder: StepBuilder, flag: str) -> None:
        raise_flag(self, builder, flag)
        builder.set(danger_until=-inf)

    return patch.object(EpisodeFlow, "raise_flag", mutated)


def _danger_questions_skipped() -> AbstractContextManager[Any]:
    after_site = EpisodeFlow.after_site

    def mutated(self: EpisodeFlow, builder: StepBuilder) -> None:
        builder.set(danger_until=-inf)
        builder.set_episode(screening=None)
        after_site(self, builder)

    return patch.object(EpisodeFlow, "after_site", mutated)


def _stretches_after_danger() -> AbstractContextManager[Any]:
    start = stretching.start

    def mutated(flow: EpisodeFlow, builder: StepBuilder) -> None:
        builder.set(danger_until=-inf)
        start(flow, builder)

    return patch.object(stretching, "start", mutated)


def _always_eased() -> AbstractContextManager[Any]:
    go_to_step = EpisodeFlow.go_to_step

    def mutated(self: EpisodeFlow, builder: StepBuilder, number: int, *first: Line) -> None:
        builder.set_episode(eased=True)
        go_to_step(self, builder, number, *first)

    return patch.object(EpisodeFlow, "go_to_step", mutated)


def _stands_unasked() -> AbstractContextManager[Any]:
    return patch.object(
        EpisodeFlow, "_ask_to_stand", lambda self, builder, number, *first: self.start_step(builder, number, *first)
    )


def _silence_is_safe() -> AbstractContextManager[Any]:
    def mutated(flow: EpisodeFlow, builder: StepBuilder, asked: Ask) -> None:
        if asked.kind is QuestionKind.SAFE_TO_STAND:
            flow.start_step(builder, builder.episode.step_index + 1)
        else:
            answers.on_no_input(flow, builder, asked)

    return patch.object(guide, "on_no_input", mutated)


def _no_timer() -> AbstractContextManager[Any]:
    begin = EpisodeFlow.begin_episode

    def mutated(self: EpisodeFlow, builder: StepBuilder, site: str | None, side: str | None) -> None:
        begin(self, builder, site, side)
        builder.set(alarm=inf)

    return patch.object(EpisodeFlow, "begin_episode", mutated)


def _timer_anew_with_each_repeat() -> AbstractContextManager[Any]:
    close = EpisodeFlow.close

    def mutated(self: EpisodeFlow, builder: StepBuilder, outcome: str) -> None:
        close(self, builder, outcome)
        builder.set(unresolved=None)

    return patch.object(EpisodeFlow, "close", mutated)


def _timer_anew_after_a_restart() -> AbstractContextManager[Any]:
    resume = EpisodeFlow.resume
    return patch.object(
        EpisodeFlow, "resume", lambda self, builder, event: resume(self, builder, replace(event, onset=event.t))
    )


def _claims_dropped() -> AbstractContextManager[Any]:
    do = StepBuilder.do

    def mutated(self: StepBuilder, action: Any) -> None:
        do(self, replace(action, claim=None) if isinstance(action, Say) else action)

    return patch.object(StepBuilder, "do", mutated)


def _silence_leaves_no_trace() -> AbstractContextManager[Any]:
    return patch.object(
        answers, "_leave_unconfirmed", lambda flow, b, asked: flow.let_rest(b, "x", *flow.prompts.unanswered(asked))
    )


def _asks_again_quietly() -> AbstractContextManager[Any]:
    def mutated(flow: EpisodeFlow, builder: StepBuilder, asked: Ask) -> None:
        if asked.kind is QuestionKind.TRIAGE and builder.state.tries == 0:
            builder.say(asked, asked.no_input, tries=1)
        else:
            answers.on_no_input(flow, builder, asked)

    return patch.object(guide, "on_no_input", mutated)


def _sits_up_after_fainting() -> AbstractContextManager[Any]:
    return patch.object(episode_flow, "LYING", frozenset())


def _told_in_vain() -> AbstractContextManager[Any]:
    return patch.object(told, "_adapt_plan", lambda flow, builder: True)


def _pregnant_without_clot_question() -> AbstractContextManager[Any]:
    return patch.object(told, "_asks_about_clot", lambda builder, condition: False)


def _help_leads_nowhere() -> AbstractContextManager[Any]:
    commands: Any = COMMANDS
    return patch.dict(commands, {"help": commands["commands"]})


def _only_the_usual_danger_questions() -> AbstractContextManager[Any]:
    return patch.object(EpisodeFlow, "danger_signs", lambda self, builder: self.prompts.danger_signs())


def _second_round_unasked() -> AbstractContextManager[Any]:
    go_to_step = EpisodeFlow.go_to_step

    def mutated(self: EpisodeFlow, builder: StepBuilder, number: int, *first: Line) -> None:
        builder.set_episode(screened=True)
        go_to_step(self, builder, number, *first)

    return patch.object(EpisodeFlow, "go_to_step", mutated)


# --- guards in the content ---


def _with_steps(change: Callable[[str, Step], Step]) -> Pack:
    """The pack with changed steps, bypassing the loader's checks."""
    protocols = {site: tuple(change(site, step) for step in steps) for site, steps in PACK.protocols.items()}
    return PACK.model_copy(update={"protocols": protocols})


def _allowed_with(kind: str, *conditions: str) -> Pack:
    def change(site: str, step: Step) -> Step:
        left = tuple(condition for condition in step.not_with if condition not in conditions)
        return step.model_copy(update={"not_with": left}) if step.kind == kind else step

    return _with_steps(change)


def _saying(key: str, text: str) -> Pack:
    """The pack with a different text for the advice ``key``."""
    other = PACK.phrases.advice[key].model_copy(update={"say": (text, text + " ")})
    advice = {**PACK.phrases.advice, key: other}
    return PACK.model_copy(update={"phrases": PACK.phrases.model_copy(update={"advice": advice})})


def _with_flags(**changes: Any) -> Pack:
    flags = {name: flag.model_copy(update=changes) for name, flag in PACK.triage.flags.items()}
    return PACK.model_copy(update={"triage": PACK.triage.model_copy(update={"flags": flags})})


SHIN_LIKE_CALF = PACK.model_copy(update={"protocols": {**PACK.protocols, "shin": PACK.protocols["calf"]}})

MUTANTS = [
    Mutant(1, "a danger sign is heard in a pause", _deaf_to_danger_in_a_pause),
    Mutant(1, "a danger sign is told at full voice", _danger_at_night_volume),
    Mutant(1, "beside a danger sign only help is talked about", _guidance_beside_danger),
    Mutant(2, "silence to a danger question gets the cautious advice", _silence_is_no),
    Mutant(2, "a no to a danger question is a no", _no_is_yes),
    Mutant(3, "a corrected site changes the steps", _corrected_in_vain),
    Mutant(3, "the shin has steps of its own", pack=SHIN_LIKE_CALF),
    Mutant(3, "an unknown site is asked for", _does_not_ask_where),
    Mutant(4, "a danger sign is remembered for twelve hours", _danger_forgotten),
    Mutant(4, "a site named meanwhile does not skip the danger questions", _danger_questions_skipped),
    Mutant(4, "no bedtime stretches after a danger sign", _stretches_after_danger),
    Mutant(
        5, "relief by dangling is flagged", pack=_with_steps(lambda _, s: s.model_copy(update={"flag_if_eased": None}))
    ),
    Mutant(5, "nothing raises the feet", pack=_saying("settle", "Put your feet up on two pillows, above your head.")),
    Mutant(6, "standing only once eased", _always_eased),
    Mutant(6, "standing only after a yes to whether it is safe", _stands_unasked),
    Mutant(6, "silence is no yes to whether it is safe", _silence_is_safe),
    Mutant(6, "who may fall does not sit on the edge of the bed", pack=_allowed_with("dangle", "fall_risk")),
    Mutant(6, "who may fall does not walk", pack=_allowed_with("walk", "fall_risk")),
    Mutant(7, "ten minutes run from the onset", _no_timer),
    Mutant(7, "they run on across a repeat", _timer_anew_with_each_repeat),
    Mutant(7, "they run on across a restart", _timer_anew_after_a_restart),
    Mutant(8, "no drug is named", pack=_saying("gently", "Take an ibuprofen tablet.")),
    Mutant(9, "no massage when pregnant", pack=_allowed_with("rub", "pregnant")),
    Mutant(9, "a swollen leg when pregnant: doctor or midwife", pack=_with_flags(say_with={})),
    Mutant(10, "no warmth on numb feet", pack=_allowed_with("warmth", "neuropathy")),
    Mutant(10, "no fluids by night", pack=_saying("settle", "Drink a glass of water with salt.")),
    Mutant(11, "what is clinical is said with its claim", _claims_dropped),
    Mutant(11, "no rejected claim", pack=_with_steps(lambda _, s: s.model_copy(update={"claim": "feet-above-head"}))),
    Mutant(12, "help is never said to be called", pack=_saying("flagged_reminder", "Help is on the way.")),
    Mutant(13, "an unanswered danger sign is written down", _silence_leaves_no_trace),
    Mutant(13, "a danger question is asked again loudly", _asks_again_quietly),
    Mutant(14, "who fainted is not told to sit up", _sits_up_after_fainting),
    Mutant(15, "what is told tonight changes the plan", _told_in_vain),
    Mutant(15, "pregnant: the clot question comes first", _pregnant_without_clot_question),
    Mutant(15, "no rub with diabetes", pack=_allowed_with("rub", "diabetes")),
    Mutant(16, "help leads to the number", _help_leads_nowhere),
    Mutant(17, "each danger sign is asked about before a stretch", _only_the_usual_danger_questions),
    Mutant(18, "danger questions before a second round", _second_round_unasked),
    Mutant(12, "who is to call is said", pack=_with_flags(say=("Call {emergency} now.",), say_with={})),
]
