"""Moonshine's sub-words, and those of them that English needs: the published list has other languages', too."""

import re
from collections.abc import Sequence
from typing import Final

from wordfreq import top_n_list

from nightvoice.assembly import build_recognizer
from nightvoice.config.schema import Config
from nightvoice.listening.engines.moonshine.model import SPELLED, joined

WORDS: Final = 30_000
"""The most frequent English words, each of whose sub-words is kept; others are spelled in more."""

_PLAIN: Final = re.compile("(▁)?([0-9]+|[-.,:;!?'\"]+)".encode())


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

    Single bytes, digits and punctuation, and what frequent words and the grammar's are joined of, with a capital or
    without.
    """
    numbers = {token: number for number, token in enumerate(tokens) if number >= len(SPELLED)}
    words = {word for word in top_n_list("en", WORDS) if word.isascii()} | _grammar_words()
    written = {form for word in words for form in (word, word.capitalize())}
    kept = {numbers[part] for word in written for parts in joined(word, numbers) for part in parts if part in numbers}
    kept |= {number for token, number in numbers.items() if _PLAIN.fullmatch(token)}
    return [*range(len(SPELLED)), *sorted(kept)]


def _grammar_words() -> set[str]:
    recognizer = build_recognizer(Config())
    grammars = map(recognizer.grammar, recognizer.states)
    return {word for grammar in grammars for _, _, word, _ in grammar.transitions}
