"""The guards of ``sense_rules``, and the guide with each of them removed."""

from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

from nightvoice.content.schema import Pack
from nightvoice.dialogue import agenda_flow, danger_question, guide
from nightvoice.dialogue.agenda import Ask, Close
from nightvoice.dialogue.episode_flow import EpisodeFlow
from nightvoice.dialogue.guiding_flow import GuidingFlow
from nightvoice.dialogue.prompt_builder import PromptBuilder
from nightvoice.dialogue.step_builder import StepBuilder
from tests.dialogue import guards
from tests.dialogue.mutants import Mutant
from tests.dialogue.observer import PACK


def _praises_a_no() -> AbstractContextManager[Any]:
    settle = PromptBuilder.settle
    return patch.object(PromptBuilder, "settle", lambda self, outcome, *args: settle(self, "gone", *args))


def _announces_nothing() -> AbstractContextManager[Any]:
    ask_danger = EpisodeFlow.ask_danger

    def mutated(self: EpisodeFlow, builder: StepBuilder, number: int, *first: Any) -> None:
        ask_danger(self, builder, number, *first, self.prompts.talk("next_way"))

    return patch.object(EpisodeFlow, "ask_danger", mutated)


def _least_urgent() -> AbstractContextManager[Any]:
    most_urgent = PromptBuilder.most_urgent

    def mutated(self: PromptBuilder, *flags: str) -> str:
        others = [flag for flag in flags if flag != most_urgent(self, *flags)]
        return others[0] if others else flags[0]

    return patch.object(PromptBuilder, "most_urgent", mutated)


def _stops_without_a_word() -> AbstractContextManager[Any]:
    def mutated(flow: EpisodeFlow, builder: StepBuilder, asked: Ask) -> None:
        flow.go(builder, flow.prompts.talk("stopping"), Close("stopped"))

    return patch.object(danger_question, "_stop", mutated)


def _numb_and_rubbed() -> AbstractContextManager[Any]:
    return patch.object(guide.Guide, "_on_flag", lambda self, builder, flag: self._flow.raise_flag(builder, flag))


def _waits_in_silence() -> AbstractContextManager[Any]:
    return patch.object(agenda_flow, "QUIET_S", 3600.0)


def _asks_on() -> AbstractContextManager[Any]:
    return patch.object(GuidingFlow, "on_silence", lambda self, b: self.go_to_step(b, b.episode.step_index + 1))


def _only_alone() -> Pack:
    """The pack without the wordings for a danger sign after another."""
    flags = {name: flag.model_copy(update={"say_after": {}}) for name, flag in PACK.triage.flags.items()}
    return PACK.model_copy(update={"triage": PACK.triage.model_copy(update={"flags": flags})})


def _rests_as_after_a_cramp() -> Pack:
    talk = {**PACK.phrases.talk, "resting_help": PACK.phrases.talk["resting_now"]}
    return PACK.model_copy(update={"phrases": PACK.phrases.model_copy(update={"talk": talk})})


STRAIGHTENED = PACK.protocols["thigh"][0].model_copy(update={"say": PACK.phrases.advice["first"].say})
THIGH_STRAIGHTENED = PACK.model_copy(update={"protocols": {**PACK.protocols, "thigh": (STRAIGHTENED,)}})

SENSE_MUTANTS = [
    Mutant(15, "numb legs are not rubbed", _numb_and_rubbed),
    Mutant(19, "a no is not praised", _praises_a_no),
    Mutant(20, "what is announced comes", _announces_nothing),
    Mutant(21, "a danger sign's posture respects the other signs", pack=_only_alone()),
    Mutant(22, "the most urgent danger sign comes first", _least_urgent),
    Mutant(23, "who does not answer is told to say help", pack=_rests_as_after_a_cramp()),
    Mutant(24, "a thigh, front or back unknown, lies still", pack=THIGH_STRAIGHTENED),
    Mutant(25, "who stops a danger question hears the number", _stops_without_a_word),
    Mutant(27, "a long wait has words in it", _waits_in_silence),
    Mutant(28, "who says nothing is not asked on", _asks_on),
    Mutant(26, "who is not sure of a danger gets the cautious advice", guards.unsure_is_no),
]
