"""Schema of claims.yaml: statements about cramps with their verdict, evidence and sources."""

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
    """Numbers of the seed articles that state the claim; a test compares them with the clinical reference."""
    kind: str
    verdict: ClaimVerdict
    grade: Grade
    """Grade of the evidence for the verdict; ``Ledger.grades`` explains each grade."""
    reason: str = ""
    sources: tuple[str, ...] = ()
    """Keys of ``Ledger.sources``; empty if none was found, as ``reason`` then explains."""
    not_with: tuple[Condition, ...] = ()
    """Conditions that every sentence with this claim must rule out, or name in ``only_with``."""
    silent: str = ""
    """Why no sentence uses the claim although it was not rejected; empty if one does."""
    also: tuple[str, ...] = ()
    """Other words under which ``nightvoice why`` finds the claim."""

    @model_validator(mode="after")
    def _something_speaks_for_the_verdict(self) -> "Claim":
        if not self.sources and not self.reason:
            raise ValueError(f'the claim "{self.claim}" has neither a source nor a reason')
        return self


class Ledger(Strict):
    """claims.yaml."""

    grades: dict[Grade, str] = Field(min_length=7)
    verdicts: dict[ClaimVerdict, str] = Field(min_length=3)
    claims: dict[str, Claim]
    sources: dict[str, str]
    links: dict[str, str]
    """Web addresses of sources."""

    @model_validator(mode="after")
    def _sources_are_known(self) -> "Ledger":
        for name, claim in self.claims.items():
            for source in claim.sources:
                if source not in self.sources:
                    raise ValueError(f"claim {name}: source {source} is not in the list of sources")
        for source, link in self.links.items():
            if source not in self.sources or not link.startswith("https://"):
                raise ValueError(f"links: {source} is not the name of a source, or {link} no address of the web")
        return self
