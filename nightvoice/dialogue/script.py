"""Composes agendas from the content pack: which words, in which order, with which pauses."""

from collections.abc import Iterator

from nightvoice.content.prompts import spell
from nightvoice.content.schema import UNKNOWN, Pack, Step
from nightvoice.dialogue.state import Ask, Begin, Close, Episode, Item, Line, Topic, Wait

REMINDER_S = 30.0
"""Seconds between reminders to get help."""
PAUSE_S = 90.0
"""Seconds that a pause may last before it is asked whether to go on, and how long that question waits."""


class Script:
    """The pack's words as agenda items. ``turn`` picks among variants, so that equal input gives equal words."""

    def __init__(self, pack: Pack, emergency: str, profile: frozenset[str]) -> None:
        self._pack = pack
        self._emergency = spell(emergency)
        self._profile = profile

    def talk(self, key: str, turn: int) -> Line:
        return Line(_pick(self._pack.phrases.talk[key], turn))

    def advice(self, key: str, turn: int) -> Line:
        advice = self._pack.phrases.advice[key]
        return Line(_pick(advice.say, turn).format(emergency=self._emergency), advice.claim, advice.loud)

    def ask(self, topic: Topic, key: str, turn: int, again: str, patience: float = 8.0) -> Ask:
        phrases = self._pack.phrases.talk
        return Ask(topic, _pick(phrases[key], turn), _pick(phrases[again], turn), patience)

    def opening(self, episode: Episode, turn: int) -> tuple[Item, ...]:
        """The first words, and the question that comes next."""
        if episode.site is None:
            return (self.talk("opening", turn), self.where(turn))
        place = self._pack.phrases.places[episode.site].of(episode.side)
        line = Line(_pick(self._pack.phrases.talk["opening_at"], turn).format(place=place))
        return (line, self.usual(turn))

    def where(self, turn: int) -> Ask:
        return self.ask(Topic.SITE, "ask_site", turn, "ask_site_again")

    def thigh(self, turn: int) -> Ask:
        return self.ask(Topic.THIGH, "ask_thigh", turn, "ask_thigh")

    def usual(self, turn: int) -> Ask:
        return self.ask(Topic.USUAL, "ask_usual", turn, "ask_usual_again")

    def easing(self, turn: int) -> Ask:
        return self.ask(Topic.EASING, "ask_easing", turn, "ask_easing_again")

    def danger(self, number: int) -> Ask | None:
        """The danger question of that number, or None after the last."""
        triage = self._pack.triage
        if number >= len(triage.questions):
            return None
        return Ask(
            Topic.TRIAGE,
            triage.questions[number].ask,
            triage.questions[number].ask + " " + triage.question_again,
            number=number,
        )

    def flag_of(self, number: int) -> str:
        return self._pack.triage.questions[number].flag

    def action(self, flag: str) -> str:
        return self._pack.triage.flags[flag].action

    def flag(self, name: str, turn: int) -> Line:
        """What is said at once about a danger sign."""
        flag = self._pack.triage.flags[name]
        return Line(_pick(flag.say, turn).format(emergency=self._emergency), flag.claim, loud=flag.action != "morning")

    def flagged(self, name: str, turn: int) -> tuple[Item, ...]:
        """Said, reminded of, and then left in peace, with no other guidance between."""
        line, reminder = self.flag(name, turn), self.advice("flagged_reminder", turn)
        return (line, Wait(REMINDER_S), line, Wait(REMINDER_S), reminder, Wait(REMINDER_S), Close("escalated"))

    def paused(self, turn: int) -> tuple[Item, ...]:
        resume = self.ask(Topic.RESUME, "ask_resume", turn, "ask_resume", PAUSE_S)
        return (self.talk("paused", turn), Wait(PAUSE_S), resume)

    def settle(self, outcome: str, turn: int) -> tuple[Item, ...]:
        return (
            self.talk("good", turn),
            self.advice("settle", turn),
            Wait(1.0),
            self.advice("getting_up", turn),
            Wait(1.0),
            self.talk("good_night", turn),
            Close(outcome),
        )

    def steps(self, protocol: str) -> tuple[Step, ...]:
        """The protocol's steps that this person's conditions allow."""
        return tuple(step for step in self._pack.protocols[protocol] if not self._profile.intersection(step.not_with))

    def step(self, protocol: str, number: int, turn: int) -> tuple[Item, ...]:
        """One step from its instruction to the question whether it eases."""
        step = self.steps(protocol)[number]
        items: list[Item] = [Begin(number), Line(_pick(step.say, turn), step.claim)]
        if protocol == UNKNOWN or number == 0:
            items.append(self.advice("gently", turn))
        for time in range(step.times):
            if time:
                items += [
                    self.talk("rest", turn + time),
                    Wait(float(step.rest)),
                    Line(_pick(step.again, turn + time), step.claim),
                ]
            items += self._count(step.hold)
        return (*items, self.easing(turn))

    def once_more(self, protocol: str, number: int, turn: int) -> tuple[Item, ...]:
        """What eased it, once again, and the question whether it is gone."""
        step = self.steps(protocol)[number]
        return (
            self.talk("good", turn),
            self.talk("once_more", turn),
            Line(_pick(step.again, turn), step.claim),
            *self._count(min(step.hold, 10)),
            self.ask(Topic.GONE, "ask_gone", turn, "ask_gone"),
        )

    def safe_to_stand(self, step: Step) -> Ask:
        assert step.confirm is not None  # the schema sees to it
        return Ask(Topic.SAFE_TO_STAND, step.confirm, step.confirm)

    def _count(self, seconds: int) -> Iterator[Item]:
        """A hold counted aloud: every second up to ten, every five in longer ones, so that it does not weary."""
        beat = 1 if seconds <= 10 else 5
        for second in range(beat, seconds + 1, beat):
            if beat > 1:
                yield Wait(beat - 1.0, paced=False)
            yield Line(self._pack.phrases.counts[second - 1], at_least=1.0)


def _pick(variants: tuple[str, ...], turn: int) -> str:
    return variants[turn % len(variants)]
