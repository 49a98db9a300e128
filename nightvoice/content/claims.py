"""The shape of claims.yaml: what is held about cramps, how good the evidence is, and where it comes from."""

from typing import Literal

from pydantic import Field, model_validator

from nightvoice.content.eligibility import Condition
from nightvoice.system.strict import Strict

ClaimVerdict = Literal["adopt", "caution", "reject"]
Grade = Literal["trial", "low", "observed", "guidance", "weak", "judgement", "none"]


class Claim(Strict):
    """A row of the claims ledger."""

    claim: str
    seeds: tuple[int, ...] = ()
    kind: str
    verdict: ClaimVerdict
    grade: Grade
    """Of the evidence for the verdict; ``Ledger.grades`` says what each means."""
    reason: str = ""
    sources: tuple[str, ...] = ()
    """Keys of the ledger's list; empty where `reason` says that none was found."""
    not_with: tuple[Condition, ...] = ()
    """Whoever says it must rule these conditions out, or be meant for them expressly (`only_with`)."""
    silent: str = ""
    """Why nobody can hear it although it was not rejected; empty for what can be heard."""
    also: tuple[str, ...] = ()
    """Other words by which somebody may look for it."""

    @model_validator(mode="after")
    def _something_speaks_for_the_verdict(self) -> "Claim":
        if not self.sources and not self.reason:
            raise ValueError(f'the claim "{self.claim}" has neither a source nor a reason')
        return self


class Ledger(Strict):
    """claims.yaml."""

    grades: dict[Grade, str] = Field(min_length=7)
    claims: dict[str, Claim]
    sources: dict[str, str]

    @model_validator(mode="after")
    def _sources_are_known(self) -> "Ledger":
        for name, claim in self.claims.items():
            for source in claim.sources:
                if source not in self.sources:
                    raise ValueError(f"claim {name}: source {source} is not in the list of sources")
        return self
