"""The shape of check_in.yaml: the questions by voice after the night, and about the day."""

from typing import Literal

from nightvoice.content.phrases import Question
from nightvoice.content.vocabulary import Variants
from nightvoice.system.strict import Strict

Rated = Literal["severity", "soreness", "sleep_lost_minutes"]
CheckInTalk = Literal["noted", "later", "good_day", "good_evening", "evening_done", "evening_known"]


class RatingQuestion(Question):
    """A question about one cramp, or about the longest of several."""

    of_several: tuple[str, ...] = ()
    """Without any, ``ask`` will do."""


class CheckIns(Strict):
    """check_in.yaml."""

    offer: Question
    ratings: dict[Rated, RatingQuestion]
    """In the order in which they are asked."""
    tags: dict[str, Question]
    """Of the day before the night, in the order in which they are asked."""
    talk: dict[CheckInTalk, Variants]

    def texts(self) -> list[str]:
        """All that can be said."""
        questions = (self.offer, *self.ratings.values(), *self.tags.values())
        texts = [text for question in questions for text in (*question.ask, *question.no_input, *question.no_match)]
        texts += [text for rating in self.ratings.values() for text in rating.of_several]
        return [*texts, *(text for wordings in self.talk.values() for text in wordings)]
