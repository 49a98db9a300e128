"""The words of the questionnaires: ratings in the morning, tags in the evening, conditions of the profile."""

from dataclasses import replace
from datetime import date

from nightvoice.content.check_in import CheckInTalk
from nightvoice.content.phrases import Question
from nightvoice.content.profile import ProfileTalk
from nightvoice.content.schema import Pack
from nightvoice.content.tips import tip_for
from nightvoice.dialogue.agenda import Ask, Line, QuestionKind

THINKING_S = 12.0
"""Seconds to think about a rating."""


def question_of(kind: QuestionKind, question: Question, patience: float = 8.0) -> Ask:
    """Return ``question`` of the pack as an agenda item."""
    return Ask(kind, question.ask, question.no_input, question.no_match, patience)


class QuestionnairePrompts:
    """Turns the pack's questionnaires into agenda items for a person with the conditions ``profile``."""

    def __init__(self, pack: Pack, profile: frozenset[str]) -> None:
        self._pack = pack
        self.profile = profile

    # --- check-ins --------------------------------------------------------------------------------------------------

    def check_in(self, key: CheckInTalk) -> Line:
        return Line(self._pack.check_in.talk[key])

    def tip(self, day: date | None) -> tuple[Line, ...]:
        """Return the morning tip of ``day`` for this person, if there is one."""
        tip = None if day is None else tip_for(self._pack.tips, day, "morning", self.profile)
        return () if tip is None else (Line(tip.say, tip.claim),)

    def offer(self) -> Ask:
        """Return the question whether to rate the night."""
        return question_of(QuestionKind.OFFER, self._pack.check_in.offer)

    def rating(self, name: str, several: bool) -> Ask:
        """Return the question for a rating of the only cramp, or of the longest of ``several``."""
        question = next(question for key, question in self._pack.check_in.ratings.items() if key == name)
        ask = question_of(QuestionKind.RATING, question, THINKING_S)
        return replace(ask, wordings=question.of_several) if several and question.of_several else ask

    def tags(self) -> tuple[str, ...]:
        """Tags to ask about, in order."""
        return tuple(self._pack.check_in.tags)

    def tag(self, tag: str) -> Ask:
        return question_of(QuestionKind.TAG, self._pack.check_in.tags[tag])

    # --- the profile ------------------------------------------------------------------------------------------------

    def about_you(self, key: ProfileTalk) -> Line:
        return Line(self._pack.profile.talk[key])

    def conditions(self) -> tuple[str, ...]:
        """Conditions to ask about, in order."""
        return tuple(self._pack.profile.questions)

    def condition(self, condition: str) -> Ask:
        return question_of(QuestionKind.CONDITION, self._pack.profile.questions[condition])

    def cautious(self, condition: str) -> bool:
        """Return the answer for which "I'm not sure" counts."""
        return self._pack.profile.questions[condition].cautious
