"""The shape of a language pack. Loading checks it, so that nothing malformed or unfounded can ever be spoken."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PositiveInt, model_validator

from nightvoice.content.morning import OTHER_FLAG, Morning

Site = Literal["calf", "arch", "toes", "shin", "hamstring", "quadriceps"]
Action = Literal["emergency", "urgent", "doctor", "morning"]
Condition = Literal["fall_risk", "limited_mobility", "pregnant", "blood_thinners"]
SITES: tuple[Site, ...] = ("calf", "arch", "toes", "shin", "hamstring", "quadriceps")
UNKNOWN = "unknown"
"""The protocol for a site that was not understood."""

Variants = Annotated[
    tuple[str, ...], BeforeValidator(lambda value: (value,) if isinstance(value, str) else value), Field(min_length=1)
]
"""One text, or several to be taken in turn."""


class Strict(BaseModel):
    """A part of a pack: unknown keys are errors, values cannot change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Claim(Strict):
    """A row of the claims ledger."""

    claim: str
    seeds: tuple[int, ...] = ()
    kind: str
    verdict: Literal["adopt", "caution", "reject"]
    reason: str = ""
    sources: tuple[str, ...] = ()
    """Keys of the ledger's list; empty where `reason` says that none was found."""

    @model_validator(mode="after")
    def _something_speaks_for_the_verdict(self) -> "Claim":
        if not self.sources and not self.reason:
            raise ValueError(f'the claim "{self.claim}" has neither a source nor a reason')
        return self


class Ledger(Strict):
    """claims.yaml."""

    claims: dict[str, Claim]
    sources: dict[str, str]

    @model_validator(mode="after")
    def _sources_are_known(self) -> "Ledger":
        for name, claim in self.claims.items():
            for source in claim.sources:
                if source not in self.sources:
                    raise ValueError(f"claim {name}: source {source} is not in the list of sources")
        return self


class Advice(Strict):
    """A clinical sentence."""

    say: Variants
    claim: str
    loud: bool = False


class Place(Strict):
    """How a site is said, by side: ``in your left calf``."""

    none: str
    left: str
    right: str
    both: str

    def of(self, side: str | None) -> str:
        """The words for ``left``, ``right``, ``both`` or None."""
        words = {"left": self.left, "right": self.right, "both": self.both}
        return words.get(side or "", self.none)


class Phrases(Strict):
    """phrases.yaml."""

    talk: dict[str, Variants]
    advice: dict[str, Advice]
    places: dict[Site, Place]
    counts: tuple[str, ...] = Field(min_length=30)


class Step(Strict):
    """One step of a relief protocol."""

    id: str
    say: Variants
    claim: str
    hold: PositiveInt
    """Seconds."""
    rest: PositiveInt = 10
    """Seconds between two holds."""
    times: PositiveInt = 1
    again: Variants
    only_if_eased: bool = False
    confirm: str | None = None
    not_with: tuple[Condition, ...] = ()
    flag_if_eased: str | None = None

    @model_validator(mode="after")
    def _an_eased_step_is_confirmed(self) -> "Step":
        if self.only_if_eased and not self.confirm:
            raise ValueError(f"step {self.id}: a step for afterwards needs `confirm`, the question whether it is safe")
        return self


class Flag(Strict):
    """A danger sign."""

    say: Variants
    claim: str
    action: Action


class Question(Strict):
    """A yes/no question that looks for a danger sign."""

    ask: str
    flag: str


class Triage(Strict):
    """triage.yaml."""

    questions: tuple[Question, ...] = Field(min_length=1)
    question_again: str
    flags: dict[str, Flag]


class Pack(Strict):
    """Everything that is said, asked and understood in one language."""

    language: str
    ledger: Ledger
    phrases: Phrases
    protocols: dict[str, tuple[Step, ...]]
    triage: Triage
    intents: dict[str, Any]
    """Sentence templates for ``listening.grammar``."""
    morning: Morning
    """Words for ``insight.telling``."""

    @model_validator(mode="after")
    def _what_is_named_exists(self) -> "Pack":
        missing = ({*SITES, UNKNOWN} - self.protocols.keys()) | (set(SITES) - self.phrases.places.keys())
        if missing:
            raise ValueError(f"no protocol or no place for {', '.join(sorted(missing))}")
        flags = self.triage.flags
        wordless = {*flags, OTHER_FLAG} - self.morning.flags.keys()
        if wordless:
            raise ValueError(f"morning.yaml: no words for the flag {', '.join(sorted(wordless))}")
        for question in self.triage.questions:
            if question.flag not in flags:
                raise ValueError(
                    f'the question "{question.ask}" raises the flag {question.flag}, which is not described'
                )
        for site, steps in self.protocols.items():
            for step in steps:
                if step.flag_if_eased and step.flag_if_eased not in flags:
                    raise ValueError(
                        f"step {step.id} of {site} raises the flag {step.flag_if_eased}, which is not described"
                    )
        for group in self.intents.get("intents", {}).get("flag", {}).get("data", []):
            if group["slots"]["flag"] not in flags:
                raise ValueError(f"intents.yaml: the flag {group['slots']['flag']} is not described in triage.yaml")
        return self

    @model_validator(mode="after")
    def _every_clinical_sentence_has_a_claim_that_holds(self) -> "Pack":
        clinical: list[tuple[str, str]] = [
            (f"advice {key}", advice.claim) for key, advice in self.phrases.advice.items()
        ]
        clinical += [("other_claim of morning.yaml", self.morning.other_claim)]
        clinical += [(f"flag {key}", flag.claim) for key, flag in self.triage.flags.items()]
        clinical += [
            (f"step {step.id} of {site}", step.claim) for site, steps in self.protocols.items() for step in steps
        ]
        for where, name in clinical:
            claim = self.ledger.claims.get(name)
            if claim is None:
                raise ValueError(f"{where}: the claim {name} is not in the ledger")
            if claim.verdict == "reject":
                raise ValueError(f"{where}: the claim {name} was rejected, so it cannot be said")
        return self
