"""Schema of a step of a relief protocol or of the bedtime stretches."""

from typing import Literal

from pydantic import PositiveInt, model_validator

from nightvoice.content.eligibility import Restricted
from nightvoice.content.variants import Variants

StepKind = Literal["stretch", "loosen", "rub", "warmth", "dangle", "stand", "walk"]
"""What a step does. ``stand`` is a stretch while standing."""
StepPosition = Literal["bed", "sitting", "standing"]


class Step(Restricted):
    """One step: an instruction that is spoken, then held and counted."""

    id: str
    kind: StepKind
    position: StepPosition = "bed"
    towel: bool = False
    """Whether it is the step meant by "the towel"."""
    toes: Literal["toward", "away"] | None = None
    """The direction in which it moves the toes."""
    say: Variants
    claim: str
    hold: PositiveInt
    """Seconds of each hold."""
    rest: PositiveInt = 10
    """Seconds of rest between two holds."""
    times: PositiveInt = 1
    again: Variants
    only_if_eased: bool = False
    confirm: Variants | None = None
    """Question whether the step is safe; only a yes starts it."""
    flag_if_eased: str | None = None

    @model_validator(mode="after")
    def _an_eased_step_is_confirmed(self) -> "Step":
        if self.only_if_eased and not self.confirm:
            raise ValueError(f"step {self.id}: a step for afterwards needs `confirm`, the question whether it is safe")
        return self

    @model_validator(mode="after")
    def _nobody_who_may_fall_stands(self) -> "Step":
        if self.position == "standing" and not (self.only_if_eased and "fall_risk" in self.not_with):
            raise ValueError(f"step {self.id}: standing needs `only_if_eased: true`, and `not_with` fall_risk")
        return self
