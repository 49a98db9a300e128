"""The flow of an episode: its opening, its danger signs and its end."""

from dataclasses import replace
from math import inf

from nightvoice.content.schema import SITES, THIGH
from nightvoice.content.triage import CALM_ACTIONS
from nightvoice.dialogue import held_question
from nightvoice.dialogue.actions import RequestHistory
from nightvoice.dialogue.agenda import AgendaItem, Ask, GoTo, Line, QuestionKind
from nightvoice.dialogue.events import Resumed
from nightvoice.dialogue.guiding_flow import GuidingFlow
from nightvoice.dialogue.state import OTHER_SIDE, SAME, EpisodeState, Phase
from nightvoice.dialogue.step_builder import StepBuilder

LIMIT_S = 600.0
"""Seconds after which a cramp needs medical advice (claim escalate-ten-minutes)."""
DANGER_S = 12 * 3600.0
"""Seconds after a danger sign in which the danger questions must be answered with no before any stretching."""
STILL_S = 60.0
"""Seconds to find out whether a cramp is still there if its limit passed during a power cut."""
LYING = frozenset({"faint", "unresponsive"})
"""Danger signs after which nobody is told to sit up."""


class EpisodeFlow(GuidingFlow):
    """Opens and ends an episode, and asks about danger signs."""

    def continue_with(self, builder: StepBuilder, part: str) -> None:
        match part:
            case "opening":
                self._open(builder)
            case "danger":
                self.ask_danger(builder, builder.episode.screening or 0)
            case "site":
                self.after_site(builder)
            case "protocol":
                self.begin_protocol(builder, builder.episode.suitable_protocol)
            case "next_step":
                self.go_to_step(builder, builder.episode.step_index + 1)
            case "settle":
                self.settle(builder)
            case "hold_question":
                held_question.ask(self, builder)
            case "caution":
                held_question.rest(self, builder)
            case "easing":
                self.ask_easing(builder)

    # --- opening ----------------------------------------------------------------------------------------------------

    def ask_doubt(self, builder: StepBuilder, otherwise: str = "") -> None:
        """Ask whether it is a cramp. ``otherwise``: the danger sign to ask about if it is not."""
        self.go(builder, replace(self.prompts.ask(QuestionKind.DOUBT), flag=otherwise))

    def open_episode(self, builder: StepBuilder, site: str | None, side: str | None) -> None:
        """Open an episode: acknowledge the cramp, with something to do at once."""
        self.begin_episode(builder, site, side)
        self._open(builder)

    def open_unusual(self, builder: StepBuilder) -> None:
        """Open an episode for a cramp that is not like the usual ones."""
        self.begin_episode(builder, None, None)
        builder.note_usual(False)
        self.ask_danger(builder, 0, self.prompts.talk("opening"))

    def _open(self, builder: StepBuilder) -> None:
        if builder.t < builder.state.danger_until:
            builder.set_episode(usual=False)
            return self.ask_danger(builder, 0, self.prompts.talk("opening"))
        opening, *rest = self.prompts.opening(builder.episode, builder.state.history)
        return self.go(builder, opening, *self.clot_question(builder), *rest)

    def begin_episode(self, builder: StepBuilder, site: str | None, side: str | None) -> None:
        """Record the episode and start its ten minutes, counted from the first onset if an earlier one never ended."""
        earlier = builder.state.unresolved
        onset = earlier if earlier is not None and builder.t - earlier < LIMIT_S else builder.t
        if site == SAME:
            site, last = builder.state.last_site, builder.state.last_side
            side = OTHER_SIDE.get(last or "") if side == "other" else side or last
        known = site if site in SITES else None
        builder.clear()
        builder.set(
            phase=Phase.OPENING,
            alarm=onset + LIMIT_S,
            flags=frozenset(),
            help_asked=False,
            contact_reached=None,
            unresolved=None,
            episode=EpisodeState(onset, known, side, thigh=site == THIGH),
        )
        builder.set_episode(offered=known is None and site != THIGH and builder.knows_place())
        builder.record("episode_opened", site=known, side=side)
        builder.do(RequestHistory())

    def resume(self, builder: StepBuilder, event: Resumed) -> None:
        """Resume the episode after a restart, with its original onset and ten minutes."""
        site, alarm = event.site if event.site in SITES else None, event.onset + LIMIT_S
        builder.clear()
        builder.set(phase=Phase.OPENING, alarm=alarm, episode=EpisodeState(event.onset, site, event.side))
        builder.do(RequestHistory())
        pressing = [flag for flag in reversed(event.flags) if self.prompts.action(flag) not in CALM_ACTIONS]
        if pressing:
            builder.set(flags=frozenset(event.flags))
            return self._only_help(builder, self.prompts.most_urgent(*pressing))
        if builder.t >= alarm:  # the cramp may have gone during the power cut
            builder.set(alarm=builder.t + STILL_S)
            return self.go(builder, self.prompts.ask(QuestionKind.STILL))
        return self.go(
            builder,
            self.prompts.talk("back_again"),
            *self.clot_question(builder),
            GoTo("site") if site else self.prompts.ask(QuestionKind.SITE),
        )

    def set_site(self, builder: StepBuilder, site: str) -> None:
        """Set or correct the site, which determines the protocol and so the direction of the stretch."""
        if site == builder.episode.site and builder.state.phase is Phase.GUIDING:
            return
        self.note_site(builder, site)
        self.after_site(builder)

    def note_site(self, builder: StepBuilder, site: str) -> None:
        """Set the site without going on."""
        builder.set(phase=Phase.OPENING, held_question=None)
        builder.set_episode(site=site, thigh=False, protocol=None, plan=(), step_index=0, eased=False)
        builder.record("site", site=site, side=builder.episode.side)

    def note_thigh(self, builder: StepBuilder) -> None:
        """Note the thigh, and ask whether it is the front or the back."""
        builder.set(phase=Phase.OPENING, held_question=None)
        builder.set_episode(site=None, thigh=True, protocol=None, plan=(), step_index=0, eased=False)
        self.go(builder, self.prompts.ask(QuestionKind.THIGH))

    def after_site(self, builder: StepBuilder) -> None:
        """Continue once the site is known or remains unknown: with the next open question, or the first step."""
        episode = builder.episode
        if episode.screening is not None:
            self.ask_danger(builder, episode.screening)
        elif episode.usual is None and not episode.cautioned and self.prompts.at_risk:
            self.go(builder, self.prompts.ask(QuestionKind.USUAL))
        else:
            self.begin_protocol(builder, episode.suitable_protocol)

    def ask_danger(self, builder: StepBuilder, number: int, *first: Line) -> None:
        """Ask danger question ``number``; after the last, continue as the answers allow."""
        if number == 0 and builder.t >= builder.state.danger_until:
            builder.set(dangers=frozenset())
        signs = self.danger_signs(builder)
        builder.set_episode(screening=number if number < len(signs) else None)
        if number < len(signs):
            return self.go(builder, *first, self.prompts.danger_question_for(signs[number]))
        denied, episode = builder.t < builder.state.danger_until, builder.episode
        again = (self.prompts.advice("again_patiently"),) if episode.rounds else ()
        builder.set(danger_until=-inf, dangers=frozenset())
        builder.set_episode(screened=True)
        if episode.worse:
            builder.set_episode(worse=False)
            return self.raise_flag(builder, "worse")
        if denied and episode.site is None:  # the danger questions came first
            return self.go(builder, self.prompts.ask(QuestionKind.THIGH if episode.thigh else QuestionKind.SITE))
        return self.begin_protocol(builder, builder.episode.suitable_protocol, *again)

    def danger_signs(self, builder: StepBuilder) -> tuple[str, ...]:
        """Return the danger signs to ask about, in order: those that still stand, and the usual ones."""
        usual = self.prompts.danger_signs()
        return (*sorted(builder.state.dangers.difference(usual)), *usual)

    # --- the end ----------------------------------------------------------------------------------------------------

    def settle(self, builder: StepBuilder, outcome: str = "gone") -> None:
        """Close the episode: say how to get up, or to get back into bed, and good night."""
        position = self.position(builder)
        getting_up = position != "standing" and builder.tells_getting_up()
        builder.record("episode_closed", outcome=outcome)
        builder.set(phase=Phase.SETTLING, alarm=inf, held_question=None)
        self.go(builder, *self.prompts.settle(outcome, self.offer_to_keep(builder), getting_up, position))

    def offer_to_keep(self, builder: StepBuilder) -> tuple[AgendaItem, ...]:
        """Return the question whether to remember what the person told of tonight, if there is anything."""
        return (self.prompts.ask(QuestionKind.KEEP),) if builder.state.to_keep else ()

    def suspect(self, builder: StepBuilder, flag: str, what_if: bool = False) -> None:
        """Ask one question about a possible danger sign; a no resumes what it interrupted.

        ``what_if``: the person asked what to do if it came, which is answered first.
        """
        asked = builder.state.asked
        repeated = asked is not None and asked.kind is QuestionKind.TRIAGE and asked.flag == flag
        if builder.state.phase is Phase.FLAGGED or repeated:
            return self.raise_flag(builder, flag)
        first = (self.prompts.what_if(flag),) if what_if else ()
        return self.ask_about(builder, self.prompts.danger_question_for(flag, alone=True), *first)

    def ask_about(self, builder: StepBuilder, question: Ask, *first: Line) -> None:
        """Ask about a danger sign now, and resume the interrupted agenda afterwards. It ends a pause."""
        if builder.state.paused_agenda is not None:
            builder.plan(*builder.state.paused_agenda, keep_repeatable=True)
            builder.set(paused_agenda=None)
        self.go(builder, *first, question, *builder.remaining_agenda(), keep_repeatable=True)

    def raise_flag(self, builder: StepBuilder, flag: str) -> None:
        """Raise a danger sign and speak its advice at once, in every phase."""
        action = self.prompts.action(flag)
        if builder.state.phase in (Phase.SETTLING, Phase.STRETCHING):
            self.close(builder, "gone")
        builder.record("flag", flag=flag, action=action)
        builder.set(flags=builder.state.flags | {flag})
        if action in CALM_ACTIONS and (flag != "worse" or builder.state.phase is Phase.FLAGGED):
            return self.say_first(builder, self.prompts.flag(flag))  # a pause continues
        question = builder.pending_danger_question() if flag == "ten_minutes" else None
        builder.set(paused_agenda=None)
        if flag == "worse" and builder.state.episode is None:
            self.ask_doubt(builder)
        elif flag == "worse":
            self.go(builder, self.prompts.flag(flag), self.prompts.ask(QuestionKind.ANOTHER_WAY))
        else:
            if flag != "ten_minutes":
                self.remember_danger(builder, flag)
            if flag in LYING:
                builder.tell("fall_risk", keep=False)
            self._only_help(builder, flag, *([replace(question, alone=True)] if question is not None else []))

    def remember_danger(self, builder: StepBuilder, flag: str) -> None:
        """Rule out stretching until the danger questions, ``flag``'s among them, are answered with no."""
        standing = builder.state.dangers if builder.t < builder.state.danger_until else frozenset()
        builder.set(dangers=standing | {flag}, danger_until=builder.t + DANGER_S)

    def _only_help(self, builder: StepBuilder, flag: str, *then: Ask) -> None:
        builder.set(phase=Phase.FLAGGED, alarm=inf, help_coming=False, held_question=None)
        line, *rest = self.prompts.flagged(flag, builder.state.flags, builder.state.dangers)
        self.go(builder, line, *then, *rest)
