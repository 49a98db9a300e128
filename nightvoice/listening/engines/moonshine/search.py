"""Beam search for a grammar's most likely phrases, alongside the most likely free words, with the Moonshine model."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from nightvoice.listening.engines.moonshine.model import END, STRIDE_S, Moonshine, States
from nightvoice.understanding.grammar import Grammar

_BEAM: Final = 6
"""Beam width: phrases of the grammar that are followed at a time."""
_TOKENS_PER_S: Final = 6.5
"""Limit on the length of the text, above any rate of speech: on noise the model may repeat itself forever."""
_EXTRA_TOKENS: Final = 4
_FREE_MARGIN: Final = 16.0
"""Natural log by which a phrase may be less likely than the free words before it is dropped."""
_PHRASE_MARGIN: Final = 8.0
"""Natural log by which a phrase may be less likely than the best complete phrase before it is dropped."""
_PUNCTUATION: Final = ".!?,"


@dataclass(frozen=True, slots=True)
class Scored:
    """Words that may have been said, and the natural log of their probability."""

    text: str
    log_probability: float


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The most likely words of any kind, and the phrases of the grammar, most likely first."""

    free: Scored
    phrases: tuple[Scored, ...]


class TokenGraph:
    """A grammar in the model's tokens.

    A node is a set of positions, each a state of the grammar and the remaining tokens of the word that leads there.
    """

    Node = frozenset[tuple[int, tuple[int, ...]]]
    START: Final[Node] = frozenset({(0, ())})

    def __init__(self, grammar: Grammar, model: Moonshine) -> None:
        self._arcs: dict[int, list[tuple[int, str]]] = defaultdict(list)
        for one, two, word, _ in grammar.transitions:
            self._arcs[one].append((two, word))
        self._model = model
        self._comma = model.token(",")
        self._successors: dict[TokenGraph.Node, dict[int, TokenGraph.Node]] = {}

    @staticmethod
    def may_end(node: Node) -> bool:
        return (1, ()) in node

    def successors(self, node: Node) -> dict[int, Node]:
        """Return the tokens that may follow ``node``, each with the node that it leads to."""
        if node not in self._successors:
            after: dict[int, set[tuple[int, tuple[int, ...]]]] = defaultdict(set)
            for state, rest in node:
                for to, tokens in [(state, rest)] if rest else self._words(state):
                    after[tokens[0]].add((to, tokens[1:]))
                if not rest and state > 1:  # between two words: "Ow, my calf"
                    after[self._comma].add((state, ()))
            self._successors[node] = {token: frozenset(positions) for token, positions in after.items()}
        return self._successors[node]

    def _words(self, state: int) -> Iterator[tuple[int, tuple[int, ...]]]:
        for to, word in self._arcs[state]:
            # The model writes sentences, with a capital at the start and for "I".
            capital = state == 0 or word == "i" or word.startswith("i'")
            yield to, self._model.tokenize(word.capitalize() if capital else word)


@dataclass(frozen=True, slots=True)
class _Path:
    """A path of the search."""

    tokens: tuple[int, ...]
    log_probability: float
    node: TokenGraph.Node | None
    """None for the free words."""
    parent: int
    """Row of the path that it extends."""


def search(model: Moonshine, states: States, graph: TokenGraph) -> SearchResult:
    """Search the grammar with a beam, and decode free words greedily in the same batch."""
    ends = [END, *map(model.token, _PUNCTUATION)]
    first, cache = model.begin(states)
    paths = [_Path((), 0.0, None, 0), _Path((), 0.0, TokenGraph.START, 0)]
    probabilities, cache = np.stack([first, first]), cache.of([0, 0])
    free, ended = paths[0], list[_Path]()
    for _ in range(_EXTRA_TOKENS + round(_TOKENS_PER_S * STRIDE_S * states.shape[1])):
        going: list[_Path] = []
        grown: list[_Path] = []
        for row, (path, probability) in enumerate(zip(paths, probabilities, strict=True)):
            if path.node is None:
                best = int(probability.argmax())
                free = _Path((*path.tokens, best), path.log_probability + float(probability[best]), None, row)
                if best != END:
                    going.append(free)
                continue
            for token, node in graph.successors(path.node).items():
                grown.append(_Path((*path.tokens, token), path.log_probability + float(probability[token]), node, row))
            if graph.may_end(path.node):
                end = float(np.logaddexp.reduce(probability[ends]))
                ended.append(_Path(path.tokens, path.log_probability + end, path.node, row))
        ended = sorted(ended, key=_log_probability, reverse=True)[:_BEAM]
        # Probabilities only fall, so a path below the floor cannot recover.
        best_ended = (path.log_probability - _PHRASE_MARGIN for path in ended[:1])
        floor = max([free.log_probability - _FREE_MARGIN, *best_ended])
        grown = [path for path in grown if path.log_probability > floor]
        paths = going + sorted(grown, key=_log_probability, reverse=True)[:_BEAM]
        if not paths:
            break
        cache = cache.of([path.parent for path in paths])
        probabilities, cache = model.decode([path.tokens[-1] for path in paths], cache)
    return SearchResult(_scored(model, free), tuple(_scored(model, path) for path in ended))


def _log_probability(path: _Path) -> float:
    return path.log_probability


def _scored(model: Moonshine, path: _Path) -> Scored:
    return Scored(model.text([token for token in path.tokens if token != END]), path.log_probability)
