"""The course of an episode: the moves that commands, answers and time make."""

from math import inf

from nightvoice.content.schema import SITES, UNKNOWN
from nightvoice.dialogue.events import Resumed
from nightvoice.dialogue.script import Script
from nightvoice.dialogue.state import Ask, Begin, Close, Episode, Line, Phase, Topic, Wait
from nightvoice.dialogue.turn import Turn

LIMIT_S = 600.0
"""A cramp that lasts longer needs medical advice (claim escalate-ten-minutes)."""
ROUNDS = 6
"""Times through the protocol after which only the ten-minute timer is left to speak."""
CALM_ACTIONS = ("doctor", "morning")
"""Actions of flags that are said and do not end the guidance."""


class Course:
    """Moves on a turn. Each leaves the next words planned and begun."""

    def __init__(self, script: Script) -> None:
        self.script = script

    # --- the agenda -------------------------------------------------------------------------------------------------

    def advance(self, turn: Turn) -> None:
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
                    turn.set_episode(step=number)
                    protocol = turn.episode.protocol or UNKNOWN
                    turn.record("step", protocol=protocol, step=self.script.steps(protocol)[number].id)
                case Close(outcome=outcome):
                    self.close(turn, outcome)

    def go(self, turn: Turn, *items: Line | Ask | Wait | Begin | Close, keep_unit: bool = False) -> None:
        """Drop what was planned and begin with ``items``."""
        turn.plan(*items, keep_unit=keep_unit)
        self.advance(turn)

    def say_first(self, turn: Turn, *lines: Line) -> None:
        """Say ``lines`` now, then take up again what they interrupted."""
        self.go(turn, *lines, *turn.rest_of_agenda(), keep_unit=True)

    # --- opening ----------------------------------------------------------------------------------------------------

    def ask_doubt(self, turn: Turn) -> None:
        self.go(turn, self.script.ask(Topic.DOUBT, "doubt", turn.number, "doubt"))

    def open(self, turn: Turn, site: str | None, side: str | None) -> None:
        """A cramp begins, or goes on: the ten minutes run from its first onset."""
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
        first, question = self.script.opening(turn.episode, turn.number)
        self.go(turn, first, self.script.thigh(turn.number) if site == "thigh" else question)

    def resume(self, turn: Turn, event: Resumed) -> None:
        """Taken up again after a restart: the onset, and with it the ten minutes, stays what it was."""
        site = event.site if event.site in SITES else None
        turn.clear()
        turn.set(phase=Phase.OPENING, alarm=event.onset + LIMIT_S, episode=Episode(event.onset, site, event.side))
        question = self.script.usual(turn.number) if site else self.script.where(turn.number)
        self.go(turn, self.script.talk("back_again", turn.number), question)

    def set_site(self, turn: Turn, site: str) -> None:
        """Learnt where it is, or corrected: the stretch's direction follows the site."""
        if site == turn.episode.site and turn.state.phase is Phase.GUIDING:
            return
        turn.set_episode(site=site, protocol=None)
        turn.record("site", site=site, side=turn.episode.side)
        if turn.episode.usual is None:
            self.go(turn, self.script.usual(turn.number))
        else:
            self.begin_protocol(turn, site)

    def ask_danger(self, turn: Turn, number: int) -> None:
        """The danger question of that number; after the last, what its answers allow."""
        question = self.script.danger(number)
        if question is not None:
            self.go(turn, question)
        elif turn.episode.worse:
            turn.set_episode(worse=False)
            self.raise_flag(turn, "worse")
        else:
            self.begin_protocol(turn, turn.episode.site or UNKNOWN)

    # --- guiding ----------------------------------------------------------------------------------------------------

    def begin_protocol(self, turn: Turn, protocol: str, *first: Line) -> None:
        turn.set_episode(protocol=protocol, rounds=0, answered=False, worse=False)
        self.run(turn, 0, *first)

    def run(self, turn: Turn, number: int, *first: Line) -> None:
        """Go to a step of the protocol; past the last one begin again."""
        steps = self.script.steps(turn.episode.protocol or UNKNOWN)
        turn.set(phase=Phase.GUIDING)
        if number < len(steps) and steps[number].only_if_eased:
            if turn.episode.eased:
                turn.set_episode(step=number - 1)
                return self.go(turn, *first, self.script.safe_to_stand(steps[number]))
            number += 1
        if number >= len(steps):
            if not turn.episode.answered or turn.episode.rounds + 1 >= ROUNDS:
                return self.rest(turn, "eased" if turn.episode.eased else "unanswered")
            turn.set_episode(rounds=turn.episode.rounds + 1)
            number, first = 0, (*first, self.script.talk("round_again", turn.number))
        return self.start_step(turn, number, *first)

    def start_step(self, turn: Turn, number: int, *first: Line) -> None:
        turn.set_episode(step=number)
        self.go(turn, *first, *self.script.step(turn.episode.protocol or UNKNOWN, number, turn.number))

    def effect(self, turn: Turn, effect: str) -> None:
        """Write down what the step did; some relief is itself a sign."""
        if turn.state.phase is not Phase.GUIDING or turn.episode.protocol is None:
            return
        step = self.script.steps(turn.episode.protocol)[turn.episode.step]
        turn.record("effect", protocol=turn.episode.protocol, step=step.id, effect=effect)
        if effect == "eased":
            turn.set_episode(eased=True)
            flag = step.flag_if_eased
            if flag is not None and flag not in turn.state.flags:
                turn.set(flags=turn.state.flags | {flag})
                turn.record("flag", flag=flag, action=self.script.action(flag))

    def eased(self, turn: Turn) -> None:
        """It helps: the same once more, then ask whether it is gone."""
        self.effect(turn, "eased")
        turn.set_episode(answered=True)
        self.go(turn, *self.script.once_more(turn.episode.protocol or UNKNOWN, turn.episode.step, turn.number))

    # --- the end ----------------------------------------------------------------------------------------------------

    def settle(self, turn: Turn) -> None:
        """It is gone, and the episode over: how to rest, how to get up, good night."""
        turn.record("episode_closed", outcome="gone")
        turn.set(phase=Phase.SETTLING, alarm=inf)
        self.go(turn, *self.script.settle("gone", turn.number))

    def rest(self, turn: Turn, outcome: str) -> None:
        """Leave the person in peace, and say so."""
        turn.set(held=None)
        self.go(turn, self.script.talk("resting_now", turn.number), Close(outcome))

    def close(self, turn: Turn, outcome: str) -> None:
        """The episode is over; after settling it already was."""
        episode = turn.state.episode
        turn.clear()
        if episode is not None and turn.state.phase is not Phase.SETTLING:
            turn.record("episode_closed", outcome=outcome)
            turn.set(unresolved=None if outcome in ("gone", "eased") else episode.onset)
        turn.set(phase=Phase.IDLE, episode=None, alarm=inf, held=None, pace=1.0)

    def raise_flag(self, turn: Turn, flag: str) -> None:
        """A danger sign: said at once, whatever else was going on."""
        action = self.script.action(flag)
        if turn.state.phase is Phase.SETTLING:
            self.close(turn, "gone")
        turn.record("flag", flag=flag, action=action)
        turn.set(flags=turn.state.flags | {flag}, held=None)
        if flag == "worse":
            way = self.script.ask(Topic.ANOTHER_WAY, "ask_another_way", turn.number, "ask_another_way")
            self.go(turn, self.script.flag(flag, turn.number), way)
        elif action in CALM_ACTIONS:
            self.say_first(turn, self.script.flag(flag, turn.number))
        else:
            turn.set(phase=Phase.FLAGGED, alarm=inf)
            self.go(turn, *self.script.flagged(flag, turn.number))
