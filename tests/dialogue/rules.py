"""The twelve clinical rules, each a check of one step of the guide.

``turn.asked`` and ``turn.speaking`` describe the moment of the event; ``now`` is the night just before ``act``, after
the actions that precede it.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nightvoice.dialogue.actions import Action, Record, Say, StopSpeaking
from nightvoice.dialogue.events import Event, Heard, Suspected, Tick
from tests.dialogue.observer import (
    CLINICAL,
    MINUTES,
    PACK,
    PRESSING,
    QUESTIONS,
    ROUTINE,
    STEPS,
    Night,
    advice,
    said_of,
)


class RuleBrokenError(AssertionError):
    """A rule was broken."""


@dataclass(frozen=True)
class Turn:
    """One event and the guide's actions, in order."""

    event: Event
    actions: Sequence[Action]
    asked: str | None
    """Name of the open question."""
    speaking: bool

    @property
    def texts(self) -> list[str]:
        return [action.text for action in self.actions if isinstance(action, Say)]

    def records(self, kind: str) -> list[Record]:
        return [action for action in self.actions if isinstance(action, Record) and action.kind == kind]


def must(holds: bool, why: str) -> None:
    if not holds:
        raise RuleBrokenError(why)


def rule_1(turn: Turn, act: Action | None, now: Night) -> None:
    """Red flags outrank every state, also mid-speech, while logging and in snooze."""
    if isinstance(turn.event, Heard) and turn.event.intent == "flag":
        flag = turn.event.slots["flag"]
        wordings = said_of(flag, now.profile)
        must(bool(turn.records("flag")), "a danger sign was not written down")
        must(bool(turn.texts) and turn.texts[0] in wordings, "a danger sign was not answered at once")
        must(not turn.speaking or any(isinstance(a, StopSpeaking) for a in turn.actions), "it went on speaking over it")
        loud = next(a.loud for a in turn.actions if isinstance(a, Say))
        must(loud or flag not in PRESSING, "an emergency was whispered")
    if isinstance(act, Record) and act.kind == "flag" and act.data.get("status") == "withdrawn":
        question, event = PACK.triage.flags[act.data["flag"]].ask, turn.event
        asked = turn.asked == "danger" and question in now.asked_text
        taken_back = isinstance(event, Heard) and (event.intent == "fine" or (event.intent == "no" and asked))
        must(taken_back, "an alarm was taken back by who had not been asked about it")
    if isinstance(act, Say) and now.t < now.only_help:
        help_only = (act.claim or "").startswith(("flag-", "escalate-"))
        asks = QUESTIONS.get(act.text) == "danger"
        must(help_only or asks or act.text in MINUTES, f"beside the danger sign: {act.text}")


def rule_2(turn: Turn, act: Action | None, now: Night) -> None:
    """Negation is understood; ambiguity: one question; unclear or silent: the cautious advice."""
    if isinstance(act, Record) and act.kind == "flag" and act.data["flag"] in PRESSING - {"ten_minutes"}:
        event = turn.event
        told = isinstance(event, Suspected) or (
            isinstance(event, Heard) and (event.intent == "flag" or (event.intent in YES and turn.asked == "danger"))
        )
        must(told or "status" in act.data, "a danger sign that nobody told of")
    if _unanswered(turn) and isinstance(act, Say) and act.text == turn.texts[0]:
        cautious = act.text in advice("unanswered") or QUESTIONS.get(act.text) == "danger"
        must(cautious, f"a danger question went unanswered, and it said: {act.text}")


YES = ("yes", "help", "alone", "no_phone")
"""Intents that affirm a danger question; all but yes only "Do you need help?"."""


def _unanswered(turn: Turn) -> bool:
    """Whether a danger question was met with silence."""
    too_long = any(record.data["flag"] == "ten_minutes" for record in turn.records("flag"))
    return isinstance(turn.event, Tick) and turn.asked == "danger" and not too_long


def rule_3(turn: Turn, act: Action | None, now: Night) -> None:
    """The stretch's direction follows the site; the shin never gets toes-up; an unknown site asks once."""
    if not isinstance(act, Say) or now.stretching:
        return
    if QUESTIONS.get(act.text) == "usual":
        must(now.site is not None or now.sought, "it did not ask where")
    if act.text not in STEPS:
        return
    must(bool(now.steps_saying(act.text)), f"not for {now.site}: {act.text}")
    upward = all(step.toes == "toward" for _, step in STEPS[act.text])
    must(not (upward and now.site in ("shin", None)), f"toes up, at the {now.site}: {act.text}")


def rule_4(turn: Turn, act: Action | None, now: Night) -> None:
    """Clot signs, or swelling with pain on toes-up, block massage and stretching."""
    if isinstance(act, Say) and now.stretching_ruled_out:
        must(act.text not in STEPS and act.text not in ROUTINE, f"after a danger sign: {act.text}")


RAISED = re.compile(
    r"above (your|the) head|(feet|legs?|foot) up (high|on)|raise (your|the) (leg|legs|feet|foot)\b", re.I
)


def rule_5(turn: Turn, act: Action | None, now: Night) -> None:
    """Never feet above the head; relief by dangling sets a circulation flag, surfaced in the morning."""
    if isinstance(act, Say):
        faint = act.claim == "flag-faint"  # the one who faints lies flat, legs raised
        must(not RAISED.search(act.text) or "don't raise" in act.text or faint, f"feet up: {act.text}")
    if isinstance(act, Record) and act.kind == "effect" and act.data["effect"] == "eased":
        dangled = act.data["step"] == "dangle-feet"
        flagged = "dangling" in now.flags or any(r.data["flag"] == "dangling" for r in turn.records("flag"))
        must(not dangled or flagged, "relief by dangling was not kept for the morning")


UP = advice("sit_up") | advice("getting_up") | advice("getting_up_sitting") | advice("back_to_bed")


def rule_6(turn: Turn, act: Action | None, now: Night) -> None:
    """No standing or walking until eased, seated, steady, lit and supported; a fall-risk profile is bed-only."""
    if not isinstance(act, Say):
        return
    if "fall_risk" in now.profile:
        must(act.text not in UP, f"at risk of falling: {act.text}")
        must(QUESTIONS.get(act.text) != "safe_to_stand", f"at risk of falling: {act.text}")
    must(QUESTIONS.get(act.text) != "safe_to_stand" or now.eased, f"not eased: {act.text}")
    for step in now.steps_saying(act.text):
        must("fall_risk" not in now.profile or step.position == "bed", f"at risk of falling: {act.text}")
        if step.position == "standing":
            must(now.eased, f"not eased: {act.text}")
            must(now.standing == step.id, f"nobody said that it is safe: {act.text}")


def rule_7(turn: Turn, act: Action | None, now: Night) -> None:
    """A 10-minute timer runs from onset, across repeats and restarts, and escalates."""
    must(not now.ten_minutes_over or bool(turn.records("flag")), f"{now.t - now.onset:.0f} s, and nothing was said")


DRUGS = re.compile(
    r"ibuprofen|aspirin|painkiller|paracetamol|magnesium|potassium|calcium|vitamin|supplement|tablet|\bpills?\b|\bdose"
    r"|milligram|\bmg\b|stop taking",
    re.I,
)


def rule_8(turn: Turn, act: Action | None, now: Night) -> None:
    """No drug or supplement dose, no quinine, no stop-your-medicine; ibuprofen never as acute relief."""
    if isinstance(act, Say):
        must(not DRUGS.search(act.text), f"a drug: {act.text}")
        must("quinine" not in act.text.lower() or act.claim == "flag-bleeding", f"quinine: {act.text}")


def rule_9(turn: Turn, act: Action | None, now: Night) -> None:
    """Pregnancy: stretch only; no NSAID, no supplement; one-leg swelling escalates."""
    if "pregnant" not in now.profile or not isinstance(act, Say):
        return
    for step in now.steps_saying(act.text):
        must(step.kind in ("stretch", "loosen"), f"not when pregnant: {act.text}")
    if isinstance(turn.event, Heard) and turn.event.slots.get("flag") == "clot" and turn.event.intent == "flag":
        must(any("midwife" in text for text in turn.texts), "a swollen leg, and no word of doctor or midwife")


ADVICE_BY_DAY = re.compile(r"\b(drink|fluid|glass of|salt|potassium|banana|stocking|compression|hot water)", re.I)
NO_HEAT = frozenset({"neuropathy", "diabetes", "arterial_disease"})


def rule_10(turn: Turn, act: Action | None, now: Night) -> None:
    """Fluid, potassium, compression and heat advice is gated by kidney, heart, arterial and neuropathy profile."""
    if not isinstance(act, Say):
        return
    must(not ADVICE_BY_DAY.search(act.text), f"no advice for the night: {act.text}")
    for step in now.steps_saying(act.text):
        must(step.kind != "warmth" or not now.profile & NO_HEAT, f"warmth is not for this person: {act.text}")


def rule_11(turn: Turn, act: Action | None, now: Night) -> None:
    """Every spoken claim carries its claim id, grade and source; rejected claims are unreachable by any path."""
    if not isinstance(act, Say):
        return
    if act.text in CLINICAL:
        must(act.claim in CLINICAL[act.text], f"without its claim ({act.claim}): {act.text}")
    if act.claim is not None:
        claim = PACK.ledger.claims.get(act.claim)
        must(claim is not None and claim.verdict != "reject", f"the claim {act.claim}: {act.text}")
        must(claim is not None and bool(claim.grade) and bool(claim.sources), f"no source for {act.claim}")


COMFORT = re.compile(
    r"you('re| are) fine|nothing to worry|harmless|i (have )?called|help is (on|coming)|ambulance is|i'll call|average",
    re.I,
)


def rule_12(turn: Turn, act: Action | None, now: Night) -> None:
    """No diagnosis, no "you're fine"; never claim that help was called when it was not."""
    if isinstance(act, Say):
        must(not COMFORT.search(act.text), f"false comfort: {act.text}")
        must("112" not in act.text and ("1 1 2" not in act.text or act.claim is not None), f"a number: {act.text}")
    if isinstance(turn.event, Heard) and turn.event.slots.get("flag") in EMERGENCIES and turn.texts:
        must("I can't call for you" in turn.texts[0], f"who calls? {turn.texts[0]}")


EMERGENCIES = [name for name, flag in PACK.triage.flags.items() if flag.action == "emergency"]


def rule_13(turn: Turn, act: Action | None, now: Night) -> None:
    """Silence to a danger question: again, loudly; then the cautious advice, loudly, and the diary has the sign."""
    if not (_unanswered(turn) and isinstance(act, Say) and act.text == turn.texts[0]):
        return
    must(act.loud, f"quiet, after silence to a danger question: {act.text}")
    noted = any(record.data.get("status") == "unconfirmed" for record in turn.records("flag"))
    about_help = PACK.triage.flags["help"].ask in now.asked_text or not now.asked_text
    must(act.text not in advice("unanswered") or noted or about_help, "an unanswered danger sign was not written down")


SIT_UP = re.compile(r"(?<!don't )(?<!or )\bsit (up|on|against)|\bsit, or\b|sit slowly", re.I)


def rule_14(turn: Turn, act: Action | None, now: Night) -> None:
    """Somebody who fainted, or does not wake up, is never told to sit up."""
    if isinstance(act, Say) and now.lying:
        must(not SIT_UP.search(act.text), f"not for somebody who must lie: {act.text}")


def rule_15(turn: Turn, act: Action | None, now: Night) -> None:
    """What the person told of tonight counts at once; a pregnancy brings the clot question before the next step."""
    if not isinstance(act, Say):
        return
    steps = now.steps_saying(act.text)
    people = [now.profile | more | helper for more in (frozenset(), now.limits) for helper in (frozenset(), {"helper"})]
    suits = any(step.allowed_for(person) for step in steps for person in people)
    must(not steps or suits, f"not for {', '.join(sorted(now.profile))}: {act.text}")
    must(
        not ((steps or act.text in ROUTINE) and now.clot_owed),
        f"pregnant, and the clot question did not come first: {act.text}",
    )


def rule_16(turn: Turn, act: Action | None, now: Night) -> None:
    """Help leads somewhere: the number, or the question that leads to it."""
    if isinstance(turn.event, Heard) and turn.event.intent == "help" and turn.texts:
        first = turn.texts[0]
        asks = QUESTIONS.get(first) in ("doubt", "danger")
        must(asks or "1 1 2" in first or first in advice("flagged_reminder"), f"help, and it said: {first}")


def rule_17(turn: Turn, act: Action | None, now: Night) -> None:
    """Nothing is stretched until each danger sign of the night is asked about and answered with no."""
    if isinstance(act, Say) and now.stretching_ruled_out and (act.text in STEPS or act.text in ROUTINE):
        must(not now.signs, f"{', '.join(sorted(now.signs))} not asked about: {act.text}")


def rule_18(turn: Turn, act: Action | None, now: Night) -> None:
    """Nobody goes through the steps a second time without relief before the danger questions are answered."""
    if isinstance(act, Say) and act.text in (*PACK.phrases.talk["round_again"], *advice("again_patiently")):
        must(now.eased or now.screened, "a second round without relief, and no danger question")


def repeats(turn: Turn, act: Action | None, now: Night) -> None:
    """Never the same words twice in a row; an emergency is told again in the same words."""
    if isinstance(act, Say):
        must(act.text != now.last or act.loud, f"twice in a row: {act.text}")


def interrupts(turn: Turn, act: Action | None, now: Night) -> None:
    """It never speaks while it speaks."""
    must(not isinstance(act, Say) or not now.speaking, "it speaks while it speaks")


Rule = Callable[[Turn, Action | None, Night], None]
RULES: dict[int, Rule] = {
    1: rule_1, 2: rule_2, 3: rule_3, 4: rule_4, 5: rule_5, 6: rule_6,
    7: rule_7, 8: rule_8, 9: rule_9, 10: rule_10, 11: rule_11, 12: rule_12,
    13: rule_13, 14: rule_14, 15: rule_15, 16: rule_16, 17: rule_17, 18: rule_18,
}  # fmt: skip
