"""Builds agendas from the content pack: words, their order, and the pauses between them."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import time

from nightvoice.content.countries import HelpNumbers
from nightvoice.content.prompts import HALF_AN_HOUR
from nightvoice.content.protocol import StepPosition
from nightvoice.content.schema import Pack, Step
from nightvoice.content.triage import ACTIONS, CALM_ACTIONS
from nightvoice.dialogue.agenda import (
    AgendaItem,
    Ask,
    Begin,
    Close,
    GoTo,
    Line,
    QuestionKind,
    Wait,
)
from nightvoice.dialogue.cramp_history import CrampHistory, Place
from nightvoice.dialogue.hold_prompts import HoldPrompts, fill
from nightvoice.dialogue.questionnaire_prompts import question_of
from nightvoice.dialogue.state import EpisodeState
from nightvoice.dialogue.step_history import StepHistory

REMINDER_S = 30.0
"""Seconds between reminders to get help."""
PAUSE_S = 90.0
"""Seconds of a pause before the guide asks whether to go on, and seconds that this question waits."""
RISKS = frozenset({"pregnant", "blood_thinners", "diabetes", "neuropathy", "arterial_disease"})
"""Conditions with which the question whether the cramp is usual comes before the first step."""


class PromptBuilder(HoldPrompts):
    """Turns the pack's texts into agenda items. ``StepBuilder.say`` picks the wording."""

    def __init__(self, pack: Pack, numbers: HelpNumbers, profile: frozenset[str], bridged: bool = False) -> None:
        """``bridged``: whether the house hears of requests, so that it may switch a light on."""
        super().__init__(pack, profile)
        self._calls = pack.phrases.routes.placeholders(numbers.spoken())
        self.bridged = bridged

    # --- words ------------------------------------------------------------------------------------------------------

    def advice(self, key: str) -> Line:
        advice = self._pack.phrases.advice[key]
        return Line(fill(advice.say, **self._calls), advice.claim, advice.loud)

    def advice_allowed(self, *keys: str) -> Iterator[Line]:
        """Yield the advice among ``keys`` that suits this person's conditions."""
        for key in keys:
            if self._pack.phrases.advice[key].allowed_for(self.profile):
                yield self.advice(key)

    def ask(self, kind: QuestionKind, patience: float = 8.0) -> Ask:
        """Return the question of ``kind``, whose key in the pack has the same name."""
        return question_of(kind, self._pack.phrases.questions[kind.value], patience)

    def step_name(self, step: Step) -> str:
        return self._pack.morning.steps[step.id]

    def minutes(self, seconds: float) -> Line:
        """Return the elapsed time as a sentence."""
        minutes = int(seconds / 60)
        if minutes > HALF_AN_HOUR:
            return self.talk("minutes_many")
        if minutes < 2:
            return self.talk("minutes_one" if minutes else "minutes_none")
        return self.talk("minutes_some", minutes=self.number(minutes))

    def clock(self, now: time) -> Line:
        """Return ``now``, to the quarter of an hour, as a sentence."""
        quarters = round((now.hour * 60 + now.minute) / 15)
        hour, quarter = divmod(quarters, 4)
        hours = {"hour": self.number((hour - 1) % 12 + 1), "next_hour": self.number(hour % 12 + 1)}
        return self.talk(f"clock_{15 * quarter}", **hours)

    # --- an episode -------------------------------------------------------------------------------------------------

    def opening(self, episode: EpisodeState, history: CrampHistory) -> tuple[AgendaItem, ...]:
        """Return the first words: the first step, or something safe to do at once, and the next question last."""
        key = f"first_{episode.suitable_protocol}"
        first = self.advice(key if key in self._pack.phrases.advice else "first")
        if episode.site is None:
            if episode.offered and history.place is not None:
                question = self.place_question(history.place)
            else:
                question = self.ask(QuestionKind.THIGH if episode.thigh else QuestionKind.SITE)
            return (self.talk("opening"), first, question)
        again = episode.site in history.usual_sites and not history.steps.helped_at(episode.site)
        place = self.at_place(episode, again)
        if not self.at_risk:
            return (place, GoTo("protocol"))
        return (place, first, self.ask(QuestionKind.USUAL))

    def at_place(self, episode: EpisodeState, again: bool = False) -> Line:
        """Return the line that names the place, which the person has told. ``again``: whether it is a known one."""
        assert episode.site is not None
        name = self._pack.phrases.place_names[episode.site].for_side(episode.side)
        return self.talk("at_place_again" if again else "at_place", place_name=name)

    def place_question(self, place: Place) -> Ask:
        """Return the question whether the cramp is in ``place``."""
        words = self._pack.phrases.places[place.site].for_side(place.side)
        return self._framed(QuestionKind.PLACE, "place", (words,), "place")

    @property
    def at_risk(self) -> bool:
        """Whether the person has a condition with which nothing is stretched before a question."""
        return not RISKS.isdisjoint(self.profile)

    def danger_signs(self) -> tuple[str, ...]:
        """Return the danger signs that are asked about if a cramp is unusual or gets worse, in order."""
        return self._pack.triage.questions

    def can_ask_about(self, flag: str) -> bool:
        return flag in self._pack.triage.flags and bool(self._pack.triage.flags[flag].ask)

    def danger_question_for(self, flag: str, alone: bool = False) -> Ask:
        """Return the question whether the danger sign ``flag`` is present."""
        ask = self._framed(QuestionKind.TRIAGE, "danger", (self._pack.triage.flags[flag].ask,))
        return replace(ask, flag=flag, alone=alone)

    def action(self, flag: str) -> str:
        return self._pack.triage.flags[flag].action

    def is_pressing(self, flag: str) -> bool:
        return self.action(flag) not in CALM_ACTIONS

    def flag(self, name: str, signs: Collection[str] = ()) -> Line:
        """Return the sentence to speak at once about a danger sign, while ``signs`` stand."""
        flag = self._pack.triage.flags[name]
        return Line(fill(flag.words(self.profile, signs), **self._calls), flag.claim, loud=flag.action != "morning")

    def what_if(self, name: str) -> Line:
        """Return what to do at once if the danger ``name`` came, or any danger."""
        flag = self._pack.triage.flags.get(name)
        if flag is None or not flag.then:
            return self.advice("answer_what_if")
        again = self.talk("as_i_said", answer=flag.then).wordings
        return Line(fill((flag.then, *again), **self._calls), flag.claim)

    def most_urgent(self, *flags: str) -> str:
        """Return the most urgent of ``flags``, the first of several alike."""
        return min(flags, key=lambda flag: ACTIONS.index(self.action(flag)))

    def flagged(self, name: str, flags: Iterable[str], signs: Collection[str]) -> tuple[AgendaItem, ...]:
        """Return the agenda after the danger sign ``name``: advice and reminders, with no other guidance between them.

        The advice on the most urgent of ``flags`` is repeated at the end. ``signs``: those that stand.
        """
        most_urgent = self.most_urgent(name, *sorted(flags))
        line, last = self.flag(name, signs), self.flag(most_urgent, signs)
        reminder = self.advice("flagged_reminder")
        return (line, Wait(REMINDER_S), reminder, Wait(REMINDER_S), last, Wait(REMINDER_S), Close("escalated"))

    def unanswered(self, asked: Ask) -> tuple[Line, ...]:
        """Return the cautious advice after a danger question that nobody answered."""
        about_leg = () if asked.alone else (replace(self.advice("caution"), loud=True),)
        return (self.advice("unanswered"), *about_leg)

    def paused(self) -> tuple[AgendaItem, ...]:
        return (self.talk("paused"), Wait(PAUSE_S), self.ask(QuestionKind.RESUME, PAUSE_S))

    def settle(
        self,
        outcome: str,
        questions: Iterable[AgendaItem] = (),
        getting_up: bool = True,
        position: StepPosition = "bed",
    ) -> tuple[AgendaItem, ...]:
        """Return the end of an episode, with ``questions`` before the good night.

        ``getting_up``: whether to say how to get up. Who may fall is asked to stay in bed every time. ``position``: the
        person's.
        """
        how = {"bed": "getting_up", "sitting": "getting_up_sitting", "standing": "back_to_bed"}[position]
        return (
            self.talk("good" if outcome == "gone" else "all_right"),
            *self.advice_allowed(*((how,) if getting_up or position == "standing" else ()), "staying_in_bed"),
            Wait(1.0),
            *questions,
            self.talk("good_night"),
            Close(outcome),
        )

    # --- steps ------------------------------------------------------------------------------------------------------

    def plan(self, protocol: str, helper: bool, step_history: StepHistory) -> tuple[Step, ...]:
        """Return the protocol's steps that suit this person tonight, starting with those that helped before."""
        profile = self.profile | {"helper"} if helper else self.profile
        steps = (step for step in self._pack.protocols[protocol] if step.allowed_for(profile))
        return step_history.ordered(protocol, steps)

    def all_steps(self, protocol: str) -> tuple[Step, ...]:
        """Return the protocol's steps, also those that don't suit this person."""
        return self._pack.protocols.get(protocol, ())

    def step(self, episode: EpisodeState, then: Line | None = None) -> tuple[AgendaItem, ...]:
        """Return the current step, from its instruction to what follows the holds.

        ``then``: what is said after the instruction.
        """
        step = episode.plan[episode.step_index]
        asks = episode.usual_open
        gently = (self.advice("gently"),) if episode.step_index == 0 and step.kind == "stretch" else ()
        return (
            Begin(episode.step_index),
            Line(step.say, step.claim),
            *((then,) if then is not None else ()),
            *self.holds(step, asks=asks, rest=(*((GoTo("caution"),) if asks else ()), *gently)),
            GoTo("easing"),
        )

    def once_more(self, episode: EpisodeState) -> tuple[AgendaItem, ...]:
        """Return a repetition of the step that eased the cramp, and the question whether the cramp is gone."""
        step = episode.plan[episode.step_index]
        return (
            replace(self.talk("good"), spare=True),
            self.talk("once_more"),
            Line(step.again, step.claim),
            *self.count(min(step.hold, 10), 1, 1),
            self.ask(QuestionKind.GONE),
        )

    def safe_to_stand(self, step: Step) -> Ask:
        assert step.confirm is not None  # the schema checks this
        return self._framed(QuestionKind.SAFE_TO_STAND, "safe_to_stand", step.confirm)

    # --- the bedtime stretches --------------------------------------------------------------------------------------

    def stretches(self) -> tuple[Step, ...]:
        """Return the bedtime stretches that suit this person."""
        return tuple(step for step in self._pack.stretches if step.allowed_for(self.profile))

    def routine(self, number: int) -> tuple[AgendaItem, ...]:
        """Return the agenda of the bedtime stretches from index ``number`` to the end."""
        items: list[AgendaItem] = []
        for current, step in list(enumerate(self.stretches()))[number:]:
            if current > number:
                items += [self.talk("stretches_next"), Wait(2.0)]
            items += [Begin(current), Line(step.say, step.claim)]
            if current == 0:
                items.append(self.advice("gently"))
            items += self.holds(step, mark_done=True)
        return (*items, self.talk("stretches_done"), self.talk("good_night"), Close("done"))

    def _framed(self, kind: QuestionKind, key: str, values: tuple[str, ...], name: str = "question") -> Ask:
        """Return the pack's question ``key``, with each of ``values`` put into its placeholder ``name``."""
        frame = self._pack.phrases.questions[key]
        wordings, no_input, no_match = (
            tuple(text.replace("{" + name + "}", value) for value in values for text in texts)
            for texts in (frame.ask, frame.no_input, frame.no_match)
        )
        return Ask(kind, wordings, no_input, no_match)
