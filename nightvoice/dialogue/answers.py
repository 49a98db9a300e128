"""How the guide reacts to an answer, to silence and to an unsuitable answer, per kind of question."""

from collections.abc import Mapping
from dataclasses import replace

from nightvoice.content.schema import SITES, THIGH
from nightvoice.dialogue import check_in, place_question, told, ways
from nightvoice.dialogue.agenda import Ask, QuestionKind
from nightvoice.dialogue.agenda_flow import QUIET_S
from nightvoice.dialogue.episode_flow import EpisodeFlow
from nightvoice.dialogue.state import OTHER_SIDE, Phase
from nightvoice.dialogue.step_builder import StepBuilder
from nightvoice.dialogue.stretching import start

SIDES_OF_THE_THIGH = {"front": "quadriceps", "back": "hamstring"}
DOUBT_MUTED_S = 600.0
"""Seconds without another "is it a cramp?" after nobody answered one; a television may have caused it."""
NO_CRAMP_S = 120.0
"""Seconds in which another call for help is not asked again whether it is a cramp."""
HELP = "help"
"""The flag of somebody who needs help and names no sign."""
TRIES = 2
"""Maximum repetitions of a question; then unsuitable answers are ignored until silence moves the dialogue on."""


def on_answer(flow: EpisodeFlow, builder: StepBuilder, asked: Ask, yes: bool) -> None:
    """React to a yes or no to the open question."""
    match asked.kind, yes:
        case QuestionKind.DOUBT, True:
            flow.open_episode(builder, None, None)
        case QuestionKind.STRETCHES, True:
            start(flow, builder)
        case QuestionKind.DOUBT, False if asked.flag:
            builder.set(no_cramp_until=builder.t + NO_CRAMP_S)
            flow.go(builder, flow.prompts.advice("help_no_cramp"))
        case ((QuestionKind.DOUBT | QuestionKind.STRETCHES), False):
            flow.leave(builder)
        case ((QuestionKind.STILL | QuestionKind.LEFT), False):
            flow.settle(builder)
        case ((QuestionKind.STILL | QuestionKind.LEFT), True) if _too_long(builder, asked):
            flow.raise_flag(builder, "ten_minutes")
        case QuestionKind.KEEP, _:
            told.keep(flow, builder, yes)
        case QuestionKind.PLACE, True:
            place_question.accept(flow, builder)
        case QuestionKind.PLACE, False:
            flow.go(builder, flow.prompts.ask(QuestionKind.SITE))
        case QuestionKind.USUAL, True:
            builder.note_usual(True)
            flow.begin_protocol(builder, builder.episode.suitable_protocol)
        case QuestionKind.USUAL, False:
            builder.note_usual(False)
            flow.ask_danger(builder, 0)
        case QuestionKind.LEFT, True:
            builder.set_episode(usual=False)
            flow.ask_danger(builder, 0)
        case QuestionKind.TRIAGE, _:
            _on_danger(flow, builder, asked, yes)
        case QuestionKind.EASING, True:
            flow.on_eased(builder)
        case QuestionKind.EASING, False:
            ways.after_no_relief(flow, builder)
        case QuestionKind.GONE, True:
            flow.settle(builder)
        case QuestionKind.GONE, False:
            ways.after_some_relief(flow, builder)
        case QuestionKind.ANOTHER_WAY, True:
            flow.go_to_step(builder, builder.episode.step_index + 1)
        case QuestionKind.ANOTHER_WAY, False:
            flow.let_rest(builder, "worse")
        case QuestionKind.SAFE_TO_STAND, True:
            flow.start_step(builder, builder.episode.step_index + 1)
        case QuestionKind.SAFE_TO_STAND, False:
            ways.not_steady(flow, builder)
        case _:
            on_no_match(builder, asked)


def _on_danger(flow: EpisodeFlow, builder: StepBuilder, asked: Ask, yes: bool) -> None:
    """React to a yes or no to a danger question."""
    if yes:
        flow.raise_flag(builder, asked.flag)
    elif builder.state.phase is Phase.FLAGGED:
        flow.advance(builder.interrupt())
    elif asked.alone:
        flow.say_first(builder.interrupt(), flow.prompts.talk("all_right"))
    else:
        flow.ask_danger(builder, flow.danger_signs(builder).index(asked.flag) + 1)


def on_held_answer(flow: EpisodeFlow, builder: StepBuilder, usual: bool) -> None:
    """React to the answer to the question within the hold: go on counting, or stop and ask about each danger."""
    builder.set(held_question=None)
    builder.set_episode(answered=True)
    builder.note_usual(usual)
    if not usual:
        flow.ask_danger(builder, 0, flow.prompts.advice("worse"))


def _too_long(builder: StepBuilder, asked: Ask) -> bool:
    """Return whether a cramp that is still there has lasted more than ten minutes."""
    return asked.kind is QuestionKind.STILL or "ten_minutes" in builder.state.flags


def patience(asked: Ask, pace: float) -> float:
    """Return the seconds to wait for an answer. "Slower" makes no danger wait long."""
    seconds = asked.patience * pace
    return min(seconds, QUIET_S) if asked.kind is QuestionKind.TRIAGE else seconds


def on_no_input(flow: EpisodeFlow, builder: StepBuilder, asked: Ask) -> None:
    """React to silence: repeat the question once, a danger question loudly, then ``give_up``."""
    if asked.kind is QuestionKind.TRIAGE and not asked.loud:
        builder.say(replace(asked, loud=True), asked.no_input, tries=1)
    elif asked.kind is QuestionKind.SITE and place_question.offer(flow, builder):
        pass
    elif builder.state.tries == 0 and asked.no_input:
        builder.say(asked, asked.no_input, tries=1)
    else:
        give_up(flow, builder, asked)


def give_up(flow: EpisodeFlow, builder: StepBuilder, asked: Ask) -> None:
    """Go on gently without an answer. It never counts as a no to a danger."""
    prompts = flow.prompts
    match asked.kind:
        case QuestionKind.DOUBT if asked.flag:
            flow.ask_about(builder.interrupt(), prompts.danger_question_for(asked.flag, alone=True))
        case QuestionKind.DOUBT:
            builder.clear()
            builder.set(doubt_muted_until=builder.t + DOUBT_MUTED_S)
        case QuestionKind.STRETCHES:
            builder.clear()
        case QuestionKind.OFFER | QuestionKind.RATING | QuestionKind.TAG | QuestionKind.CONDITION:
            check_in.on_no_input(flow, builder)
        case QuestionKind.STILL:
            flow.let_rest(builder, "interrupted")
        case QuestionKind.LEFT:
            flow.let_rest(builder, "unanswered")
        case QuestionKind.KEEP:
            builder.set(to_keep=())
            flow.advance(builder.interrupt())
        case QuestionKind.PLACE:
            place_question.give_up(flow, builder)
        case QuestionKind.SITE | QuestionKind.THIGH:
            flow.after_site(builder)
        case QuestionKind.USUAL:
            builder.set_episode(cautioned=True)
            flow.begin_protocol(builder, builder.episode.suitable_protocol, prompts.advice("caution"))
        case QuestionKind.TRIAGE:
            _leave_unconfirmed(flow, builder, asked)
        case QuestionKind.EASING | QuestionKind.GONE:
            flow.on_silence(builder)
        case QuestionKind.SAFE_TO_STAND:
            flow.settle(builder, "eased")
        case QuestionKind.ANOTHER_WAY:
            flow.let_rest(builder, "worse")
        case QuestionKind.RESUME:
            flow.let_rest(builder, "unanswered")


def _leave_unconfirmed(flow: EpisodeFlow, builder: StepBuilder, asked: Ask, unsure: bool = False) -> None:
    """Say the cautious advice, and write the danger sign down as unconfirmed.

    ``unsure``: the person said so, and is asked whether they need help; otherwise nobody answered.
    """
    lines = flow.prompts.unanswered(asked)
    if asked.unclear:
        return flow.say_first(builder.interrupt(), *lines)
    answer = {"answered": True} if unsure else {}
    builder.record("flag", flag=asked.flag, action=flow.prompts.action(asked.flag), status="unconfirmed", **answer)
    flow.remember_danger(builder, asked.flag)
    if builder.state.phase is Phase.FLAGGED:
        return flow.say_first(builder.interrupt(), *lines)
    if builder.state.phase in (Phase.SETTLING, Phase.STRETCHING):
        flow.close(builder, "gone")
    if builder.state.episode is not None:  # no command returns to the steps
        builder.set(phase=Phase.OPENING)
        builder.set_episode(protocol=None, plan=(), step_index=0, screening=None, usual=False)
    further = (flow.prompts.danger_question_for(HELP, alone=True),) if unsure and asked.flag != HELP else ()
    return flow.let_rest(builder, "unanswered", *lines, *further, then="resting_help")


def on_unsure(flow: EpisodeFlow, builder: StepBuilder, asked: Ask) -> None:
    """React to "I'm not sure": with caution to a danger question or an unusual cramp, otherwise as to silence."""
    if builder.state.episode is not None:
        builder.set_episode(answered=True)
    if asked.kind is QuestionKind.USUAL:
        flow.ask_danger(builder, 0)
    elif asked.kind is QuestionKind.TRIAGE:
        _leave_unconfirmed(flow, builder.interrupt(), asked, unsure=True)
    elif asked.kind in (QuestionKind.EASING, QuestionKind.GONE):
        flow.go_to_step(builder, builder.episode.step_index + 1)
    else:
        give_up(flow, builder, asked)


def on_no_match(builder: StepBuilder, asked: Ask) -> None:
    """React to an unsuitable answer: say which answers are possible, at most ``TRIES`` times."""
    if builder.state.tries < TRIES:
        tries = builder.state.tries + 1
        builder.interrupt().say(asked, asked.no_match, tries)


def said_side(builder: StepBuilder, side: str | None) -> str | None:
    """Return the side that is meant by ``side``, which may be "other": the one where the cramp was not."""
    return OTHER_SIDE.get(builder.episode.side or "") if side == "other" else side


def on_place_beside_yes(flow: EpisodeFlow, builder: StepBuilder, asked: Ask | None, slots: Mapping[str, str]) -> bool:
    """Note the place named beside a yes. Returns whether it decides how to go on, as another muscle does."""
    site, side = slots.get("site"), slots.get("side")
    if builder.state.episode is None or (site is None and side is None):
        return False
    moved = "moved" in slots or side == "other"
    held = builder.state.held_question is not None
    if held:
        on_held_answer(flow, builder, usual=True)
    elif asked is not None and asked.kind is QuestionKind.USUAL:
        builder.note_usual(True)
    if site not in (None, builder.episode.site):
        return on_site(flow, builder, site, side)
    side = said_side(builder, side)
    earlier, known = builder.episode.side, builder.episode.site
    if side in (None, earlier):
        return held
    builder.set_episode(side=side)
    to_stand = asked is not None and asked.kind is QuestionKind.SAFE_TO_STAND and earlier is not None
    if known is not None and (moved or to_stand) and not held:
        flow.note_site(builder, known)  # the other leg has not eased: nobody stands on it
        flow.after_site(builder)
        return True
    builder.record("site", site=known, side=side)
    return held


def on_site(flow: EpisodeFlow, builder: StepBuilder, site: str | None, side: str | None, moved: bool = False) -> bool:
    """Set or correct where the cramp is. Returns False if ``site`` names no known place.

    ``moved``: the person said that it was elsewhere before.
    """
    kind = builder.state.asked.kind if builder.state.asked is not None else None
    side, earlier, known = said_side(builder, side), builder.episode.side, builder.episode.site
    changed = side is not None and side != earlier
    if side is not None:
        builder.set_episode(side=side)
    if known is not None and site in (None, known) and changed and builder.episode.eased and (moved or earlier):
        flow.note_site(builder, known)  # the other leg has not eased
        flow.after_site(builder)
        return True
    if site is None and changed and builder.episode.site is not None:
        builder.record("site", site=builder.episode.site, side=side)
        flow.say_first(builder, flow.prompts.at_place(builder.episode))
        return True
    if site is not None and kind is QuestionKind.THIGH:
        site = SIDES_OF_THE_THIGH.get(site, site)
    if site == THIGH:
        flow.note_thigh(builder)
    elif site in SITES:
        flow.set_site(builder, site)
    else:
        return False
    return True
