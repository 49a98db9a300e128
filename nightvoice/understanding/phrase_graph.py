"""All phrases of a set of sentence templates, as a graph from each word to the words that may follow it.

Templates expand to hundreds of thousands of phrases; the graph (Glushkov's position automaton) holds them in a few
hundred nodes. Decoder grammars, example phrases and intent recognition are all derived from it.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
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
    """A word at one position of one template."""

    word: str
    sentence: int
    """Number of the sentence template."""
    slot: tuple[str, str] | None = None
    """Name and value of the slot that this word fills."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a template: the nodes that can begin and end it, and whether it can match nothing."""

    first: frozenset[int] = frozenset()
    last: frozenset[int] = frozenset()
    nullable: bool = True


@dataclass
class PhraseGraph:
    """The phrases of all templates added so far. ``lists`` and ``rules`` are those that templates may refer to."""

    lists: dict[str, SlotList]
    rules: dict[str, Sentence]
    nodes: list[Node] = field(default_factory=lambda: [Node("", -1)])
    follow: list[set[int]] = field(default_factory=lambda: [set()])
    ends: set[int] = field(default_factory=set)
    """Nodes that may end a phrase."""

    def add(self, sentence: Expression, number: int) -> None:
        """Add the phrases of template ``number``. Raises NightvoiceError if it cannot be used."""
        part = self._walk(sentence, number, None)
        if part.nullable:
            raise NightvoiceError("every word of it is optional, so it would match silence: make one word required")
        self.follow[START] |= part.first
        self.ends |= part.last

    def extend(self, other: "PhraseGraph", number: int) -> None:
        """Add the phrases of ``other``, whose template 0 becomes template ``number``."""
        moved = len(self.nodes) - 1
        self.nodes += [replace(node, sentence=node.sentence + number) for node in other.nodes[1:]]
        self.follow += [{node + moved for node in following} for following in other.follow[1:]]
        self.follow[START] |= {node + moved for node in other.follow[START]}
        self.ends |= {node + moved for node in other.ends}

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
                    raise NightvoiceError(f"<{expression.rule_name}> is not defined in expansion_rules")
                return self._walk(self.rules[expression.rule_name].expression, number, slot)
            case ListReference():
                values = self.lists.get(expression.list_name)
                if not isinstance(values, TextSlotList):
                    raise NightvoiceError(f"{{{expression.list_name}}} is not a list with values in lists")
                return self._either(
                    *(self._walk(v.text_in, number, (expression.slot_name, str(v.value_out))) for v in values.values)
                )
        raise NightvoiceError(f"{type(expression).__name__} is not supported in sentence templates")

    def _word(self, word: str, number: int, slot: tuple[str, str] | None) -> Part:
        self.nodes.append(Node(word, number, slot))
        self.follow.append(set())
        here = frozenset({len(self.nodes) - 1})
        return Part(here, here, nullable=False)

    def _then(self, one: Part, two: Part) -> Part:
        for node in one.last:
            self.follow[node] |= two.first
        return Part(
            one.first | two.first if one.nullable else one.first,
            one.last | two.last if two.nullable else two.last,
            one.nullable and two.nullable,
        )

    @staticmethod
    def _either(*parts: Part) -> Part:
        return Part(
            frozenset[int]().union(*(p.first for p in parts)),
            frozenset[int]().union(*(p.last for p in parts)),
            any(p.nullable for p in parts),
        )

    def match(self, words: list[str]) -> tuple[int, dict[str, str]] | None:
        """Return the template that matches exactly these words, and its slots. Of several, the first added wins."""
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

    def transitions(self, weights: list[float]) -> tuple[int, list[tuple[int, int, str, float]]]:
        """Return a finite-state grammar: its number of states (0 is the start, 1 is final) and its arcs.

        An arc is (from, to, word, weight). Nodes with the same continuations share a state. ``weights``: that
        of each sentence template.
        """
        states: dict[frozenset[tuple[str, int, bool]], int] = {}
        state_of: dict[int, int] = {}

        def state(node: int) -> int:
            if node not in state_of:
                following = sorted(self.follow[node])
                continuations = frozenset((self.nodes[n].word, state(n), n in self.ends) for n in following)
                state_of[node] = states.setdefault(continuations, len(states) + 2) if node != START else 0
                if node == START:
                    states[continuations] = 0
            return state_of[node]

        state(START)
        begins: dict[tuple[str, int], float] = {}
        for node in self.follow[START]:
            begin = (self.nodes[node].word, state(node))
            begins[begin] = max(begins.get(begin, 0.0), weights[self.nodes[node].sentence])
        arcs: set[tuple[int, int, str, float]] = set()
        for continuations, here in states.items():
            for word, there, ends in continuations:
                weight = begins[word, there] if here == START else 1.0
                arcs.add((here, there, word, weight))
                if ends:
                    arcs.add((here, 1, word, weight))
        dead = states.get(frozenset())
        return len(states) + 2, sorted(arc for arc in arcs if arc[1] != dead)

    def examples(self) -> Iterator[str]:
        """Yield phrases that together contain every pair of neighbouring words, and every first and last word."""
        before, after = self._shortest_paths()
        seen: set[tuple[str, str]] = set()
        for node, following in enumerate(self.follow):
            paths = [before[node] + after[n] for n in sorted(following)]
            if node in self.ends:
                paths.append(before[node])
            for words in paths:
                edges = set(zip(["", *words], [*words, ""], strict=True))
                if not edges <= seen:
                    seen |= edges
                    yield " ".join(words)

    def _shortest_paths(self) -> tuple[dict[int, list[str]], dict[int, list[str]]]:
        """Return for each node a shortest path from the start to it, and from it to an end, both including it."""
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
    """Raise NightvoiceError unless spaces separate all items: recognisers know whole words only."""
    for one, two in pairwise(sequence.items):
        left, right = _edge(one, -1), _edge(two, 0)
        if not (left[-1:].isspace() or right[:1].isspace()):
            raise NightvoiceError(f"no space around '{left or right}': write whole words, as in (cramp|cramps)")


def _edge(expression: Expression, end: int) -> str:
    """Return the literal text at one end (0: start, -1: end) of an expression, including spaces."""
    while isinstance(expression, Sequence) and expression.items:
        expression = expression.items[end]
    return expression.original_text if isinstance(expression, TextChunk) else ""
