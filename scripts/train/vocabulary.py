"""Moonshine's sub-words, and those of them that English needs: the published list has other languages', too."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from wordfreq import top_n_list

from nightvoice.listening.engines.moonshine.model import SPACE, SPELLED

WORDS: Final = 30_000
"""The most frequent English words, each of whose sub-words is kept; others are spelled in more."""

_PLAIN: Final = re.compile(rb"(%b)?([0-9]+|[-.,:;!?'\"]+)" % SPACE)


def sub_words(data: bytes) -> list[bytes]:
    """The tokens of the published list: each one's length (a byte, or two from 128 on), then the token."""
    tokens, at = list[bytes](), 0
    while at < len(data):
        length, at = data[at], at + 1
        if length >= 128:
            length, at = length - 128 + 128 * data[at], at + 1
        tokens.append(data[at : at + length])
        at += length
    assert tuple(tokens[: len(SPELLED)]) == SPELLED
    return tokens


def english(tokens: Sequence[bytes]) -> list[int]:
    """Numbers of the tokens to keep.

    Single bytes, digits and punctuation, and what frequent words are joined of, with a capital or without.
    """
    numbers = {token: number for number, token in enumerate(tokens) if number >= len(SPELLED)}
    words = (word for word in top_n_list("en", WORDS) if word.isascii())
    written = {form for word in words for form in (word, word.capitalize())}
    kept = {number for word in written for number in _joined(word, numbers)}
    kept |= {number for token, number in numbers.items() if _PLAIN.fullmatch(token)}
    return [*range(len(SPELLED)), *sorted(kept)]


def _joined(word: str, numbers: dict[bytes, int]) -> Iterator[int]:
    """The word's characters, and each pair that byte-pair encoding joins on the way to its tokens."""
    parts = [SPACE, *(character.encode() for character in word)]
    yield from (numbers[part] for part in parts if part in numbers)
    while pairs := [(numbers[one + two], at) for at, (one, two) in enumerate(pairwise(parts)) if one + two in numbers]:
        number, at = min(pairs)
        parts[at : at + 2] = [parts[at] + parts[at + 1]]
        yield number
