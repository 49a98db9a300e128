"""The grammar of one dialogue state: the phrases that a speech recogniser listens for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from nightvoice.understanding.phrase_graph import PhraseGraph

FILLER_PROBABILITY: Final = 0.02
"""Probability of each filler word before and after a phrase; low, so that no breath or noise becomes one."""
DISTRACTOR_PROBABILITY: Final = 0.5
"""Probability of each phrase that only sounds like a command: if both fit equally well, the command wins."""

Arc = tuple[int, int, str, float]
"""From state, to state, word (lower case), probability among its alternatives (0..1)."""


@dataclass(frozen=True)
class Grammar:
    """A finite-state grammar for a speech recogniser, and the same phrases as plain text."""

    name: str
    states: int
    """Number of states; 0 is the start, 1 is final."""
    transitions: tuple[Arc, ...]
    phrases: tuple[str, ...]
    """Examples that together contain every pair of neighbouring words; all phrases would be too many."""
    words: frozenset[str]
    pronunciations: Mapping[str, str]
    """Word to phones (ARPAbet, separated by spaces) for words of the pack that dictionaries lack."""


def build_grammar(
    name: str,
    graph: PhraseGraph,
    weights: list[float],
    fillers: Iterable[str],
    distractors: Sequence[str],
    pronunciations: Mapping[str, str],
) -> Grammar:
    """Return the grammar of ``graph``'s phrases, with filler words at their ends and ``distractors`` beside them.

    ``weights``: the probability of each sentence template.
    """
    states, arcs = _with_fillers(*graph.transitions(weights), fillers)
    states, distracting = _chains(states, distractors)
    return Grammar(
        name=name,
        states=states,
        transitions=(*arcs, *distracting),
        phrases=tuple(dict.fromkeys((*graph.examples(), *distractors))),
        words=frozenset(word for _, _, word, _ in (*arcs, *distracting)),
        pronunciations=pronunciations,
    )


def _with_fillers(states: int, plain: list[Arc], fillers: Iterable[str]) -> tuple[int, list[Arc]]:
    """Allow one filler word before and one after each phrase."""
    after_filler, before_filler = states, states + 1
    arcs = list(plain)
    for source, target, word, probability in plain:
        if source == 0:
            arcs.append((after_filler, target, word, probability))
        if target == 1:
            arcs.append((source, before_filler, word, probability))
        if source == 0 and target == 1:
            arcs.append((after_filler, before_filler, word, probability))
    for filler in sorted(fillers):
        arcs += [(0, after_filler, filler, FILLER_PROBABILITY), (before_filler, 1, filler, FILLER_PROBABILITY)]
    return states + 2, arcs


def _chains(states: int, phrases: Sequence[str]) -> tuple[int, list[Arc]]:
    """Return one path through the grammar for each phrase."""
    arcs: list[Arc] = []
    for phrase in phrases:
        words = phrase.split()
        inner = range(states, states + len(words) - 1)
        states += len(inner)
        for source, target, word in zip([0, *inner], [*inner, 1], words, strict=True):
            arcs.append((source, target, word, DISTRACTOR_PROBABILITY if source == 0 else 1.0))
    return states, arcs
