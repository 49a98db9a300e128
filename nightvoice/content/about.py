"""Schema of about.yaml: the language of a pack and who reviewed it."""

from nightvoice.system.strict import Strict


class About(Strict):
    """about.yaml."""

    name: str
    """The language's name in that language, such as Deutsch."""
    translated_from: str | None = None
    """The language from which this pack was translated."""
    clinically_reviewed: bool
    """Whether a clinician has reviewed every sentence."""
    spoken: bool
    """Whether a recogniser and a voice are built in; without them the pack works for typed nights only."""
    classifier: str = ""
    """File in models/ of the classifier that understands people's own words. Empty: only set phrases and rules."""

    def __str__(self) -> str:
        translated = f" (translated from {self.translated_from})" if self.translated_from else ""
        return f"{self.name}{translated}, {'' if self.clinically_reviewed else 'not '}reviewed by a clinician"
