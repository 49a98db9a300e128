"""Schema of profile.yaml: the spoken questions about the person."""

from typing import Literal

from pydantic import model_validator

from nightvoice.content.eligibility import CONDITIONS
from nightvoice.content.phrases import Question
from nightvoice.content.variants import Variants
from nightvoice.system.strict import Strict

ProfileTalk = Literal["begin", "careful", "done"]


class ConditionQuestion(Question):
    """The question whether a condition holds."""

    cautious: bool
    """The answer that "I'm not sure" counts as."""


class ProfileQuestions(Strict):
    """profile.yaml."""

    talk: dict[ProfileTalk, Variants]
    questions: dict[str, ConditionQuestion]
    """One question for each condition, in the order of asking."""

    @model_validator(mode="after")
    def _every_condition_is_asked_about(self) -> "ProfileQuestions":
        if self.questions.keys() != set(CONDITIONS):
            odd = self.questions.keys() ^ set(CONDITIONS)
            raise ValueError(f"profile.yaml: one question for each condition, not so for {', '.join(sorted(odd))}")
        return self

    def texts(self) -> list[str]:
        """Every text that can be spoken."""
        asked = [text for q in self.questions.values() for text in (*q.ask, *q.no_input, *q.no_match)]
        return [*(text for wordings in self.talk.values() for text in wordings), *asked]
