"""The shape of about.yaml: what a language pack is, and who looked at it."""

from nightvoice.system.strict import Strict


class About(Strict):
    """about.yaml."""

    name: str
    """The language, in itself: Deutsch."""
    translated_from: str | None = None
    """The language whose pack this one was carried over from."""
    clinically_reviewed: bool
    """Whether a clinician has read every sentence."""
    spoken: bool
    """Whether a recogniser and a voice for it are built in; else it works with typed nights only."""

    def __str__(self) -> str:
        translated = f" (translated from {self.translated_from})" if self.translated_from else ""
        return f"{self.name}{translated}, {'' if self.clinically_reviewed else 'not '}reviewed by a clinician"
