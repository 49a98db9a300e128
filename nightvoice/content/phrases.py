"""The shape of phrases.yaml: conversation, questions and advice."""

from pydantic import Field

from nightvoice.content.eligibility import Restricted
from nightvoice.content.vocabulary import Site, Variants
from nightvoice.system.strict import Strict


class Advice(Restricted):
    """A clinical sentence."""

    say: Variants
    claim: str
    loud: bool = False


class Question(Strict):
    """What is asked, and what is said to silence and to an answer that means nothing."""

    ask: Variants
    no_input: tuple[str, ...] = ()
    """Without any, silence is taken at once."""
    no_match: Variants


class SitePhrases(Strict):
    """How a site is said, by side: ``in your left calf``."""

    none: str
    left: str
    right: str
    both: str

    def for_side(self, side: str | None) -> str:
        """The words for ``left``, ``right``, ``both`` or None."""
        words = {"left": self.left, "right": self.right, "both": self.both}
        return words.get(side or "", self.none)


class Phrases(Strict):
    """phrases.yaml."""

    talk: dict[str, Variants]
    questions: dict[str, Question]
    advice: dict[str, Advice]
    places: dict[Site, SitePhrases]
    counts: tuple[str, ...] = Field(min_length=30)
