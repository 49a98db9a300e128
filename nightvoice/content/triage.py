"""Schema of triage.yaml: danger signs, how people describe them, and what is said about each."""

from collections.abc import Collection
from itertools import product
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import BeforeValidator, Field, model_validator

from nightvoice.content.eligibility import Condition
from nightvoice.content.variants import Variants
from nightvoice.system.strict import Strict

FlagAction = Literal["emergency", "urgent", "doctor", "morning"]
ACTIONS: Final[tuple[FlagAction, ...]] = get_args(FlagAction)
"""All actions, most urgent first."""
CALM_ACTIONS: tuple[FlagAction, ...] = ("doctor", "morning")
"""Actions of flags that do not end the guidance."""
CueKind = Literal[
    "negation",
    "fine",
    "ceased",
    "doubt",
    "supposed",
    "what_if",
    "what_then",
    "elsewhere",
    "present",
    "may_come",
    "subject",
    "coordination",
    "clause_break",
    "nothing",
]


def _expand_alternatives(phrases: Any) -> Any:
    """Expand ``can't get|catch my breath`` into two phrases, and flatten lists that a YAML anchor includes."""
    if not isinstance(phrases, list):
        return phrases
    flat = [each for phrase in phrases for each in (phrase if isinstance(phrase, list) else [phrase])]
    ways = (product(*(word.split("|") for word in str(phrase).split())) for phrase in flat)
    return tuple(" ".join(words) for way in ways for words in way)


Lexemes = Annotated[tuple[str, ...], BeforeValidator(_expand_alternatives), Field(min_length=1)]
"""Words and phrases; a bar separates alternatives for the same place."""


class Sign(Strict):
    """Concepts that together indicate a danger. In YAML: a bare list of them, or a mapping of all fields."""

    all: tuple[str, ...] = Field(min_length=1)
    near: int = 5
    """Maximum number of other words between them."""
    in_order: bool = False
    doubtful: bool = False
    """Whether it may well be harmless, so that the guide asks about it."""


class Lexicon(Strict):
    """How people describe danger signs: words for concepts, signs made of them, and cues that change their meaning."""

    concepts: dict[str, Lexemes]
    signs: dict[str, tuple[Annotated[Sign, BeforeValidator(lambda v: {"all": v} if isinstance(v, list) else v)], ...]]
    """Signs by flag."""
    cues: dict[CueKind, Lexemes]
    harmless: Lexemes
    """Idioms that contain words of a concept."""
    misspelt: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Words matched despite one wrong letter (two in long ones), each with real words that look similar but differ."""

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
    """Different wordings for a person with this condition."""
    say_after: dict[str, Variants] = Field(default_factory=dict)
    """Different wordings if this other danger sign still stands, whose posture they must not contradict."""
    then: str = ""
    """What to do at once if it comes, for who asks "what if …?". No posture that another danger sign may forbid."""
    claim: str
    action: FlagAction
    ask: str = ""
    """The yes/no question about an uncertain sign; flags with a calm action need none."""

    @model_validator(mode="after")
    def _pressing_flags_can_be_asked_about(self) -> "Flag":
        if not self.ask and self.action not in CALM_ACTIONS:
            raise ValueError("needs `ask`, the question that settles a doubt")
        return self

    def words(self, profile: frozenset[str], signs: Collection[str] = ()) -> tuple[str, ...]:
        """Return the wordings for a person with these conditions, while these danger signs stand."""
        special = [texts for flag, texts in self.say_after.items() if flag in signs]
        special += [texts for condition, texts in self.say_with.items() if condition in profile]
        return special[0] if special else self.say


class Triage(Strict):
    """triage.yaml."""

    questions: tuple[str, ...] = Field(min_length=1)
    """Flags to ask about, in this order, if a cramp is unusual or gets worse."""
    flags: dict[str, Flag]
    calls: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """What people call out when they need help, word for word, by flag."""
    lexicon: Lexicon

    @model_validator(mode="after")
    def _flags_are_described(self) -> "Triage":
        for name, flag in self.flags.items():
            for other in flag.say_after:
                if other not in self.flags:
                    raise ValueError(f"{name}: say_after names the flag {other}, which is not described")
        described = {"questions": self.questions, "calls": tuple(self.calls), "signs": tuple(self.lexicon.signs)}
        for where, names in described.items():
            for name in names:
                if name not in self.flags:
                    raise ValueError(f"{where}: the flag {name} is not described")
        for name in (*self.questions, *self.calls):
            if not self.flags[name].ask:
                raise ValueError(f"questions and calls: the flag {name} has no `ask`")
        return self
