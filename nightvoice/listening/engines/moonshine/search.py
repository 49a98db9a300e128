"""The likeliest phrases of a grammar by the Moonshine model, against the likeliest words of all."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from nightvoice.listening.engines.moonshine.model import END, STRIDE_S, Moonshine, States, beside
from nightvoice.understanding.grammar import Grammar

_BEAM: Final = 6
"""Phrases of the grammar that are followed at a time."""
_PIECES_A_SECOND: Final = 6.5
"""More than anybody speaks; over noise the model may repeat itself for ever."""
_EXTRA_PIECES: Final = 4
_HOPELESS: Final = 16.0
"""A phrase so much less likely (log) than the free reading was not said."""
_MARGIN: Final = 8.0
"""The same beside the likeliest phrase."""
_ENDS: Final = ".!?,"


@dataclass(frozen=True, slots=True)
class Likely:
    """Words that may have been said, and the natural logarithm of their probability."""

    text: str
    log_probability: float


@dataclass(frozen=True, slots=True)
class Found:
    """What was said: in any words, and, best first, in words of the grammar."""

    free: Likely
    phrases: tuple[Likely, ...]


class Spelling:
    """A grammar in the model's pieces. A node is a set of places: a state of the grammar and the rest of a word."""

    Node = frozenset[tuple[int, tuple[int, ...]]]
    START: Final[Node] = frozenset({(0, ())})

    def __init__(self, grammar: Grammar, model: Moonshine) -> None:
        self._arcs: dict[int, list[tuple[int, str]]] = defaultdict(list)
        for one, two, word, _ in grammar.transitions:
            self._arcs[one].append((two, word))
        self._model = model
        self._comma = model.piece(",")
        self._following: dict[Spelling.Node, dict[int, Spelling.Node]] = {}

    @staticmethod
    def may_end(node: Node) -> bool:
        return (1, ()) in node

    def following(self, node: Node) -> dict[int, Node]:
        """The pieces that may follow, each with the node that it leads to."""
        if node not in self._following:
            after: dict[int, set[tuple[int, tuple[int, ...]]]] = defaultdict(set)
            for state, rest in node:
                for to, pieces in [(state, rest)] if rest else self._words(state):
                    after[pieces[0]].add((to, pieces[1:]))
                if not rest and state > 1:  # between two words: "Ow, my calf"
                    after[self._comma].add((state, ()))
            self._following[node] = {piece: frozenset(places) for piece, places in after.items()}
        return self._following[node]

    def _words(self, state: int) -> Iterator[tuple[int, tuple[int, ...]]]:
        for to, word in self._arcs[state]:
            # The model writes sentences: a capital at the beginning, and for "I".
            large = state == 0 or word == "i" or word.startswith("i'")
            yield to, self._model.spell(word.capitalize() if large else word)


@dataclass(frozen=True, slots=True)
class _Path:
    """A reading on its way; ``node`` is None for the free one."""

    pieces: tuple[int, ...]
    log_probability: float
    node: Spelling.Node | None
    parent: int


def search(model: Moonshine, states: States, spelling: Spelling) -> Found:
    """Beam search through the grammar, with the greedy free reading beside it in the same batch."""
    ends = [END, *map(model.piece, _ENDS)]
    first, memory = model.begin(states)
    memory = {name: np.repeat(value, _BEAM + 1, axis=0) for name, value in memory.items()}
    paths = [_Path((), 0.0, None, 0), _Path((), 0.0, Spelling.START, 0)]
    probabilities = np.stack([first, first])
    free, ended = paths[0], list[_Path]()
    for _ in range(_EXTRA_PIECES + round(_PIECES_A_SECOND * STRIDE_S * states.shape[1])):
        going: list[_Path] = []
        grown: list[_Path] = []
        for row, (path, probability) in enumerate(zip(paths, probabilities, strict=True)):
            if path.node is None:
                best = int(probability.argmax())
                free = _Path((*path.pieces, best), path.log_probability + float(probability[best]), None, row)
                if best != END:
                    going.append(free)
                continue
            for piece, node in spelling.following(path.node).items():
                grown.append(_Path((*path.pieces, piece), path.log_probability + float(probability[piece]), node, row))
            if spelling.may_end(path.node):
                end = float(np.logaddexp.reduce(probability[ends]))
                ended.append(_Path(path.pieces, path.log_probability + end, path.node, row))
        ended = sorted(ended, key=_log_probability, reverse=True)[:_BEAM]
        # Probabilities only fall: what is hopeless beside the free reading, or the phrases that ended, stays so.
        floor = max([free.log_probability - _HOPELESS, *(path.log_probability - _MARGIN for path in ended[:1])])
        grown = [path for path in grown if path.log_probability > floor]
        paths = going + sorted(grown, key=_log_probability, reverse=True)[:_BEAM]
        if not paths:
            break
        parents = [path.parent for path in paths]
        kept = beside(memory)
        memory = kept | {name: value[parents] for name, value in memory.items() if name not in kept}
        probabilities, memory = model.decode(states, [path.pieces[-1] for path in paths], memory)
    return Found(_likely(model, free), tuple(_likely(model, path) for path in ended))


def _log_probability(path: _Path) -> float:
    return path.log_probability


def _likely(model: Moonshine, path: _Path) -> Likely:
    return Likely(model.text([piece for piece in path.pieces if piece != END]), path.log_probability)
