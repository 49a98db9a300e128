"""Schema of patterns.yaml: the words for patterns across nights."""

from pydantic import Field

from nightvoice.content.counted import Counted
from nightvoice.system.strict import Strict


class Factor(Strict):
    """The words for a factor: something that a day had or did not have."""

    label: str
    given: str
    """The start of a sentence: "After alcohol"."""
    otherwise: str
    claim: str | None = None
    """The claim about this factor in general."""


class ByVerdict(Strict):
    """A text for each ``insight.patterns.PatternVerdict``."""

    more: str
    less: str
    alike: str
    unclear: str
    too_few: str


class PatternWords(Strict):
    """patterns.yaml."""

    title: str
    not_enough: str
    based_on: str
    partly: Counted
    unheard: Counted
    left_out: str
    looked_at: Counted
    answer_more: str
    answer_less: str
    nothing: str
    marks: str
    no_difference: str
    date: str
    and_: str = Field(alias="and")
    caution: str
    caution_claim: str
    headings: ByVerdict
    sentences: ByVerdict
    fewer: str
    more: str
    factors: dict[str, Factor]
    other_factor: Factor
    before_after: str
    method_title: str
    method: tuple[str, ...] = Field(min_length=1)

    def factor(self, name: str) -> Factor:
        """Return the words for a factor; a tag without its own words is quoted."""
        if name in self.factors:
            return self.factors[name]
        other = self.other_factor
        return Factor(
            label=other.label.format(tag=name),
            given=other.given.format(tag=name),
            otherwise=other.otherwise.format(tag=name),
        )
