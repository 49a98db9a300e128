"""English as voices of other languages say it: each phoneme by the letters that come nearest in theirs.

The voices are RHVoice's (LGPL 2.1): `apt-get install rhvoice-esperanto rhvoice-russian rhvoice-ukrainian`. The
Kyrgyz ones are left out, as nobody would understand them; the others because their licences allow no commercial use,
or no derivatives.
"""

from typing import Final

VOICES: Final = {
    "spomenka": "esperanto",
    **dict.fromkeys(("aleksandr", "anna", "elena", "irina"), "russian"),
    **dict.fromkeys(("anatol", "natalia"), "ukrainian"),
}
"""Each speaks this language."""
_PHONEMES: Final = "b p d t k ɡ f v s z m n l h ɹ j w θ ð ʃ ʒ ʧ ʤ ŋ T I A O W Y æ ɐ ə ɜ ɪ i ʊ u ɛ ɔ ɑ ʌ"
"""As hibari writes them; its capitals are diphthongs and the flapped t."""
_LATIN: Final = "b p d t k g f v s z m n l h r j v t d ŝ ĵ ĉ ĝ ng t aj ej oŭ aŭ oj e a a e i i u u e o a a"
_CYRILLIC: Final = "б п д т к г ф в с з м н л х р й в т з ш ж ч дж нг т ай эй оу ау ой э а а э и и у у э о а а"
_SPELLINGS: Final = {
    "esperanto": _LATIN,
    "russian": _CYRILLIC,
    "ukrainian": _CYRILLIC.replace("и", "і").replace("э", "е"),
}
_LETTERS: Final = {
    language: dict(zip(_PHONEMES.split(), letters.split(), strict=True)) for language, letters in _SPELLINGS.items()
}


def spelled(phonemes: str, voice: str) -> str:
    """Hibari's phonemes of a sentence in the letters of the voice's language; stops and spaces stay."""
    letters = _LETTERS[VOICES[voice]]
    return "".join(letters.get(each, each if each in " ,.!" else "") for each in phonemes)
