"""PocketSphinx: its English model comes in its wheel, so it hears on a fresh machine with no download."""

from typing import Final

from pocketsphinx import Decoder

from nightvoice.audio.frames import RATE, Samples
from nightvoice.errors import NightvoiceError
from nightvoice.listening.engine import Hypothesis
from nightvoice.listening.grammar import Grammar

LONGEST_S: Final = 6.0
"""No command is longer; of longer speech nothing is decoded."""


class PocketSphinxEngine:
    """A grammar decoder."""

    name = "pocketsphinx"

    def __init__(self) -> None:
        self._decoder = Decoder(lm=None, bestpath=False, samprate=RATE, loglevel="FATAL")
        self._known: set[str] = set()
        self._samples = 0
        self._running = False

    def missing_words(self, grammar: Grammar) -> list[str]:
        """Words of the grammar with no pronunciation, neither in the dictionary nor in the pack."""
        return sorted(
            w for w in grammar.words if w not in grammar.pronunciations and self._decoder.lookup_word(w) is None
        )

    def start(self, grammar: Grammar) -> None:
        """Begin an utterance. Raises NightvoiceError where a word has no pronunciation."""
        if self._running:
            self._decoder.end_utt()
        if grammar.name not in self._known:
            self._compile(grammar)
        self._decoder.activate_search(grammar.name)
        self._decoder.start_utt()
        self._running, self._samples = True, 0

    def accept(self, samples: Samples) -> str:
        """Take the next samples; return the words so far."""
        self._samples += len(samples)
        if self._samples > LONGEST_S * RATE:
            return ""
        self._decoder.process_raw(samples.tobytes())
        hypothesis = self._decoder.hyp()
        return hypothesis.hypstr if hypothesis else ""

    def finish(self) -> Hypothesis:
        """End the utterance."""
        self._decoder.end_utt()
        self._running = False
        if self._samples > LONGEST_S * RATE:
            return Hypothesis("", 0.0, "too long for a command")
        hypothesis = self._decoder.hyp()
        return Hypothesis(hypothesis.hypstr, 0.6, "grammar only") if hypothesis else Hypothesis("", 0.0, "no path")

    def _compile(self, grammar: Grammar) -> None:
        missing = self.missing_words(grammar)
        if missing:
            raise NightvoiceError(
                f"PocketSphinx cannot pronounce {', '.join(missing)}: add to 'pronunciations' in intents.yaml"
            )
        for word in sorted(grammar.words & grammar.pronunciations.keys()):
            if self._decoder.lookup_word(word) is None:
                self._decoder.add_word(word, grammar.pronunciations[word], update=False)
        arcs = [(one, two, 1.0, word) for one, two, word in grammar.transitions]
        self._decoder.add_fsg(grammar.name, self._decoder.create_fsg(grammar.name, 0, 1, arcs))
        self._known.add(grammar.name)
