"""Schema of a language pack. Loading validates it, so nothing malformed or unfounded is ever spoken."""

from typing import Annotated, Any

from pydantic import Field, model_validator

from nightvoice.content.about import About
from nightvoice.content.check_in import CheckIns
from nightvoice.content.claim_index import check_claims
from nightvoice.content.claims import Ledger
from nightvoice.content.eligibility import Condition
from nightvoice.content.morning import OTHER_FLAG, Morning
from nightvoice.content.phrases import Phrases
from nightvoice.content.profile import ProfileQuestions
from nightvoice.content.protocol import Step
from nightvoice.content.requests import Requests
from nightvoice.content.tips import Tip
from nightvoice.content.triage import Triage
from nightvoice.content.vocabulary import SITES, THIGH, UNKNOWN, Site
from nightvoice.system.strict import Strict

__all__ = ["SITES", "THIGH", "UNKNOWN", "Condition", "Pack", "Site", "Step"]


class Pack(Strict):
    """Everything spoken, asked and understood in one language."""

    language: str
    about: About
    ledger: Ledger
    phrases: Phrases
    protocols: dict[str, tuple[Step, ...]]
    stretches: Annotated[tuple[Step, ...], Field(min_length=1)]
    """The bedtime stretches."""
    tips: tuple[Tip, ...]
    triage: Triage
    requests: Requests
    """What people ask for in their own words."""
    intents: dict[str, Any]
    """Sentence templates for ``understanding.recognizer``."""
    morning: Morning
    """Words for ``insight.narrative``."""
    check_in: CheckIns
    profile: ProfileQuestions

    @model_validator(mode="after")
    def _what_is_named_exists(self) -> "Pack":
        missing = ({*SITES, THIGH, UNKNOWN} - self.protocols.keys()) | (set(SITES) - self.phrases.places.keys())
        if missing:
            raise ValueError(f"no protocol or no place for {', '.join(sorted(missing))}")
        flags = self.triage.flags
        wordless = {*flags, OTHER_FLAG} - self.morning.flags.keys()
        if wordless:
            raise ValueError(f"morning.yaml: no words for the flag {', '.join(sorted(wordless))}")
        for site, steps in self.protocols.items():
            for step in steps:
                if step.id not in self.morning.steps:
                    raise ValueError(f"morning.yaml: no words for the step {step.id}")
                if site == "shin" and step.toes == "toward":
                    raise ValueError(f"step {step.id}: the shin is stretched the other way, never toes toward")
                if step.flag_if_eased and step.flag_if_eased not in flags:
                    raise ValueError(
                        f"step {step.id} of {site} raises the flag {step.flag_if_eased}, which is not described"
                    )
        for group in self.intents.get("intents", {}).get("flag", {}).get("data", []):
            flag = (group.get("slots") or {}).get("flag")
            if flag not in flags:
                raise ValueError(f"intents.yaml: the flag {flag} is not described in triage.yaml")
        return self

    @model_validator(mode="after")
    def _every_clinical_sentence_has_a_claim_that_holds(self) -> "Pack":
        check_claims(self, self.ledger)
        return self
