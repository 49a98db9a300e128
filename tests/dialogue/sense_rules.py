"""Rules on what makes sense in the moment: postures that don't contradict each other, and words that are true."""

import re

from nightvoice.content.triage import ACTIONS
from nightvoice.dialogue.actions import Action, Record, Say
from nightvoice.dialogue.events import Heard, Resumed, SpeechEnded, Tick
from tests.dialogue.observer import PACK, PRESSING, QUESTIONS, STEPS, TALK, Night, advice, said_of
from tests.dialogue.rules import RAISED, Rule, Turn, must

RESTING = frozenset((*TALK["resting_now"], *TALK["resting_well"]))
LEGS_DOWN = frozenset({"cold_leg", "fracture", "rupture", "bite"})
"""Danger signs after which no leg is raised."""
ALONG = re.compile(r"\b(straighten|straight|bend|bent|heel away|toes up)\b", re.I)


def rule_19(turn: Turn, act: Action | None, now: Night) -> None:
    """A no is not praised, nor is silence: not to a danger question, not to whether it is safe to stand."""
    denied = isinstance(turn.event, Heard) and turn.event.intent == "no" and turn.asked in ("danger", "safe_to_stand")
    silent = isinstance(turn.event, Tick) and turn.asked == "safe_to_stand"
    if (denied or silent) and turn.texts:
        must(turn.texts[0] not in TALK["good"], f"after a no or silence: {turn.texts[0]}")


def rule_20(turn: Turn, act: Action | None, now: Night) -> None:
    """After "we'll try something else" comes something else."""
    if isinstance(act, Say) and isinstance(turn.event, SpeechEnded) and now.last in TALK["next_way"]:
        step = act.text in STEPS or QUESTIONS.get(act.text) == "safe_to_stand" or act.text in advice("sit_up")
        must(step, f"announced another way, and said: {act.text}")


def rule_21(turn: Turn, act: Action | None, now: Night) -> None:
    """Nobody raises a cold, broken, torn or bitten leg; nobody who is short of breath lies flat."""
    if not isinstance(act, Say):
        return
    signs = now.standing_signs
    must(not (signs & LEGS_DOWN and RAISED.search(act.text)), f"with {', '.join(sorted(signs))}: {act.text}")
    must("chest" not in signs or not re.search(r"\bflat\b", act.text), f"short of breath, lying flat: {act.text}")


def rule_22(turn: Turn, act: Action | None, now: Night) -> None:
    """After a power cut the most urgent danger sign of the episode is told of first."""
    if not isinstance(turn.event, Resumed):
        return
    pressing = PRESSING.intersection(turn.event.flags)
    if pressing and turn.texts:
        urgency = {flag: ACTIONS.index(PACK.triage.flags[flag].action) for flag in pressing}
        first = [flag for flag in pressing if urgency[flag] == min(urgency.values())]
        must(
            any(turn.texts[0] in said_of(flag, now.profile) for flag in first), f"not the most urgent: {turn.texts[0]}"
        )


def rule_23(turn: Turn, act: Action | None, now: Night) -> None:
    """Who did not answer a danger question is not told to say "I have a cramp"."""
    if isinstance(act, Say) and isinstance(turn.event, SpeechEnded) and act.text in RESTING:
        must(now.last not in advice("unanswered"), f"after an unanswered danger: {act.text}")


def rule_24(turn: Turn, act: Action | None, now: Night) -> None:
    """A thigh, front or back unknown, is neither straightened nor bent."""
    if not isinstance(act, Say):
        return
    unknown = now.open and now.thigh and now.site is None
    guides = act.text in STEPS or act.text in advice("first")
    must(not (unknown and guides and ALONG.search(act.text)), f"front or back of the thigh? {act.text}")


def rule_25(turn: Turn, act: Action | None, now: Night) -> None:
    """Who stops a danger question hears the number."""
    if isinstance(turn.event, Heard) and turn.event.intent == "stop" and turn.asked == "danger" and turn.texts:
        must("1 1 2" in turn.texts[0], f"stopped at a danger question: {turn.texts[0]}")


def rule_26(turn: Turn, act: Action | None, now: Night) -> None:
    """ "I'm not sure" to a danger question brings the cautious advice, and the diary has the sign."""
    if not (isinstance(turn.event, Heard) and turn.event.intent == "unsure" and turn.asked == "danger"):
        return
    must(bool(turn.texts) and turn.texts[0] in advice("unanswered"), f"not sure of a danger: {turn.texts[:1]}")
    noted = any(record.data.get("status") == "unconfirmed" for record in turn.records("flag"))
    about_help = PACK.triage.flags["help"].ask in now.asked_text or not now.asked_text
    must(noted or about_help or now.asked_text not in QUESTIONS, "a danger sign that is not sure was not written down")


QUIET_S = 12.0


def rule_27(turn: Turn, act: Action | None, now: Night) -> None:
    """Nobody with a cramp is left without a word or a count for more than twelve seconds, unless they asked to wait.

    Beside a danger sign the reminders are further apart.
    """
    speaks = isinstance(act, Say) or (isinstance(act, Record) and act.kind == "episode_closed")
    if speaks and now.open and not now.speaking and not now.paused and not now.flags & PRESSING:
        must(now.t - now.quiet_since <= QUIET_S, f"{now.t - now.quiet_since:.1f} s of silence after: {now.last}")


def rule_28(turn: Turn, act: Action | None, now: Night) -> None:
    """Who says nothing is asked twice if it is easing, in other words, and then no more."""
    if isinstance(act, Say) and QUESTIONS.get(act.text) == "easing":
        must(now.easing_asked < 2, f"asked {now.easing_asked} times without an answer, and again: {act.text}")
        repeated = now.easing_asked == 1 and now.asked == "easing" and now.asked_text in act.text
        must(not repeated, f"the same question in the same words: {act.text}")


SENSE_RULES: dict[int, Rule] = {
    19: rule_19, 20: rule_20, 21: rule_21, 22: rule_22, 23: rule_23, 24: rule_24, 25: rule_25,
    26: rule_26, 27: rule_27, 28: rule_28,
}  # fmt: skip
