"""Triage: which danger sign a person's words tell of, if any. Pure; words and signs are the pack's (triage.yaml).

The technique is that of clinical text search (NegEx, Chapman 2001; ConText, Harkema 2009): find the concepts of each
sign near one another, then see which cues (not, last year, what if, …) stand about them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise, product
from re import findall
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from nightvoice.content.triage import CALM_ACTIONS, CueKind, Sign, Triage

URGENCY: Final = ("emergency", "urgent", "doctor", "morning")
"""Actions, the most pressing first."""
TWO_WRONG_FROM: Final = 9
"""Letters of a word in which two may be wrong, else one."""
NEGATION_REACHES: Final = 8
"""Words after "not" that it can deny."""


HARMLESS: Final = ""
"""Name of the idioms among the names of concepts and cues."""


class Standing(IntEnum):
    """What the words about a sign make of it; the highest counts."""

    NOTHING = 0
    DENIED = 1
    ASK = 2
    SURE = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """What triage makes of an utterance."""

    flag: str | None = None
    sure: bool = True
    """False: to be asked about first."""
    denied: bool = False
    """No flag, but a sign was said not to be there."""


NOTHING_FOUND: Final = Finding()


@dataclass(frozen=True, slots=True)
class _Span:
    """A phrase of the lexicon in the utterance: tokens ``start`` up to, not including, ``end``."""

    start: int
    end: int
    names: frozenset[str]
    """Its concepts and kinds of cue."""

    def __len__(self) -> int:
        return self.end - self.start

    def holds(self, other: "_Span") -> bool:
        return self.start <= other.start and other.end <= self.end


class RedFlagDetector:
    """Reads danger signs out of free text."""

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
        self._well_spelt = frozenset({word for phrase in phrases for word in phrase} | others)
        self._misspelt: dict[str, list[str]] = {}
        for word in lexicon.misspelt:
            self._misspelt.setdefault(word[0], []).append(word)

    def find(self, text: str) -> Finding:
        """The most pressing danger sign that ``text`` tells of."""
        utterance = _Utterance([self._spelt(token) for token in _tokens(text)], self._phrases, self._concepts)
        best: tuple[int, int, str] | None = None
        denied = False
        for flag, signs in self._triage.lexicon.signs.items():
            standing = utterance.standing(signs)
            denied = denied or standing is Standing.DENIED
            action = self._triage.flags[flag].action
            if standing is Standing.SURE or (standing is Standing.ASK and action not in CALM_ACTIONS):
                found = (int(standing), -URGENCY.index(action), flag)
                if best is None or found[:2] > best[:2]:
                    best = found
        if best is None:
            return Finding(denied=denied)
        return Finding(best[2], sure=best[0] == Standing.SURE)

    def _spelt(self, token: str) -> str:
        """The word that ``token`` is a misspelling of, if it is one; the first letter is hardly ever the wrong one."""
        if token in self._well_spelt:
            return token
        wrong = 2 if len(token) >= TWO_WRONG_FROM else 1
        near = process.extractOne(token, self._misspelt.get(token[0], ()), scorer=OSA.distance, score_cutoff=wrong)
        return near[0] if near else token


class _Utterance:
    """The words of an utterance, with the phrases of the lexicon that are in them."""

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
        kept = (_Span(span.start, span.end, self._left(span, found)) for span in found)
        self._spans = [span for span in kept if span.names]

    def _left(self, span: _Span, found: Sequence[_Span]) -> frozenset[str]:
        """The names of ``span`` that longer phrases leave it: "no feeling" is not "no", "I fell asleep" is no fall."""
        names = span.names
        for other in found:
            longer = other.holds(span) and len(other) > len(span)
            crossing = other.start < span.end and span.start < other.end and not span.holds(other)
            if HARMLESS in other.names and (longer or (crossing and HARMLESS not in names)):
                return frozenset()
            if longer:
                names &= self._concepts
        return names

    def standing(self, signs: Sequence[Sign]) -> Standing:
        """What the signs of a flag come to here; a doubtful one raises no doubt about what was just denied."""
        found = {(self._judge(sign, spans), sign.doubtful) for sign in signs for spans in self._occurrences(sign)}
        if (Standing.DENIED, False) in found:
            found.discard((Standing.ASK, True))
        return max((standing for standing, _ in found), default=Standing.NOTHING)

    def _occurrences(self, sign: Sign) -> Iterator[tuple[_Span, ...]]:
        """Every way in which the sign's concepts stand near one another."""
        for spans in product(*(self._named(concept) for concept in sign.all)):
            in_text = sorted(spans, key=lambda span: span.start)
            if any(one.end > two.start for one, two in pairwise(in_text)):
                continue
            between = in_text[-1].end - in_text[0].start - sum(map(len, spans))
            walled = any(in_text[0].start < wall.start < in_text[-1].start for wall in self._named("wall"))
            if between <= sign.near and not walled and (not sign.in_order or list(spans) == in_text):
                yield spans

    def _judge(self, sign: Sign, spans: tuple[_Span, ...]) -> Standing:
        clauses = {self._part(span, "subject") for span in spans}
        statements = {self._part(span) for span in spans}
        if any(self._part(cue, "subject") in clauses for cue in self._named("ceased")):
            return Standing.ASK
        denials = {self._denial(span) for span in spans}
        if denials == {Standing.DENIED} or (Standing.DENIED in denials and len(clauses) == 1):
            return Standing.DENIED
        if denials != {Standing.SURE}:
            return Standing.ASK
        present = any(self._part(cue) in statements for cue in self._named("present"))
        if not present and any(self._part(cue) in statements for cue in self._named("elsewhere")):
            return Standing.NOTHING
        doubts = [*self._named("supposed"), *(() if present else self._named("doubt"))]
        if sign.doubtful or any(self._part(cue) in statements for cue in doubts):
            return Standing.ASK
        return Standing.SURE

    def _denial(self, span: _Span) -> Standing:
        """DENIED where the span is negated, ASK where it may be, else SURE."""
        clause = self._part(span, "subject")
        if any(cue.start >= span.end and self._part(cue, "subject") == clause for cue in self._named("fine")):
            return Standing.DENIED
        return min((self._reaches(cue, span) for cue in self._named("negation")), default=Standing.SURE)

    def _reaches(self, cue: _Span, span: _Span) -> Standing:
        """Whether the negation ``cue`` denies ``span``: as far as its clause goes, and perhaps along a list."""
        if not cue.end <= span.start < cue.end + NEGATION_REACHES:
            return Standing.SURE
        standing = Standing.DENIED
        for other in self._spans:
            if not cue.end <= other.start < span.start + 1:
                continue
            if other.names & {"subject", "wall"}:
                return Standing.SURE
            if "joint" in other.names:
                if not any(item.end == other.start and item.names & self._concepts for item in self._spans):
                    return Standing.SURE  # "no, …" answers, and denies nothing that follows
                standing = Standing.ASK
        return standing

    def _part(self, span: _Span, *more: CueKind) -> int:
        """Number of the stretch of the utterance that ``span`` is in: walls and joints part it, and ``more``."""
        kinds = {"wall", "joint", *more}
        return sum(other.start <= span.start for other in self._spans if other.names & kinds)

    def _named(self, name: str) -> list[_Span]:
        return [span for span in self._spans if name in span.names]


def _tokens(text: str) -> list[str]:
    """Words and punctuation."""
    return findall(r"\w+(?:'\w+)*|[.,;:!?…]", text.lower().replace("’", "'"))
