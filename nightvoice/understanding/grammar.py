"""What can be said in each state of the dialogue, and what it means: made from the pack's sentence templates."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hassil.intents import Intents
from hassil.parse_expression import parse_sentence
from hassil.parser import ParseError

from nightvoice.content.triage import Triage
from nightvoice.errors import NightvoiceError
from nightvoice.understanding.phrase_graph import PhraseGraph
from nightvoice.understanding.red_flags import NOTHING_FOUND, RedFlagDetector


@dataclass(frozen=True)
class Grammar:
    """What a recogniser is to listen for."""

    name: str
    states: int
    """Number of states of the finite-state grammar; 0 starts, 1 is final."""
    transitions: tuple[tuple[int, int, str, float], ...]
    """Its arcs: from, to, word (lower case), and how likely beside others, 0..1."""
    phrases: tuple[str, ...]
    """Examples that have between them every pair of neighbouring words of the grammar (all would be too many)."""
    words: frozenset[str]
    pronunciations: Mapping[str, str]
    """Word to phones (ARPAbet, blanks between) for words of the pack that dictionaries lack."""


@dataclass(frozen=True)
class RecognizeResult:
    """What somebody said, understood."""

    intent: str
    slots: Mapping[str, str]
    text: str


_FILLER_PROBABILITY: Final = 0.02
"""Of each filler word before and after a phrase: a breath or a noise must not become one."""
_UNEXPECTED_PROBABILITY: Final = 0.2
"""Of what was not just asked for: where both fit alike, it was the answer that was said."""
_DECOY_PROBABILITY: Final = 0.5
"""Of each phrase that only sounds near a command: where both fit alike, the command was said."""

_NAMING: Final = frozenset({"cramp", "site", "side", "flag", "number", "duration"})
"""Intents that are nothing without what they name."""

_Arc = tuple[int, int, str, float]
_Sense = tuple[str, dict[str, str]]
"""Intent and fixed slots of a sentence template."""
_Compiled = tuple[Grammar, PhraseGraph, list[_Sense]]


class IntentRecognizer:
    """The content pack's intents: a grammar for the recogniser, a meaning for its words.

    ``data`` is the mapping of ``intents.yaml``: hassil's ``intents``, ``lists``, ``expansion_rules``, ``skip_words``,
    and ours: ``states`` (intents understood in each dialogue state), ``expected`` (those that a state has just asked
    for), ``decoys`` (by state), ``pronunciations``. Raises NightvoiceError where it cannot be used.
    """

    def __init__(self, data: Mapping[str, Any], triage: Triage | None = None) -> None:
        """``triage``: finds danger signs in free text, too; without it only the phrases of ``data`` tell of them."""
        try:
            self._pack = Intents.from_dict(dict(data))
        except (KeyError, TypeError, AttributeError, ParseError) as error:
            raise NightvoiceError(f"the intents cannot be read: {error!r}") from error
        self._states: dict[str, tuple[str, ...]] = {s: tuple(names) for s, names in data["states"].items()}
        for state, names in self._states.items():
            for name in names:
                if name not in self._pack.intents:
                    raise NightvoiceError(f"state '{state}' lists the intent '{name}', which has no sentences")
        self._expected: dict[str, frozenset[str]] = {
            s: frozenset(names) for s, names in data.get("expected", {}).items()
        }
        decoys: Mapping[str, list[Any]] = data.get("decoys", {})
        self._decoys = {state: [str(decoy) for decoy in phrases] for state, phrases in decoys.items()}
        self._skip = frozenset(self._pack.skip_words)
        self._pronunciations: dict[str, str] = dict(data.get("pronunciations", {}))
        self._compiled: dict[str, _Compiled] = {}
        self._signs = RedFlagDetector(triage) if triage else None

    @property
    def states(self) -> tuple[str, ...]:
        return tuple(self._states)

    def grammar(self, state: str) -> Grammar:
        """What may be said in ``state``, decoys and fillers with it."""
        return self._compile(state)[0]

    def expects(self, intent: str, state: str) -> bool:
        """Whether it answers what the state has just asked for; true where it asks for nothing in particular."""
        return intent in self._expected.get(state, frozenset({intent}))

    def stands_alone(self, intent: str, state: str) -> bool:
        """Whether it may be said in ``state`` and tells all without naming a place, a number or a sign."""
        return intent in self._states[state] and intent not in _NAMING

    def understand(self, text: str, state: str) -> RecognizeResult | None:
        """What ``text`` means: a danger sign wherever it tells of one, else the meaning of a whole phrase.

        ``flag`` is a danger sign, ``suspicion`` one that is to be asked about first; both name it in the slot ``flag``.
        Of a phrase, fillers at the ends are overlooked, and punctuation; None for decoys and everything else.
        """
        meaning = self._phrase(text, state)
        finding = self._signs.find(text) if self._signs else NOTHING_FOUND
        if finding.flag is not None and (meaning is None or meaning.intent != "flag"):
            return RecognizeResult("flag" if finding.sure else "suspicion", {"flag": finding.flag}, text)
        if meaning is None and finding.denied and "no" in self._expected.get(state, frozenset()):
            return RecognizeResult("no", {}, text)
        return meaning

    def _phrase(self, text: str, state: str) -> RecognizeResult | None:
        _, graph, senses = self._compile(state)
        words = [bare for word in text.lower().replace("’", "'").split() if (bare := word.strip('.,!?;:…"-'))]
        for candidate in (words, self._without_fillers(words)):
            found = graph.read(candidate)
            if found:
                intent, fixed = senses[found[0]]
                return RecognizeResult(intent, {**fixed, **found[1]}, text)
        return None

    def _without_fillers(self, words: list[str]) -> list[str]:
        begin, end = 0, len(words)
        while begin < end and words[begin] in self._skip:
            begin += 1
        while end > begin and words[end - 1] in self._skip:
            end -= 1
        return words[begin:end]

    def _compile(self, state: str) -> _Compiled:
        if state not in self._states:
            raise NightvoiceError(f"there is no dialogue state '{state}': one of {', '.join(self._states)}")
        if state not in self._compiled:
            self._compiled[state] = self._build(state, self._states[state])
        return self._compiled[state]

    def _build(self, state: str, names: tuple[str, ...]) -> _Compiled:
        expected = self._expected.get(state, frozenset(names))
        graph = PhraseGraph(self._pack.slot_lists, self._pack.expansion_rules)
        senses: list[_Sense] = []
        for name in names:
            for block in self._pack.intents[name].data:
                for text in block.sentence_texts:
                    try:
                        graph.add(parse_sentence(text).expression, len(senses))
                    except (NightvoiceError, ParseError) as error:
                        raise NightvoiceError(f"intent '{name}', sentence '{text}': {error}") from error
                    senses.append((name, {slot: str(value) for slot, value in block.slots.items()}))
        states, plain = graph.transitions(
            lambda sentence: 1.0 if senses[sentence][0] in expected else _UNEXPECTED_PROBABILITY
        )
        states, arcs = _with_fillers(states, plain, self._skip)
        states, decoys = _chains(states, self._decoys.get(state, []))
        grammar = Grammar(
            name=state,
            states=states,
            transitions=(*arcs, *decoys),
            phrases=tuple(dict.fromkeys((*graph.examples(), *self._decoys.get(state, [])))),
            words=frozenset(word for _, _, word, _ in (*arcs, *decoys)),
            pronunciations=self._pronunciations,
        )
        return grammar, graph, senses


def _with_fillers(states: int, plain: list[_Arc], fillers: frozenset[str]) -> tuple[int, list[_Arc]]:
    """The grammar with one filler word allowed before and one after each phrase."""
    begun, said = states, states + 1
    arcs = list(plain)
    for one, two, word, probability in plain:
        if one == 0:
            arcs.append((begun, two, word, probability))
        if two == 1:
            arcs.append((one, said, word, probability))
        if one == 0 and two == 1:
            arcs.append((begun, said, word, probability))
    for filler in sorted(fillers):
        arcs += [(0, begun, filler, _FILLER_PROBABILITY), (said, 1, filler, _FILLER_PROBABILITY)]
    return states + 2, arcs


def _chains(states: int, phrases: list[str]) -> tuple[int, list[_Arc]]:
    """One way through the grammar for each decoy."""
    arcs: list[_Arc] = []
    for phrase in phrases:
        words = phrase.split()
        between = range(states, states + len(words) - 1)
        states += len(between)
        for one, two, word in zip([0, *between], [*between, 1], words, strict=True):
            arcs.append((one, two, word, _DECOY_PROBABILITY if one == 0 else 1.0))
    return states, arcs
