"""The shape of triage.yaml: danger signs, how people tell of them, and what is said about each."""

from itertools import product
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import BeforeValidator, Field, model_validator

from nightvoice.content.eligibility import Condition
from nightvoice.content.vocabulary import Variants
from nightvoice.system.strict import Strict

FlagAction = Literal["emergency", "urgent", "doctor", "morning"]
ACTIONS: Final[tuple[FlagAction, ...]] = get_args(FlagAction)
"""All actions, most urgent first."""
CALM_ACTIONS: tuple[FlagAction, ...] = ("doctor", "morning")
"""Of flags that are said, or told in the morning, and do not end the guidance."""
CueKind = Literal[
    "negation",
    "fine",
    "ceased",
    "doubt",
    "supposed",
    "elsewhere",
    "present",
    "subject",
    "coordination",
    "clause_break",
    "nothing",
]


def _expand_alternatives(phrases: Any) -> Any:
    """``can't get|catch my breath`` is two phrases; a list within the list is another's, by its YAML anchor."""
    if not isinstance(phrases, list):
        return phrases
    flat = [each for phrase in phrases for each in (phrase if isinstance(phrase, list) else [phrase])]
    ways = (product(*(word.split("|") for word in str(phrase).split())) for phrase in flat)
    return tuple(" ".join(words) for way in ways for words in way)


Lexemes = Annotated[tuple[str, ...], BeforeValidator(_expand_alternatives), Field(min_length=1)]
"""Words and phrases; a bar stands between words that can take the same place."""


class Sign(Strict):
    """Concepts of the lexicon that together tell of a danger; in YAML the bare list of them, or all the fields."""

    all: tuple[str, ...] = Field(min_length=1)
    near: int = 5
    """How many other words may stand between them."""
    in_order: bool = False
    doubtful: bool = False
    """It may well be harmless: it is asked about."""


class Lexicon(Strict):
    """How people tell of danger signs: words for concepts, signs made of them, and cues that change their sense."""

    concepts: dict[str, Lexemes]
    signs: dict[str, tuple[Annotated[Sign, BeforeValidator(lambda v: {"all": v} if isinstance(v, list) else v)], ...]]
    """By flag."""
    cues: dict[CueKind, Lexemes]
    harmless: Lexemes
    """Idioms with words of a concept in them."""
    misspelt: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Words recognised with a letter wrong (two in long ones), and the words of their own that look like that."""

    @model_validator(mode="after")
    def _signs_are_made_of_concepts(self) -> "Lexicon":
        for flag, signs in self.signs.items():
            for sign in signs:
                for concept in sign.all:
                    if concept not in self.concepts:
                        raise ValueError(f"a sign of {flag} names the concept {concept}, which has no words")
        return self


class Flag(Strict):
    """A danger sign."""

    say: Variants
    say_with: dict[Condition, Variants] = Field(default_factory=dict)
    """Other words for a person with this condition."""
    claim: str
    action: FlagAction
    ask: str = ""
    """The yes/no question that settles a doubt; a calm flag needs none."""

    @model_validator(mode="after")
    def _pressing_flags_can_be_asked_about(self) -> "Flag":
        if not self.ask and self.action not in CALM_ACTIONS:
            raise ValueError("needs `ask`, the question that settles a doubt")
        return self

    def words(self, profile: frozenset[str]) -> tuple[str, ...]:
        """What is said to somebody with these conditions."""
        return next((texts for condition, texts in self.say_with.items() if condition in profile), self.say)


class Triage(Strict):
    """triage.yaml."""

    questions: tuple[str, ...] = Field(min_length=1)
    """Flags that are asked about, in this order, when a cramp is not like the usual one, or gets worse."""
    flags: dict[str, Flag]
    lexicon: Lexicon

    @model_validator(mode="after")
    def _flags_are_described(self) -> "Triage":
        for where, names in (("questions", self.questions), ("signs", tuple(self.lexicon.signs))):
            for name in names:
                if name not in self.flags:
                    raise ValueError(f"{where}: the flag {name} is not described")
        for name in self.questions:
            if not self.flags[name].ask:
                raise ValueError(f"questions: the flag {name} has no `ask`")
        return self
