"""What helped this person before, and what did not: it orders the steps of a protocol."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from nightvoice.content.schema import Step

Key = tuple[str, str]
"""Protocol and step."""


@dataclass(frozen=True)
class StepHistory:
    """How often each step eased it, and how often it made it worse."""

    eased: Counter[Key]
    worse: Counter[Key]

    def with_effect(self, key: Key, effect: str) -> "StepHistory":
        """One more ``eased`` or ``worse``; any other effect changes nothing."""
        match effect:
            case "eased":
                return StepHistory(self.eased + Counter([key]), self.worse)
            case "worse":
                return StepHistory(self.eased, self.worse + Counter([key]))
        return self

    def ordered(self, protocol: str, steps: Iterable[Step]) -> tuple[Step, ...]:
        """What eased it comes first and what made it worse last; what asks to stand stays behind all that does not."""

        def rank(step: Step) -> tuple[bool, int, int]:
            key = (protocol, step.id)
            eased, worse = self.eased[key], self.worse[key]
            return (step.only_if_eased, 2 if worse else 0 if eased else 1, worse - eased)

        return tuple(sorted(steps, key=rank))


NO_STEP_HISTORY = StepHistory(Counter(), Counter())
