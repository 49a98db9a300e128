"""English with the voices of other languages: each phoneme is spelled with the nearest letters of theirs.

The voices are RHVoice's (LGPL 2.1): `apt-get install rhvoice-esperanto rhvoice-russian rhvoice-ukrainian`, and
Festival's (Czech GPL 3, Finnish and Catalan LGPL 2.1): `apt-get install festvox-czech-dita festvox-czech-krb
festvox-czech-machac festvox-czech-ph festvox-suopuhe-lj festvox-suopuhe-mv festvox-ca-ona-hts`. RHVoice's Kyrgyz ones
and Festival's Italian, Russian and Indian ones are left out, as nobody would understand them; RHVoice's others because
their licences allow no commercial use, or no derivatives.
"""

from typing import Final

VOICES: Final = {
    "spomenka": "esperanto",
    **dict.fromkeys(("aleksandr", "anna", "elena", "irina"), "russian"),
    **dict.fromkeys(("anatol", "natalia"), "ukrainian"),
    **dict.fromkeys(("czech_dita", "czech_krb", "czech_machac", "czech_ph"), "czech"),
    **dict.fromkeys(("suo_fi_lj_diphone", "hy_fi_mv_diphone"), "finnish"),
    "upc_ca_ona_hts": "catalan",
}
"""Language of each voice."""
_PHONEMES: Final = "b p d t k ɡ f v s z m n l h ɹ j w θ ð ʃ ʒ ʧ ʤ ŋ T I A O W Y æ ɐ ə ɜ ɪ i ʊ u ɛ ɔ ɑ ʌ"
"""hibari's phoneme symbols; capitals are diphthongs and the flapped t."""
_LATIN: Final = "b p d t k g f v s z m n l h r j v t d ŝ ĵ ĉ ĝ ng t aj ej oŭ aŭ oj e a a e i i u u e o a a"
_CYRILLIC: Final = "б п д т к г ф в с з м н л х р й в т з ш ж ч дж нг т ай эй оу ау ой э а а э и и у у э о а а"
_SPELLINGS: Final = {
    "esperanto": _LATIN,
    "russian": _CYRILLIC,
    "ukrainian": _CYRILLIC.replace("и", "і").replace("э", "е"),
    "czech": "b p d t k g f v s z m n l h r j v t d š ž č dž n t aj ej ou au oj e a e e i í u ú e o á a",
    "finnish": "b p d t k g f v s s m n l h r j v t d s s ts ds ng t ai ei ou au oi ä ö ö ö i ii u uu e oo aa a",
    "catalan": "b p d t k g f v s z m n l h r i u t d x j tx tj n t ai ei o au oi e a e e i i u u e o a a",
}
_LETTERS: Final = {
    language: dict(zip(_PHONEMES.split(), letters.split(), strict=True)) for language, letters in _SPELLINGS.items()
}


def spelled(phonemes: str, voice: str) -> str:
    """hibari's phonemes of a sentence, spelled in the voice's language; punctuation and spaces stay."""
    letters = _LETTERS[VOICES[voice]]
    return "".join(letters.get(each, each if each in " ,.!" else "") for each in phonemes)
