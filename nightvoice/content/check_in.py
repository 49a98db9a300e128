"""Schema of check_in.yaml: the spoken questions about the night and the day."""

from typing import Literal

from nightvoice.content.phrases import Question
from nightvoice.content.variants import Variants
from nightvoice.system.strict import Strict

Rated = Literal["severity", "soreness", "sleep_lost_minutes"]
CheckInTalk = Literal["noted", "later", "unwritten", "good_day", "good_evening", "evening_done", "evening_known"]


class RatingQuestion(Question):
    """A question about one cramp, or about the longest of several."""

    of_several: tuple[str, ...] = ()
    """Asked instead of ``ask`` after several cramps. Empty: ``ask`` is used for both."""


class CheckIns(Strict):
    """check_in.yaml."""

    offer: Question
    ratings: dict[Rated, RatingQuestion]
    """Questions for ratings, in the order of asking."""
    tags: dict[str, Question]
    """Tags of the day before the night, in the order of asking."""
    talk: dict[CheckInTalk, Variants]

    def texts(self) -> list[str]:
        """Every text that can be spoken."""
        questions = (self.offer, *self.ratings.values(), *self.tags.values())
        texts = [text for question in questions for text in (*question.ask, *question.no_input, *question.no_match)]
        texts += [text for rating in self.ratings.values() for text in rating.of_several]
        return [*texts, *(text for wordings in self.talk.values() for text in wordings)]
