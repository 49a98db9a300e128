"""Which steps helped this person before. It orders the steps of a protocol."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from nightvoice.content.schema import Step

StepKey = tuple[str, str]
"""Protocol and step id."""


@dataclass(frozen=True)
class StepHistory:
    """How often each step eased a cramp, and how often it made one worse."""

    eased: Counter[StepKey]
    worse: Counter[StepKey]

    def with_effect(self, key: StepKey, effect: str) -> "StepHistory":
        """Return the history with one more ``eased`` or ``worse``; other effects change nothing."""
        match effect:
            case "eased":
                return StepHistory(self.eased + Counter([key]), self.worse)
            case "worse":
                return StepHistory(self.eased, self.worse + Counter([key]))
        return self

    def helped_at(self, protocol: str) -> bool:
        """Return whether any step of ``protocol`` eased a cramp."""
        return any(count for (at, _), count in self.eased.items() if at == protocol)

    def ordered(self, protocol: str, steps: Iterable[Step]) -> tuple[Step, ...]:
        """Return ``steps``, those that eased a cramp first and those that made one worse last.

        Steps for afterwards (``only_if_eased``) stay behind all others.
        """

        def rank(step: Step) -> tuple[bool, int, int]:
            key = (protocol, step.id)
            eased, worse = self.eased[key], self.worse[key]
            return (step.only_if_eased, 2 if worse else 0 if eased else 1, worse - eased)

        return tuple(sorted(steps, key=rank))


NO_STEP_HISTORY = StepHistory(Counter(), Counter())
