"""Numbers that a reading has in digits are put into words."""

import pytest

from nightvoice.listening.transcribers.numbers import spoken_number


@pytest.mark.parametrize(
    ("digits", "words"),
    [
        ("911", "nine one one"), ("112", "one one two"), ("999", "nine nine nine"), ("0", "zero"), ("7", "seven"),
        ("20", "twenty"), ("21", "twenty one"), ("100", "one hundred"), ("07", "zero seven"),
        ("01632", "zero one six three two"),
    ],
)  # fmt: skip
def test_as_people_say_them(digits: str, words: str) -> None:
    assert spoken_number(digits) == words
