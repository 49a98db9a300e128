"""Words in Moonshine's tokens: those that its published list, which knows other languages too, gives for them."""

import pytest

from nightvoice.listening.engines.moonshine.model import Moonshine


@pytest.mark.parametrize(
    ("word", "pieces"),
    [("cramp", ["cr", "amp"]), ("hamstrings", ["ham", "strings"]), ("Isn't", ["Isn", "'", "t"])],
    ids=["usual", "no frequent word", "of the list's last tokens"],
)
def test_a_word_is_joined_of_the_published_pieces(word: str, pieces: list[str]) -> None:
    model = Moonshine.shipped()
    assert [model.text([token]) for token in model.tokenize(word)] == pieces
