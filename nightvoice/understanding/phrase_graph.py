"""The graph of all phrases of a grammar: nodes are words in their places, edges lead to the words that may follow.

Sentence templates multiply out to hundreds of thousands of phrases; the graph holds them all in a few hundred nodes
(it is Glushkov's position automaton). Decoder grammars, examples for other engines and understanding all read it.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import reduce
from itertools import pairwise, permutations

from hassil.expression import (
    Alternative,
    Expression,
    ListReference,
    Permutation,
    RuleReference,
    Sentence,
    Sequence,
    TextChunk,
)
from hassil.intents import SlotList, TextSlotList

from nightvoice.errors import NightvoiceError

START = 0
"""The node before the first word."""


@dataclass(frozen=True, slots=True)
class Node:
    """A word in its place."""

    word: str
    sentence: int
    """Number of the sentence template that it belongs to."""
    slot: tuple[str, str] | None = None
    """Slot name and value that it says."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a template: the nodes that can begin it and end it, and whether it may be left out."""

    first: frozenset[int] = frozenset()
    last: frozenset[int] = frozenset()
    optional: bool = True


@dataclass
class PhraseGraph:
    """All phrases of the templates that were added."""

    lists: dict[str, SlotList]
    rules: dict[str, Sentence]
    nodes: list[Node] = field(default_factory=lambda: [Node("", -1)])
    follow: list[set[int]] = field(default_factory=lambda: [set()])
    ends: set[int] = field(default_factory=set)
    """Nodes that may be the last of a phrase."""

    def add(self, sentence: Expression, number: int) -> None:
        """Add the phrases of one template. Raises NightvoiceError for a template that cannot be used."""
        part = self._walk(sentence, number, None)
        if part.optional:
            raise NightvoiceError("a sentence template must not match silence: every word of it is optional")
        self.follow[START] |= part.first
        self.ends |= part.last

    def _walk(self, expression: Expression, number: int, slot: tuple[str, str] | None) -> Part:
        match expression:
            case TextChunk():
                return reduce(
                    self._then, (self._word(w, number, slot) for w in expression.text.lower().split()), Part()
                )
            case Alternative():
                return self._either(*(self._walk(item, number, slot) for item in expression.items))
            case Permutation():
                orders = permutations(expression.items)
                return self._either(*(self._walk(Sequence(list(order)), number, slot) for order in orders))
            case Sequence():
                _refuse_glued_words(expression)
                return reduce(self._then, (self._walk(item, number, slot) for item in expression.items), Part())
            case RuleReference():
                if expression.rule_name not in self.rules:
                    raise NightvoiceError(f"<{expression.rule_name}> is used in a sentence but not in expansion_rules")
                return self._walk(self.rules[expression.rule_name].expression, number, slot)
            case ListReference():
                values = self.lists.get(expression.list_name)
                if not isinstance(values, TextSlotList):
                    raise NightvoiceError(
                        f"{{{expression.list_name}}} is used in a sentence but is no list with values"
                    )
                return self._either(
                    *(self._walk(v.text_in, number, (expression.slot_name, str(v.value_out))) for v in values.values)
                )
        raise NightvoiceError(f"a sentence template holds {type(expression).__name__}, which is not understood")

    def _word(self, word: str, number: int, slot: tuple[str, str] | None) -> Part:
        self.nodes.append(Node(word, number, slot))
        self.follow.append(set())
        here = frozenset({len(self.nodes) - 1})
        return Part(here, here, optional=False)

    def _then(self, one: Part, two: Part) -> Part:
        for node in one.last:
            self.follow[node] |= two.first
        return Part(
            one.first | two.first if one.optional else one.first,
            one.last | two.last if two.optional else two.last,
            one.optional and two.optional,
        )

    @staticmethod
    def _either(*parts: Part) -> Part:
        return Part(
            frozenset[int]().union(*(p.first for p in parts)),
            frozenset[int]().union(*(p.last for p in parts)),
            any(p.optional for p in parts),
        )

    def read(self, words: list[str]) -> tuple[int, dict[str, str]] | None:
        """The template (the first one added) that has just these words as a phrase, and its slots."""
        reached: dict[int, dict[str, str]] = {START: {}}
        for word in words:
            step: dict[int, dict[str, str]] = {}
            for node, slots in reached.items():
                for following in self.follow[node]:
                    if self.nodes[following].word == word and following not in step:
                        slot = self.nodes[following].slot
                        step[following] = {**slots, slot[0]: slot[1]} if slot else slots
            reached = step
        ended = reached.keys() & self.ends
        if not ended:
            return None
        node = min(ended)
        return self.nodes[node].sentence, reached[node]

    def transitions(self, probability: Callable[[int], float]) -> tuple[int, list[tuple[int, int, str, float]]]:
        """A finite-state grammar: its number of states (0 starts, 1 is final) and its arcs (from, to, word, weight).

        Nodes with the same future are one state. ``probability`` weighs a sentence template by its number.
        """
        states: dict[frozenset[tuple[str, int, bool]], int] = {}
        state_of: dict[int, int] = {}

        def state(node: int) -> int:
            if node not in state_of:
                future = frozenset((self.nodes[n].word, state(n), n in self.ends) for n in self.follow[node])
                state_of[node] = states.setdefault(future, len(states) + 2) if node != START else 0
                if node == START:
                    states[future] = 0
            return state_of[node]

        state(START)
        weights: dict[tuple[str, int], float] = {}
        for node in self.follow[START]:
            begin = (self.nodes[node].word, state(node))
            weights[begin] = max(weights.get(begin, 0.0), probability(self.nodes[node].sentence))
        arcs: set[tuple[int, int, str, float]] = set()
        for future, here in states.items():
            for word, there, ends in future:
                weight = weights[word, there] if here == START else 1.0
                arcs.add((here, there, word, weight))
                if ends:
                    arcs.add((here, 1, word, weight))
        dead = states.get(frozenset())
        return len(states) + 2, sorted(arc for arc in arcs if arc[1] != dead)

    def examples(self) -> Iterator[str]:
        """Phrases that have between them every pair of neighbouring words of the grammar, beginnings and ends too."""
        before, after = self._shortest_ways()
        seen: set[tuple[str, str]] = set()
        for node, following in enumerate(self.follow):
            ways = [before[node] + after[n] for n in sorted(following)]
            if node in self.ends:
                ways.append(before[node])
            for words in ways:
                edges = set(zip(["", *words], [*words, ""], strict=True))
                if not edges <= seen:
                    seen |= edges
                    yield " ".join(words)

    def _shortest_ways(self) -> tuple[dict[int, list[str]], dict[int, list[str]]]:
        """For each node, a shortest way from the start up to and with it, and from it (with it) to an end."""
        before: dict[int, list[str]] = {START: []}
        queue = deque([START])
        while queue:
            node = queue.popleft()
            for n in sorted(self.follow[node]):
                if n not in before:
                    before[n] = [*before[node], self.nodes[n].word]
                    queue.append(n)
        leading: dict[int, list[int]] = {}
        for node, following in enumerate(self.follow):
            for n in following:
                leading.setdefault(n, []).append(node)
        after = {n: [self.nodes[n].word] for n in sorted(self.ends)}
        queue = deque(after)
        while queue:
            node = queue.popleft()
            for n in leading.get(node, []):
                if n not in after and n != START:
                    after[n] = [self.nodes[n].word, *after[node]]
                    queue.append(n)
        return before, after


def _refuse_glued_words(sequence: Sequence) -> None:
    """Neighbours in a template must be apart by a space: the recognisers know whole words only."""
    for one, two in pairwise(sequence.items):
        left, right = _edge(one, -1), _edge(two, 0)
        if not (left[-1:].isspace() or right[:1].isspace()):
            raise NightvoiceError(f"word parts are glued at '{left or right}': write whole words, as in (cramp|cramps)")


def _edge(expression: Expression, end: int) -> str:
    """The literal text at one end (0: beginning, -1: end) of an expression, with its blanks."""
    while isinstance(expression, Sequence) and expression.items:
        expression = expression.items[end]
    return expression.original_text if isinstance(expression, TextChunk) else ""
