"""Triage: which danger sign a person's words tell of, if any. Pure; words and signs are the pack's (triage.yaml).

The technique is that of clinical text search (NegEx, Chapman 2001; ConText, Harkema 2009): find the concepts of each
sign near one another, then see which cues (not, last year, what if, …) stand about them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import product
from re import findall
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from nightvoice.content.triage import CALM_ACTIONS, CueKind, Sign, Triage

URGENCY: Final = ("emergency", "urgent", "doctor", "morning")
"""Actions, the most pressing first."""
MISSPELT_FROM: Final = 5
"""Letters of the shortest word that is recognised with a wrong letter; shorter ones are too like each other."""
MISSPELT_TWICE_FROM: Final = 9
"""Letters from which two may be wrong."""
NEGATION_REACHES: Final = 8
"""Words after "not" that it can deny."""


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


@dataclass(frozen=True, slots=True)
class _Span:
    """A phrase of the lexicon in the utterance: tokens ``start`` up to, not including, ``end``."""

    start: int
    end: int
    names: frozenset[str]
    """Its concepts and kinds of cue."""


class DangerSigns:
    """Reads danger signs out of free text."""

    def __init__(self, triage: Triage) -> None:
        self._triage = triage
        lexicon = triage.lexicon
        phrases: dict[tuple[str, ...], set[str]] = {}
        for name, lexemes in (*lexicon.concepts.items(), *lexicon.cues.items(), ("", lexicon.harmless)):
            for lexeme in lexemes:
                phrases.setdefault(tuple(_tokens(lexeme)), set()).add(name)
        self._phrases = {phrase: frozenset(names) for phrase, names in phrases.items()}
        self._concepts = frozenset(lexicon.concepts)
        self._known = frozenset(word for phrase in phrases for word in phrase)
        self._known_well = self._known | {word.replace("'", "") for word in lexicon.not_misspelt}
        self._by_letter: dict[str, list[str]] = {}
        for word in sorted(self._known):
            if len(word) >= MISSPELT_FROM:
                self._by_letter.setdefault(word[0], []).append(word)

    def find(self, text: str) -> Finding:
        """The most pressing danger sign that ``text`` tells of."""
        utterance = _Utterance([self._spelt(token) for token in _tokens(text)], self._phrases, self._concepts)
        best: tuple[int, int, str] | None = None
        denied = False
        for flag, signs in self._triage.lexicon.signs.items():
            standing = max(utterance.standing(sign) for sign in signs)
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
        """The word of the lexicon that ``token`` is a misspelling of, or ``token``."""
        if len(token) < MISSPELT_FROM or token in self._known_well:
            return token
        wrong = 2 if len(token) >= MISSPELT_TWICE_FROM else 1
        near = process.extractOne(token, self._by_letter.get(token[0], ()), scorer=OSA.distance, score_cutoff=wrong)
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
        # The longest phrase counts: "no feeling" is not "no".
        self._spans = [s for s in found if not any(_within(s, other) for other in found)]

    def standing(self, sign: Sign) -> Standing:
        """What ``sign`` comes to here."""
        return max((self._judge(sign, spans) for spans in self._occurrences(sign)), default=Standing.NOTHING)

    def _occurrences(self, sign: Sign) -> Iterator[tuple[_Span, ...]]:
        """Every way in which the sign's concepts stand near one another."""
        for spans in product(*(self._named(concept) for concept in sign.all)):
            in_text = sorted(spans, key=lambda span: span.start)
            if any(one.end > two.start for one, two in zip(in_text, in_text[1:], strict=False)):
                continue
            between = in_text[-1].end - in_text[0].start - sum(span.end - span.start for span in spans)
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
        if sign.doubtful or (not present and any(self._part(cue) in statements for cue in self._named("doubt"))):
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


def _within(one: _Span, other: _Span) -> bool:
    return other.start <= one.start and one.end <= other.end and one.end - one.start < other.end - other.start


def _tokens(text: str) -> list[str]:
    """Words without their apostrophes, and punctuation."""
    return findall(r"\w+|[.,;:!?…]", text.lower().replace("’", "").replace("'", ""))
