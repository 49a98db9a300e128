"""Whisper's tokens: byte pairs in GPT-2's printable alphabet, which has a character for each byte."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from nightvoice.listening.transcribers.numbers import spoken_number

_FIRST_PERSON: Final = re.compile(r"\bi\b")


def words_of(tokens: Sequence[str]) -> str:
    """Return the words that tokens stand for, as a recogniser writes them: lower case, no marks, numbers in words."""
    characters = "".join(token for token in tokens if not token.startswith("<|"))
    text = bytes(_bytes()[character] for character in characters if character in _bytes()).decode(errors="ignore")
    spelled = re.sub(r"\d+", lambda number: f" {spoken_number(number[0])} ", text.lower())
    return " ".join(re.sub(r"[^a-z' ]", "", spelled.replace("-", " ").replace("’", "'")).split())


def sentence_tokens(words: str, vocabulary: Mapping[str, int]) -> list[int]:
    """Return the tokens of ``words`` as Whisper writes a sentence: a capital first, a full stop last.

    Each word is cut into the longest pieces from the left, which for usual words is what byte-pair merging gives.
    """
    sentence = _FIRST_PERSON.sub("I", words)
    pieces = [f" {word}" for word in (sentence[:1].upper() + sentence[1:]).split()]
    return [token for piece in (*pieces, ".") for token in _longest(piece, vocabulary)]


def _longest(text: str, vocabulary: Mapping[str, int]) -> list[int]:
    characters = "".join(_characters()[byte] for byte in text.encode())
    found, start = list[int](), 0
    while start < len(characters):
        end = next(end for end in range(len(characters), start, -1) if characters[start:end] in vocabulary)
        found.append(vocabulary[characters[start:end]])
        start = end
    return found


@cache
def _bytes() -> dict[str, int]:
    """Return the byte of each character."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + at): byte for at, byte in enumerate(others)}


@cache
def _characters() -> dict[int, str]:
    return {byte: character for character, byte in _bytes().items()}
