"""Schema of requests.yaml: what people ask for in their own words."""

import re
from functools import cached_property
from typing import Final, Literal, get_args

from pydantic import model_validator

from nightvoice.system.strict import Strict

Request = Literal[
    "towel", "dangle", "walk", "massage", "warm", "stretch_other", "first_again",
    "no_towel", "cannot_reach", "cannot_sit", "partner", "hurts", "not_working",
    "time", "how_long", "why", "medicine", "doctor", "danger",
    "drink", "get_up", "sleep", "light", "who", "what_can_you",
]  # fmt: skip
"""What can be asked for: a step, another way to do it, or an answer."""
REQUESTS: Final[tuple[Request, ...]] = get_args(Request)
_WORD: Final = re.compile(r"<(\w+)>")


class Requests(Strict):
    """requests.yaml: regular expressions by request. ``<name>`` in one stands for an entry of ``words``."""

    words: dict[str, str]
    unless: str
    """What no request contains: talk about other days and things."""
    refusal: str
    """Words right before a request that turn it down."""
    requests: dict[Request, tuple[str, ...]]
    """In the order in which they are tried."""
    refusable: tuple[Request, ...]
    """Requests that ``refusal`` turns down."""
    barring: dict[Request, str]
    """Words that rule one request out."""

    @model_validator(mode="after")
    def _all_are_there(self) -> "Requests":
        missing = set(REQUESTS) - self.requests.keys()
        if missing:
            raise ValueError(f"no words for {', '.join(sorted(missing))}")
        return self

    @cached_property
    def compiled(self) -> tuple[tuple[Request, re.Pattern[str]], ...]:
        """Each request with one expression for all its wordings, in order.

        Compiled on first use, since only a language without a sentence classifier needs them. Raises ``re.error`` or
        ``KeyError`` where one is not sound.
        """
        return tuple((name, self.whole_words("|".join(wordings))) for name, wordings in self.requests.items())

    def whole_words(self, expression: str) -> re.Pattern[str]:
        """Return ``expression``, with its words filled in, as a pattern that matches whole words only."""
        filled = _WORD.sub(lambda name: self.words[name[1]], expression)
        return re.compile(rf"(?<![\w'])(?:{filled})(?![\w])")
