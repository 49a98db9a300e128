"""The guide with one guard removed at a time; the guard's rule must find a night that shows it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from nightvoice.content.schema import Pack, Step
from tests.dialogue import guards
from tests.dialogue.any_night import AnyNight
from tests.dialogue.bedroom import ALL
from tests.dialogue.directed_nights import play_directed
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
    """The message of the broken rule, or None if nothing notices the missing guard.

    The directed nights come first: they take a second, random ones may take minutes.
    """

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
            play_directed(Without.judged_by, mutant.pack)
            run_state_machine_as_test(Without, settings=quick)
        except RuleBrokenError as broken:
            return str(broken).splitlines()[0]
    return None


@contextmanager
def _nothing() -> Iterator[None]:
    yield


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
    Mutant(1, "a danger sign is heard in a pause", guards.deaf_to_danger_in_a_pause),
    Mutant(1, "a danger sign is told at full voice", guards.danger_at_night_volume),
    Mutant(1, "beside a danger sign only help is talked about", guards.guidance_beside_danger),
    Mutant(1, "only a no to its own question takes an alarm back", guards.first_no_takes_the_alarm_back),
    Mutant(2, "silence to a danger question gets the cautious advice", guards.silence_is_no),
    Mutant(2, "a no to a danger question is a no", guards.no_is_yes),
    Mutant(3, "a corrected site changes the steps", guards.corrected_in_vain),
    Mutant(3, "the shin has steps of its own", pack=SHIN_LIKE_CALF),
    Mutant(3, "an unknown site is asked for", guards.does_not_ask_where),
    Mutant(4, "a danger sign is remembered for twelve hours", guards.danger_forgotten),
    Mutant(4, "a site named meanwhile does not skip the danger questions", guards.danger_questions_skipped),
    Mutant(4, "no bedtime stretches after a danger sign", guards.stretches_after_danger),
    Mutant(
        5, "relief by dangling is flagged", pack=_with_steps(lambda _, s: s.model_copy(update={"flag_if_eased": None}))
    ),
    Mutant(
        5, "nothing raises the feet", pack=_saying("getting_up", "Put your feet up on two pillows, above your head.")
    ),
    Mutant(6, "standing only once eased", guards.always_eased),
    Mutant(6, "standing only after a yes to whether it is safe", guards.stands_unasked),
    Mutant(6, "silence is no yes to whether it is safe", guards.silence_is_safe),
    Mutant(6, "who may fall does not sit on the edge of the bed", pack=_allowed_with("dangle", "fall_risk")),
    Mutant(6, "who may fall does not walk", pack=_allowed_with("walk", "fall_risk")),
    Mutant(6, "the other leg has not eased", guards.the_other_leg_has_eased),
    Mutant(7, "ten minutes run from the onset", guards.no_timer),
    Mutant(7, "they run on across a repeat", guards.timer_anew_with_each_repeat),
    Mutant(7, "they run on across a restart", guards.timer_anew_after_a_restart),
    Mutant(8, "no drug is named", pack=_saying("gently", "Take an ibuprofen tablet.")),
    Mutant(9, "no massage when pregnant", pack=_allowed_with("rub", "pregnant")),
    Mutant(9, "a swollen leg when pregnant: doctor or midwife", pack=_with_flags(say_with={})),
    Mutant(10, "no warmth on numb feet", pack=_allowed_with("warmth", "neuropathy")),
    Mutant(10, "no fluids by night", pack=_saying("getting_up", "Drink a glass of water with salt.")),
    Mutant(11, "what is clinical is said with its claim", guards.claims_dropped),
    Mutant(11, "no rejected claim", pack=_with_steps(lambda _, s: s.model_copy(update={"claim": "feet-above-head"}))),
    Mutant(12, "help is never said to be called", pack=_saying("flagged_reminder", "Help is on the way.")),
    Mutant(13, "an unanswered danger sign is written down", guards.silence_leaves_no_trace),
    Mutant(13, "a danger question is asked again loudly", guards.asks_again_quietly),
    Mutant(14, "who fainted is not told to sit up", guards.sits_up_after_fainting),
    Mutant(15, "what is told tonight changes the plan", guards.told_in_vain),
    Mutant(15, "pregnant: the clot question comes first", guards.pregnant_without_clot_question),
    Mutant(15, "what is told tonight outlasts a restart", guards.told_and_forgotten),
    Mutant(15, "no rub with diabetes", pack=_allowed_with("rub", "diabetes")),
    Mutant(16, "help leads to the number", guards.help_leads_nowhere),
    Mutant(17, "each danger sign is asked about before a stretch", guards.only_the_usual_danger_questions),
    Mutant(18, "danger questions before a second round", guards.second_round_unasked),
    Mutant(12, "who is to call is said", pack=_with_flags(say=("Call {emergency} now.",), say_with={})),
]
