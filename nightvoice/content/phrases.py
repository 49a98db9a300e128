"""Schema of phrases.yaml: conversation, questions, advice and whom to call."""

from pydantic import Field

from nightvoice.content.countries import HelpNumbers
from nightvoice.content.eligibility import Restricted
from nightvoice.content.variants import Variants
from nightvoice.content.vocabulary import Site
from nightvoice.system.strict import Strict


class Advice(Restricted):
    """A clinical sentence."""

    say: Variants
    claim: str
    loud: bool = False


class Question(Strict):
    """A question, with the replies to silence and to an unsuitable answer."""

    ask: Variants
    no_input: tuple[str, ...] = ()
    """Spoken on silence. Empty: the first silence counts as final."""
    no_match: Variants


class SitePhrases(Strict):
    """Phrases for a body site, by side: "in your left calf", "Your left calf"."""

    none: str
    left: str
    right: str
    both: str

    def for_side(self, side: str | None) -> str:
        """Return the phrase for the side ``left``, ``right``, ``both`` or None."""
        words = {"left": self.left, "right": self.right, "both": self.both}
        return words.get(side or "", self.none)


class Routes(Strict):
    """Sentences that name the number to call; those for a country without such a number end in ``_unknown``."""

    urgent: str
    urgent_unknown: str
    crisis: str
    crisis_unknown: str

    def placeholders(self, numbers: HelpNumbers) -> dict[str, str]:
        """Return the texts for the placeholders {emergency}, {urgent} and {crisis}."""
        urgent = self.urgent if numbers.urgent else self.urgent_unknown
        crisis = self.crisis if numbers.crisis else self.crisis_unknown
        return {
            "emergency": numbers.emergency,
            "urgent": urgent.format(number=numbers.urgent, emergency=numbers.emergency),
            "crisis": crisis.format(number=numbers.crisis, emergency=numbers.emergency),
        }


class Phrases(Strict):
    """phrases.yaml."""

    talk: dict[str, Variants]
    questions: dict[str, Question]
    advice: dict[str, Advice]
    places: dict[Site, SitePhrases]
    place_names: dict[Site, SitePhrases]
    routes: Routes
    counts: tuple[str, ...] = Field(min_length=30)
