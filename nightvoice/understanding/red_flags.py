"""Finds danger signs in free text, with the words and signs of a content pack (triage.yaml).

The method comes from clinical text search (NegEx, Chapman 2001; ConText, Harkema 2009): find the concepts of each sign
near one another, then look at the cues around them (not, last year, what if, …).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise, product
from re import findall
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from nightvoice.content.triage import ACTIONS, CALM_ACTIONS, CueKind, Sign, Triage

TWO_TYPOS_LENGTH: Final = 9
"""Length in letters from which a word may have two typos; shorter words may have one."""
NEGATION_SCOPE: Final = 8
"""Number of words after a negation that it can deny."""
HARMLESS: Final = ""
"""Stands for harmless idioms among the names of concepts and cues."""


class Assertion(IntEnum):
    """How the text asserts a danger sign; of several mentions the highest counts."""

    ABSENT = 0
    """Not about tonight."""
    DENIED = 1
    POSSIBLE = 2
    """The guide must ask first."""
    PRESENT = 3


@dataclass(frozen=True, slots=True)
class RedFlagFinding:
    """The danger sign found in an utterance, if any."""

    flag: str | None = None
    sure: bool = True
    """False if the sign must be asked about first."""
    denied: bool = False
    """No sign was found, but one was explicitly denied."""
    what_if: bool = False
    """The text asks what to do if something happened, so it tells of nothing that has."""
    dismissed: frozenset[str] = frozenset()
    """Signs that the text mentions, but denies or places in another time, another person or a story."""


NOTHING_FOUND: Final = RedFlagFinding()


@dataclass(frozen=True, slots=True)
class _Span:
    """A phrase of the lexicon in the utterance: tokens ``start`` to ``end`` (exclusive)."""

    start: int
    end: int
    names: frozenset[str]
    """Its concepts and cue kinds."""

    def __len__(self) -> int:
        return self.end - self.start

    def contains(self, other: "_Span") -> bool:
        return self.start <= other.start and other.end <= self.end


class RedFlagDetector:
    """Finds the danger signs of ``triage`` in free text."""

    def __init__(self, triage: Triage) -> None:
        self._triage = triage
        lexicon = triage.lexicon
        phrases: dict[tuple[str, ...], set[str]] = {}
        for name, lexemes in (*lexicon.concepts.items(), *lexicon.cues.items(), (HARMLESS, lexicon.harmless)):
            for lexeme in lexemes:
                phrases.setdefault(tuple(_tokens(lexeme)), set()).add(name)
        self._phrases = {phrase: frozenset(names) for phrase, names in phrases.items()}
        self._concepts = frozenset(lexicon.concepts)
        others = {word for near in lexicon.misspelt.values() for word in near}
        self._known_words = frozenset({word for phrase in phrases for word in phrase} | others)
        self._correctable: dict[str, list[str]] = {}
        for word in lexicon.misspelt:
            self._correctable.setdefault(word[0], []).append(word)

    def find(self, text: str) -> RedFlagFinding:
        """Return the most urgent danger sign that ``text`` mentions."""
        words = [self._correct_typos(word) for token in _tokens(text) for word in self._uncontracted(token)]
        utterance = _Utterance(words, self._phrases, self._concepts)
        best: tuple[int, int, str] | None = None
        denied, dismissed = False, set()
        for flag, signs in self._triage.lexicon.signs.items():
            assertion = utterance.assertion(signs)
            if assertion is None:
                continue
            denied = denied or assertion is Assertion.DENIED
            if assertion <= Assertion.DENIED:
                dismissed.add(flag)
            action = self._triage.flags[flag].action
            if assertion is Assertion.PRESENT or (assertion is Assertion.POSSIBLE and action not in CALM_ACTIONS):
                found = (int(assertion), -ACTIONS.index(action), flag)
                if best is None or found[:2] > best[:2]:
                    best = found
        what_if, others = utterance.asks_what_if(), frozenset(dismissed)
        if best is None:
            return RedFlagFinding(denied=denied, what_if=what_if, dismissed=others)
        return RedFlagFinding(best[2], sure=best[0] == Assertion.PRESENT, what_if=what_if, dismissed=others)

    def _uncontracted(self, token: str) -> tuple[str, ...]:
        """Return "chest's" as "chest is"; a contraction that the lexicon knows stays."""
        noun, apostrophe, end = token.rpartition("'")
        known = token in self._known_words or noun not in self._known_words
        return (token,) if known or not apostrophe or end != "s" else (noun, "is")

    def _correct_typos(self, token: str) -> str:
        """Return the word that ``token`` misspells, or ``token``. The first letter is hardly ever the wrong one."""
        if token in self._known_words:
            return token
        typos = 2 if len(token) >= TWO_TYPOS_LENGTH else 1
        near = process.extractOne(token, self._correctable.get(token[0], ()), scorer=OSA.distance, score_cutoff=typos)
        return near[0] if near else token


class _Utterance:
    """The tokens of an utterance and the phrases of the lexicon found among them."""

    def __init__(
        self, tokens: Sequence[str], phrases: Mapping[tuple[str, ...], frozenset[str]], concepts: frozenset[str]
    ) -> None:
        self._concepts = concepts
        longest = max(map(len, phrases))
        found = [
            _Span(start, end, names)
            for start in range(len(tokens))
            for end in range(start + 1, min(start + longest, len(tokens)) + 1)
            if (names := phrases.get(tuple(tokens[start:end])))
        ]
        kept = (_Span(span.start, span.end, self._names_left(span, found)) for span in found)
        self._spans = [span for span in kept if span.names]

    def _names_left(self, span: _Span, found: Sequence[_Span]) -> frozenset[str]:
        """Return the names of ``span`` that no longer phrase overrides: "no feeling" is not "no"."""
        names = span.names
        for other in found:
            longer = other.contains(span) and len(other) > len(span)
            crossing = other.start < span.end and span.start < other.end and not span.contains(other)
            if HARMLESS in other.names and (longer or (crossing and HARMLESS not in names)):
                return frozenset()
            if longer:
                names &= self._concepts
        return names

    def asks_what_if(self) -> bool:
        """Return whether the text asks what to do if something happened."""
        if any("may_come" not in cue.names for cue in self._named("present")):
            return False
        return any(self._named("what_if")) or (any(self._named("supposed")) and any(self._named("what_then")))

    def assertion(self, signs: Sequence[Sign]) -> Assertion | None:
        """Return how the text asserts any of a flag's ``signs``; None if it mentions none.

        A doubtful sign does not outweigh a clear denial.
        """
        found = {(self._assess(sign, spans), sign.doubtful) for sign in signs for spans in self._occurrences(sign)}
        if (Assertion.DENIED, False) in found:
            found.discard((Assertion.POSSIBLE, True))
        return max((assertion for assertion, _ in found), default=None)

    def _occurrences(self, sign: Sign) -> Iterator[tuple[_Span, ...]]:
        """Yield every combination of spans in which the sign's concepts occur near one another."""
        for spans in product(*(self._named(concept) for concept in sign.all)):
            in_text = sorted(spans, key=lambda span: span.start)
            if any(one.end > two.start for one, two in pairwise(in_text)):
                continue
            between = in_text[-1].end - in_text[0].start - sum(map(len, spans))
            first, last = in_text[0].start, in_text[-1].start
            broken = any(first < cue.start < last for cue in self._named("clause_break"))
            if between <= sign.near and not broken and (not sign.in_order or list(spans) == in_text):
                yield spans

    def _assess(self, sign: Sign, spans: tuple[_Span, ...]) -> Assertion:
        clauses = {self._segment(span, "subject") for span in spans}
        statements = {self._segment(span) for span in spans}
        if any(self._segment(cue, "subject") in clauses for cue in self._named("ceased")):
            return Assertion.POSSIBLE
        denials = {self._negation(span) for span in spans}
        if denials == {Assertion.DENIED} or (Assertion.DENIED in denials and len(clauses) == 1):
            return Assertion.DENIED
        if denials != {Assertion.PRESENT}:
            return Assertion.POSSIBLE
        present = any(self._segment(cue) in statements for cue in self._named("present"))
        if not present and any(self._segment(cue) in statements for cue in self._named("elsewhere")):
            return Assertion.ABSENT
        doubts = [*self._named("supposed"), *self._named("what_if"), *(() if present else self._named("doubt"))]
        if sign.doubtful or any(self._segment(cue) in statements for cue in doubts):
            return Assertion.POSSIBLE
        return Assertion.PRESENT

    def _negation(self, span: _Span) -> Assertion:
        """Return DENIED if the span is negated, POSSIBLE if it may be, else PRESENT."""
        clause = self._segment(span, "subject")
        if any(cue.start >= span.end and self._segment(cue, "subject") == clause for cue in self._named("fine")):
            return Assertion.DENIED
        return min((self._negates(cue, span) for cue in self._named("negation")), default=Assertion.PRESENT)

    def _negates(self, cue: _Span, span: _Span) -> Assertion:
        """Whether the negation ``cue`` denies ``span``: surely within its clause, possibly along a list."""
        if not cue.end <= span.start < cue.end + NEGATION_SCOPE:
            return Assertion.PRESENT
        assertion = Assertion.DENIED
        for other in self._spans:
            if not cue.end <= other.start < span.start + 1:
                continue
            if other.names & {"subject", "clause_break"}:
                return Assertion.PRESENT
            if "coordination" in other.names:
                if not any(item.end == other.start and item.names & self._concepts for item in self._spans):
                    return Assertion.PRESENT  # "no, …" is an answer and denies nothing after it
                assertion = Assertion.POSSIBLE
        return assertion

    def _segment(self, span: _Span, *more: CueKind) -> int:
        """Return the number of the segment that ``span`` is in, divided by breaks, coordinations and ``more``."""
        kinds = {"clause_break", "coordination", *more}
        return sum(other.start <= span.start for other in self._spans if other.names & kinds)

    def _named(self, name: str) -> list[_Span]:
        return [span for span in self._spans if name in span.names]


def _tokens(text: str) -> list[str]:
    """Split into words and punctuation, in lower case."""
    return findall(r"\w+(?:'\w+)*|[.,;:!?…]", text.lower().replace("’", "'"))
