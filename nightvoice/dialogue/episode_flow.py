"""The course of an episode: the moves that commands, answers and time make."""

from dataclasses import replace
from math import inf

from nightvoice.content.schema import SITES, UNKNOWN
from nightvoice.content.triage import CALM_ACTIONS
from nightvoice.dialogue.actions import RequestHistory
from nightvoice.dialogue.events import Resumed
from nightvoice.dialogue.prompt_builder import PromptBuilder
from nightvoice.dialogue.state import Ask, Begin, Close, Episode, Held, Item, Line, Phase, QuestionKind, Wait
from nightvoice.dialogue.step_builder import StepBuilder

LIMIT_S = 600.0
"""A cramp that lasts longer needs medical advice (claim escalate-ten-minutes)."""
DANGER_S = 12 * 3600.0
"""So long after a danger sign nothing is stretched before the danger questions were answered with no."""
STILL_S = 60.0
"""How long it may take to find out whether a cramp of which the limit passed during a power cut is still there."""
ROUNDS = 6
"""Times through the protocol after which only the ten-minute timer is left to speak."""


class EpisodeFlow:
    """Moves on a turn. Each leaves the next words planned and begun."""

    def __init__(self, script: PromptBuilder) -> None:
        self.script = script

    # --- the agenda -------------------------------------------------------------------------------------------------

    def advance(self, turn: StepBuilder) -> None:
        """Go on with the agenda until something takes time."""
        turn.set(current=None, due=inf)
        while turn.state.current is None and turn.state.agenda:
            item, *rest = turn.state.agenda
            turn.set(agenda=tuple(rest))
            match item:
                case Line() | Ask():
                    turn.say(item)
                case Wait(seconds=seconds, paced=paced):
                    turn.set(current=item, since=turn.t, due=turn.t + seconds * (turn.state.pace if paced else 1.0))
                case Begin(step=number):
                    self._begin(turn, item, number)
                case Held():
                    turn.set(stretching=replace(turn.stretching, holds=turn.stretching.holds + 1))
                case Close(outcome=outcome):
                    self.close(turn, outcome)

    def _begin(self, turn: StepBuilder, item: Begin, number: int) -> None:
        turn.set(mark=None)
        if turn.state.stretching is not None:
            turn.set(stretching=replace(turn.stretching, number=number), unit=(item, *turn.state.agenda))
            return
        turn.set_episode(step=number)
        turn.record("step", protocol=turn.episode.protocol, step=turn.episode.plan[number].id)

    def go(self, turn: StepBuilder, *items: Item, keep_unit: bool = False) -> None:
        """Drop what was planned and begin with ``items``."""
        turn.plan(*items, keep_unit=keep_unit)
        self.advance(turn)

    def say_first(self, turn: StepBuilder, *lines: Line) -> None:
        """Say ``lines`` now, then take up again what they interrupted."""
        self.go(turn, *lines, *turn.rest_of_agenda(), keep_unit=True)

    def leave(self, turn: StepBuilder) -> None:
        """Nothing is wanted now: say that it was heard, and be quiet."""
        self.go(turn, self.script.talk("all_right"))

    # --- opening ----------------------------------------------------------------------------------------------------

    def ask_doubt(self, turn: StepBuilder) -> None:
        self.go(turn, self.script.ask(QuestionKind.DOUBT))

    def open(self, turn: StepBuilder, site: str | None, side: str | None) -> None:
        """A cramp begins, or goes on: say so, with something to do at once."""
        self.begin_episode(turn, site, side)
        if turn.t < turn.state.danger_until:
            turn.set_episode(usual=False)
            return self.ask_danger(turn, 0, self.script.talk("opening"))
        *first, question = self.script.opening(turn.episode)
        return self.go(turn, *first, self.script.ask(QuestionKind.THIGH) if site == "thigh" else question)

    def begin_episode(self, turn: StepBuilder, site: str | None, side: str | None) -> None:
        """Write it down and start its ten minutes, which run from the first onset of a cramp that never went."""
        earlier = turn.state.unresolved
        onset = earlier if earlier is not None and turn.t - earlier < LIMIT_S else turn.t
        known = site if site in SITES else None
        turn.clear()
        turn.set(
            phase=Phase.OPENING,
            alarm=onset + LIMIT_S,
            flags=frozenset(),
            unresolved=None,
            episode=Episode(onset, known, side),
        )
        turn.record("episode_opened", site=known, side=side)
        turn.do(RequestHistory())

    def resume(self, turn: StepBuilder, event: Resumed) -> None:
        """Taken up again after a restart: the onset, and with it the ten minutes, stays what it was."""
        site, alarm = event.site if event.site in SITES else None, event.onset + LIMIT_S
        turn.clear()
        turn.set(phase=Phase.OPENING, alarm=alarm, episode=Episode(event.onset, site, event.side))
        turn.do(RequestHistory())
        for flag in event.flags:
            if self.script.action(flag) not in CALM_ACTIONS:
                return self._only_help(turn, flag)
        if turn.t >= alarm:  # meanwhile it may have gone
            turn.set(alarm=turn.t + STILL_S)
            return self.go(turn, self.script.ask(QuestionKind.STILL))
        return self.go(
            turn, self.script.talk("back_again"), self.script.ask(QuestionKind.USUAL if site else QuestionKind.SITE)
        )

    def set_site(self, turn: StepBuilder, site: str) -> None:
        """Learnt where it is, or corrected: the stretch's direction follows the site."""
        if site == turn.episode.site and turn.state.phase is Phase.GUIDING:
            return
        turn.set(phase=Phase.OPENING)
        turn.set_episode(site=site, protocol=None, plan=(), step=0, eased=False)
        turn.record("site", site=site, side=turn.episode.side)
        self.after_site(turn)

    def after_site(self, turn: StepBuilder) -> None:
        """Where it is was learnt, or could not be: what is still to be known, or the first step."""
        episode = turn.episode
        if episode.screening is not None:
            self.ask_danger(turn, episode.screening)
        elif episode.usual is None:
            self.go(turn, self.script.ask(QuestionKind.USUAL))
        else:
            self.begin_protocol(turn, episode.site or UNKNOWN)

    def ask_danger(self, turn: StepBuilder, number: int, *first: Line) -> None:
        """The danger question of that number; after the last, what its answers allow."""
        question = self.script.danger(number)
        turn.set_episode(screening=None if question is None else number)
        if question is not None:
            return self.go(turn, *first, question)
        denied, episode = turn.t < turn.state.danger_until, turn.episode
        turn.set(danger_until=-inf)
        if episode.worse:
            turn.set_episode(worse=False)
            return self.raise_flag(turn, "worse")
        if denied and episode.site is None:  # the danger questions came before any other
            return self.go(turn, self.script.ask(QuestionKind.SITE))
        return self.begin_protocol(turn, turn.episode.site or UNKNOWN)

    # --- guiding ----------------------------------------------------------------------------------------------------

    def begin_protocol(self, turn: StepBuilder, protocol: str, *first: Line) -> None:
        """The steps for that site, unless a danger sign of today was not denied."""
        if turn.t < turn.state.danger_until:
            return self.ask_danger(turn, 0, *first)
        plan = self.script.plan(protocol, turn.episode.helper, turn.state.experience)
        turn.set_episode(protocol=protocol, plan=plan, rounds=0, answered=False, worse=False, screening=None)
        return self.run(turn, 0, *first)

    def run(self, turn: StepBuilder, number: int, *first: Line) -> None:
        """Go to a step of the plan; past the last one begin again. One that stands is asked about first."""
        if turn.episode.protocol is None:
            return self.begin_protocol(turn, turn.episode.site or UNKNOWN, *first)
        turn.set(phase=Phase.GUIDING)
        plan, eased = turn.episode.plan, turn.episode.eased
        while number < len(plan) and plan[number].only_if_eased and not eased:
            number += 1
        if number < len(plan) and plan[number].only_if_eased:
            return self._ask_to_stand(turn, number, *first)
        if number >= len(plan):
            if not turn.episode.answered or turn.episode.rounds + 1 >= ROUNDS:
                return self.rest(turn, "eased" if eased else "unanswered")
            turn.set_episode(rounds=turn.episode.rounds + 1)
            number, first = 0, (*first, self.script.talk("round_again"))
        return self.start_step(turn, number, *first)

    def _ask_to_stand(self, turn: StepBuilder, number: int, *first: Line) -> None:
        sit_up = () if turn.episode.seated else self.script.advice_allowed("sit_up")
        turn.set_episode(step=number - 1, seated=True)
        self.go(turn, *first, *sit_up, self.script.safe_to_stand(turn.episode.plan[number]))

    def start_step(self, turn: StepBuilder, number: int, *first: Line) -> None:
        turn.set_episode(step=number)
        self.go(turn, *first, *self.script.step(turn.episode))

    def helper_came(self, turn: StepBuilder) -> None:
        """What somebody else can do comes next, if there is anything."""
        episode = turn.episode
        turn.set_episode(helper=True)
        with_helper = self.script.plan(episode.protocol or UNKNOWN, True, turn.state.experience)
        new = tuple(step for step in with_helper if step not in episode.plan)
        if turn.state.phase is not Phase.GUIDING or episode.screening is not None or not new:
            return self.say_first(turn, self.script.talk("helper_here"))
        after = episode.step + 1
        turn.set_episode(plan=episode.plan[:after] + new + episode.plan[after:])
        return self.run(turn, after, self.script.talk("helper_here"))

    def effect(self, turn: StepBuilder, effect: str) -> None:
        """Write down what the step did; some relief is itself a sign."""
        episode = turn.episode
        if turn.state.phase is not Phase.GUIDING or episode.protocol is None:
            return
        step = episode.plan[episode.step]
        turn.record("effect", protocol=episode.protocol, step=step.id, effect=effect)
        turn.set(experience=turn.state.experience.with_effect((episode.protocol, step.id), effect))
        turn.set_episode(eased=effect == "eased")
        flag = step.flag_if_eased
        if effect == "eased" and flag is not None and flag not in turn.state.flags:
            turn.set(flags=turn.state.flags | {flag})
            turn.record("flag", flag=flag, action=self.script.action(flag))

    def eased(self, turn: StepBuilder) -> None:
        """It helps: the same once more, then ask whether it is gone."""
        self.effect(turn, "eased")
        self.go(turn, *self.script.once_more(turn.episode))

    # --- the end ----------------------------------------------------------------------------------------------------

    def settle(self, turn: StepBuilder, outcome: str = "gone") -> None:
        """It is over, and with it the episode: how to rest, how to get up, good night."""
        turn.record("episode_closed", outcome=outcome)
        turn.set(phase=Phase.SETTLING, alarm=inf)
        self.go(turn, *self.script.settle(outcome))

    def rest(self, turn: StepBuilder, outcome: str, *first: Line) -> None:
        """Leave the person in peace, and say so."""
        turn.set(held=None)
        self.go(turn, *first, self.script.talk("resting_now"), Close(outcome))

    def close(self, turn: StepBuilder, outcome: str) -> None:
        """The episode, or the routine, is over; after settling it already was."""
        episode, stretching = turn.state.episode, turn.state.stretching
        turn.clear()
        if stretching is not None:
            whole = sum(step.times for step in self.script.stretches())
            turn.record("stretch_ended", completed=stretching.holds >= whole, holds=stretching.holds)
        if episode is not None and turn.state.phase is not Phase.SETTLING:
            turn.record("episode_closed", outcome=outcome)
            turn.set(unresolved=None if outcome in ("gone", "eased") else episode.onset)
        turn.set(phase=Phase.IDLE, episode=None, stretching=None, alarm=inf, held=None, pace=1.0)

    def contact_told(self, turn: StepBuilder, reached: bool) -> None:
        """The truth about the message; where it did not arrive, whom else to call. No sentence is broken off for it."""
        talk, advice = self.script.talk, self.script.advice
        lines = (talk("contact_reached"),) if reached else (talk("contact_not_reached"), advice("help"))
        if isinstance(turn.state.current, Line) and turn.state.utterance:
            turn.set(agenda=(*lines, *turn.state.agenda))
        else:
            self.say_first(turn, *lines)

    def suspect(self, turn: StepBuilder, flag: str) -> None:
        """Perhaps a danger sign: one question, then back to what it interrupted."""
        if turn.state.phase is Phase.FLAGGED:
            return self.raise_flag(turn, flag)
        if turn.state.held is not None:
            turn.plan(*turn.state.held, keep_unit=True)
            turn.set(held=None)
        return self.go(turn, self.script.danger_of(flag, alone=True), *turn.rest_of_agenda(), keep_unit=True)

    def raise_flag(self, turn: StepBuilder, flag: str) -> None:
        """A danger sign: said at once, whatever else was going on."""
        action = self.script.action(flag)
        if turn.state.phase in (Phase.SETTLING, Phase.STRETCHING):
            self.close(turn, "gone")
        turn.record("flag", flag=flag, action=action)
        turn.set(flags=turn.state.flags | {flag})
        if action in CALM_ACTIONS and flag != "worse":
            return self.say_first(turn, self.script.flag(flag))  # a pause stays one
        turn.set(held=None)
        if flag == "worse":
            self.go(turn, self.script.flag(flag), self.script.ask(QuestionKind.ANOTHER_WAY))
        else:
            if flag != "ten_minutes":
                turn.set(danger_until=turn.t + DANGER_S)
            self._only_help(turn, flag)

    def _only_help(self, turn: StepBuilder, flag: str) -> None:
        turn.set(phase=Phase.FLAGGED, alarm=inf)
        self.go(turn, *self.script.flagged(flag))
