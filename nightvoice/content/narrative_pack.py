"""Schema of the parts of a language pack that the summary of a night speaks from."""

from pydantic import model_validator

from nightvoice.content.claim_index import check_claims
from nightvoice.content.claims import Ledger
from nightvoice.content.morning import OTHER_FLAG, Morning
from nightvoice.content.phrases import Phrases
from nightvoice.content.protocol import Step
from nightvoice.content.triage import Triage
from nightvoice.content.vocabulary import SITES, THIGH, UNKNOWN
from nightvoice.system.strict import Strict


class NarrativePack(Strict):
    """The part of a ``Pack`` that ``insight.narrative`` needs."""

    language: str
    ledger: Ledger
    phrases: Phrases
    protocols: dict[str, tuple[Step, ...]]
    triage: Triage
    morning: Morning
    """Words for ``insight.narrative``."""

    @model_validator(mode="after")
    def _what_is_named_exists(self) -> "NarrativePack":
        missing = ({*SITES, THIGH, UNKNOWN} - self.protocols.keys()) | (
            set(SITES) - (self.phrases.places.keys() & self.phrases.place_names.keys())
        )
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
        return self

    @model_validator(mode="after")
    def _every_clinical_sentence_has_a_claim_that_holds(self) -> "NarrativePack":
        check_claims(self, self.ledger)
        return self
