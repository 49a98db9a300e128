"""Word pieces: the longest known piece first; what BERT's uncased tokenizer would give for plain words."""

from nightvoice.understanding.word_pieces import LONGEST, WordPieces, words

PIECES = [
    "[PAD]",
    "[CLS]",
    "[SEP]",
    "[UNK]",
    "'",
    "my",
    "calf",
    "cal",
    "##f",
    "##ves",
    "t",
    "can",
    "hurts",
    "un",
    "##numb",
]
CUT = WordPieces({piece: number for number, piece in enumerate(PIECES)})


def split(text: str) -> list[str]:
    return [PIECES[number] for number in CUT.encode(text)]


def test_a_word_is_cut_into_the_longest_pieces_that_are_known() -> None:
    assert split("my calves") == ["[CLS]", "my", "cal", "##ves", "[SEP]"]
    assert split("calf") == ["[CLS]", "calf", "[SEP]"]


def test_a_word_without_known_pieces_is_unknown_as_a_whole() -> None:
    assert split("my xylophone hurts") == ["[CLS]", "my", "[UNK]", "hurts", "[SEP]"]


def test_case_accents_and_punctuation_do_not_matter_but_apostrophes_do() -> None:
    assert words("My cálf… HURTS!") == ["my", "calf", "hurts"]
    assert split("can’t") == split("can't") == ["[CLS]", "can", "'", "t", "[SEP]"]


def test_a_pair_tells_question_from_answer() -> None:
    pieces, segments = CUT.encode_pair("hurts", "my calf")
    assert [PIECES[number] for number in pieces] == ["[CLS]", "hurts", "[SEP]", "my", "calf", "[SEP]"]
    assert segments == [0, 0, 0, 1, 1, 1]


def test_a_very_long_sentence_is_cut_off_and_an_empty_one_is_allowed() -> None:
    assert len(CUT.encode("my " * 500)) == LONGEST + 2
    assert split("…") == ["[CLS]", "[SEP]"]
