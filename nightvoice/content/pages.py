"""The words of the pages for reading and printing, checked at load like the spoken ones."""

from functools import cache
from pathlib import Path
from typing import Any

from pydantic import model_validator

from nightvoice.content.claims import Ledger
from nightvoice.content.loader import HERE, checked
from nightvoice.content.morning import Morning
from nightvoice.content.patterns import PatternWords
from nightvoice.content.report import ReportWords
from nightvoice.system.strict import Strict
from nightvoice.system.yaml_file import read_yaml

FILES = ("morning", "patterns", "report")


class Pages(Strict):
    """patterns.yaml and report.yaml, with the morning words and the claims ledger that they use."""

    ledger: Ledger
    morning: Morning
    patterns: PatternWords
    report: ReportWords

    @model_validator(mode="after")
    def _every_claim_holds(self) -> "Pages":
        factors = {f"factor {name}": factor.claim for name, factor in self.patterns.factors.items() if factor.claim}
        questions = {f"question {name}": question.claim for name, question in self.report.questions.items()}
        named = {"caution_claim of patterns.yaml": self.patterns.caution_claim, **factors, **questions}
        for where, name in named.items():
            claim = self.ledger.claims.get(name)
            if claim is None:
                raise ValueError(f"{where}: the claim {name} is not in the ledger")
            if claim.verdict == "reject":
                raise ValueError(f"{where}: the claim {name} was rejected, so it cannot be shown")
        return self


@cache
def load_pages(language: str = "en", folder: Path = HERE) -> Pages:
    """Load the pages of ``folder/language``; a language without its own gets the English ones.

    Raises NightvoiceError if a file is invalid.
    """
    pack = folder / language
    if not all((pack / f"{name}.yaml").is_file() for name in FILES):
        pack = folder / "en"
    data: dict[str, Any] = {name: read_yaml(pack / f"{name}.yaml") for name in FILES}
    return checked(Pages, data | {"ledger": read_yaml(folder / "claims.yaml")}, pack.name)
