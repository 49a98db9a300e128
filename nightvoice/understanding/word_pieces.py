"""Splits sentences into word pieces (WordPiece, Wu 2016), as BERT's uncased tokenizer does for plain words.

The libraries that do this bring a client for model hubs along, which has no place in a program that stays offline.
"""

from collections.abc import Iterator, Mapping
from re import findall
from typing import Final
from unicodedata import normalize

LONGEST: Final = 40
"""Number of pieces after which a sentence is cut off; 1 in 1,000 is longer."""
_START, _END, _UNKNOWN = "[CLS]", "[SEP]", "[UNK]"
_INSIDE: Final = "##"
"""Begins the pieces that continue a word."""


class WordPieces:
    """Turns sentences into the numbers of their word pieces. ``vocabulary``: piece to number."""

    def __init__(self, vocabulary: Mapping[str, int]) -> None:
        self._vocabulary = vocabulary

    def encode(self, text: str) -> list[int]:
        """Return the pieces of ``text`` between the marks for its start and end."""
        pieces = [piece for word in words(text) for piece in self._split(word)]
        return [self._vocabulary[each] for each in (_START, *pieces[:LONGEST], _END)]

    def encode_pair(self, question: str, text: str) -> tuple[list[int], list[int]]:
        """Return the pieces of both, and for each piece whether it belongs to ``text`` (1) or to ``question`` (0)."""
        first, second = self.encode(question), self.encode(text)[1:]
        return first + second, [0] * len(first) + [1] * len(second)

    def _split(self, word: str) -> Iterator[str]:
        """Yield the longest known pieces from left to right, or one unknown piece."""
        found: list[str] = []
        start = 0
        while start < len(word):
            ends = range(len(word), start, -1)
            prefix = _INSIDE if start else ""
            piece = next((p for end in ends if (p := prefix + word[start:end]) in self._vocabulary), None)
            if piece is None:
                yield _UNKNOWN
                return
            found.append(piece)
            start += len(piece) - len(prefix)
        yield from found


def words(text: str) -> list[str]:
    """Return the words of ``text`` in lower case, without accents and punctuation; an apostrophe stands alone."""
    plain = normalize("NFKD", text.lower().replace("’", "'"))
    return findall(r"[a-z0-9]+|'(?=[a-z])", "".join(char for char in plain if not "\u0300" <= char <= "\u036f"))
