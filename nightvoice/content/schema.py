"""Schema of a language pack. Loading validates it, so nothing malformed or unfounded is ever spoken."""

from typing import Annotated, Any

from pydantic import Field, model_validator

from nightvoice.content.about import About
from nightvoice.content.check_in import CheckIns
from nightvoice.content.eligibility import Condition
from nightvoice.content.narrative_pack import NarrativePack
from nightvoice.content.profile import ProfileQuestions
from nightvoice.content.protocol import Step
from nightvoice.content.requests import Requests
from nightvoice.content.tips import Tip
from nightvoice.content.trends import TrendWords
from nightvoice.content.vocabulary import SITES, THIGH, UNKNOWN, Site

__all__ = ["SITES", "THIGH", "UNKNOWN", "Condition", "Pack", "Site", "Step"]


class Pack(NarrativePack):
    """Everything spoken, asked and understood in one language."""

    about: About
    stretches: Annotated[tuple[Step, ...], Field(min_length=1)]
    """The bedtime stretches."""
    tips: tuple[Tip, ...]
    requests: Requests
    """What people ask for in their own words."""
    intents: dict[str, Any]
    """Sentence templates for ``understanding.recognizer``."""
    check_in: CheckIns
    profile: ProfileQuestions
    trends: TrendWords

    @model_validator(mode="after")
    def _flags_of_the_intents_are_described(self) -> "Pack":
        for group in self.intents.get("intents", {}).get("flag", {}).get("data", []):
            flag = (group.get("slots") or {}).get("flag")
            if flag not in self.triage.flags:
                raise ValueError(f"intents.yaml: the flag {flag} is not described in triage.yaml")
        return self
