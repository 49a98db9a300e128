"""What can be said in each state of the dialogue, and what it means: made from the pack's sentence templates."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hassil.intents import Intents
from hassil.parse_expression import parse_sentence
from hassil.parser import ParseError

from nightvoice.errors import NightvoiceError
from nightvoice.listening.phrase_graph import PhraseGraph


@dataclass(frozen=True)
class Grammar:
    """What a recogniser is to listen for."""

    name: str
    states: int
    """Number of states of the finite-state grammar; 0 starts, 1 is final."""
    transitions: tuple[tuple[int, int, str], ...]
    """Its arcs: from, to, word (lower case)."""
    phrases: tuple[str, ...]
    """Examples that have between them every pair of neighbouring words of the grammar (all would be too many)."""
    words: frozenset[str]
    pronunciations: Mapping[str, str]
    """Word to phones (ARPAbet, blanks between) for words of the pack that dictionaries lack."""


@dataclass(frozen=True)
class Meaning:
    """What somebody said, understood."""

    intent: str
    slots: Mapping[str, str]
    text: str


DECOY = ""
"""The intent of phrases that sound near a command and must not act."""

_Sense = tuple[str, dict[str, str]]
"""Intent and fixed slots of a sentence template."""
_Compiled = tuple[Grammar, PhraseGraph, list[_Sense]]


class Understanding:
    """The content pack's intents: a grammar for the recogniser, a meaning for its words.

    ``data`` is the mapping of ``intents.yaml``: hassil's ``intents``, ``lists``, ``expansion_rules``, ``skip_words``,
    and ours: ``states`` (intents understood in each dialogue state), ``decoys``, ``pronunciations``. Raises
    NightvoiceError where it cannot be used.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        try:
            self._pack = Intents.from_dict(dict(data))
        except (KeyError, TypeError, AttributeError, ParseError) as error:
            raise NightvoiceError(f"the intents cannot be read: {error!r}") from error
        self._states: dict[str, tuple[str, ...]] = {s: tuple(names) for s, names in data["states"].items()}
        for state, names in self._states.items():
            for name in names:
                if name not in self._pack.intents:
                    raise NightvoiceError(f"state '{state}' lists the intent '{name}', which has no sentences")
        self._decoys = [str(d) for d in data.get("decoys", [])]
        self._skip = frozenset(self._pack.skip_words)
        self._pronunciations: dict[str, str] = dict(data.get("pronunciations", {}))
        self._compiled: dict[tuple[str, ...], _Compiled] = {}

    @property
    def states(self) -> tuple[str, ...]:
        return tuple(self._states)

    def grammar(self, state: str) -> Grammar:
        """What may be said in ``state``, decoys and fillers with it; states with the same intents share one grammar."""
        return self._compile(state)[0]

    def understand(self, text: str, state: str) -> Meaning | None:
        """The meaning of a whole phrase, fillers at its ends aside; None for decoys and everything else."""
        _, graph, senses = self._compile(state)
        words = text.lower().split()
        for candidate in (words, self._without_fillers(words)):
            found = graph.read(candidate)
            if found:
                intent, fixed = senses[found[0]]
                return None if intent == DECOY else Meaning(intent, {**fixed, **found[1]}, text)
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
        names = self._states[state]
        if names not in self._compiled:
            self._compiled[names] = self._build(state, names)
        return self._compiled[names]

    def _build(self, state: str, names: tuple[str, ...]) -> _Compiled:
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
        for decoy in self._decoys:
            graph.add(parse_sentence(decoy).expression, len(senses))
            senses.append((DECOY, {}))
        states, arcs = _with_fillers(*graph.transitions(), self._skip)
        grammar = Grammar(
            name=state,
            states=states,
            transitions=arcs,
            phrases=tuple(dict.fromkeys(graph.examples())),
            words=frozenset(word for _, _, word in arcs),
            pronunciations=self._pronunciations,
        )
        return grammar, graph, senses


def _with_fillers(
    states: int, arcs: list[tuple[int, int, str]], fillers: frozenset[str]
) -> tuple[int, tuple[tuple[int, int, str], ...]]:
    """The grammar with one filler word allowed before and one after each phrase."""
    begun, said = states, states + 1
    around: list[tuple[int, int, str]] = []
    for one, two, word in arcs:
        if one == 0:
            around.append((begun, two, word))
        if two == 1:
            around.append((one, said, word))
        if one == 0 and two == 1:
            around.append((begun, said, word))
    around += [(0, begun, f) for f in sorted(fillers)] + [(said, 1, f) for f in sorted(fillers)]
    return states + 2, (*arcs, *around)
