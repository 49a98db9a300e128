"""PocketSphinx: its English model comes in its wheel, so it hears on a fresh machine with no download."""

from math import exp, log
from typing import Any, Final

from pocketsphinx import Decoder

from nightvoice.audio.frames import RATE, Samples
from nightvoice.errors import NightvoiceError
from nightvoice.listening.engines.base import Alternative, Hypothesis
from nightvoice.understanding.grammar import Grammar

LONGEST_S: Final = 6.0
"""No command is longer; of longer speech nothing more is decoded."""
_THRESHOLD: Final = -4.0
"""Evidence a frame (grammar against phone loop, in log 1.0001) from which words are believed."""
_SLOPE: Final = 4.0
"""Evidence that takes the score from 0.5 to 0.73."""
_PHONES: Final = "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH"
_LOG_BASE: Final = log(1.0001)


class PocketSphinxEngine:
    """A grammar decoder, and beside it a phone loop that may hear anything.

    A grammar decoder forces every sound into its grammar. The phone loop shows how well the sound is explained without
    it; the difference per frame of speech is the evidence. Both score with all senones (``compallsen``): else their
    scores are not on one scale.
    """

    name = "pocketsphinx"

    def __init__(self) -> None:
        # Wide beams: a phrase that begins badly in noise must not be lost. More silence and noise than by default.
        self._guided = _decoder(beam=1e-60, wbeam=1e-40, pbeam=1e-60, silprob=0.9, fillprob=0.1)
        self._loop = _decoder(beam=1e-30, wbeam=1e-30, pbeam=1e-30, dict=None)  # knows no word: saves 23 MB
        phones = _PHONES.split()
        for phone in phones:
            self._loop.add_word(f"_{phone}", phone, update=False)
        arcs: list[tuple[Any, ...]] = [(0, 0, 1 / len(phones), f"_{phone}") for phone in phones]
        self._loop.add_fsg("loop", self._loop.create_fsg("loop", 0, 1, [*arcs, (0, 1, 1.0)]))
        self._loop.activate_search("loop")
        self._grammar = ""
        """The compiled one, by name. No other is kept: each would hold its last utterance's paths, 35 MB in noise."""
        self._samples = 0
        self._running = False

    def missing_words(self, grammar: Grammar) -> list[str]:
        """Words of the grammar with no pronunciation, neither in the dictionary nor in the pack."""
        return sorted(
            w for w in grammar.words if w not in grammar.pronunciations and self._guided.lookup_word(w) is None
        )

    def start(self, grammar: Grammar) -> None:
        """Begin an utterance. Raises NightvoiceError where a word has no pronunciation."""
        if self._running:
            self._end()
        if grammar.name != self._grammar:
            self._compile(grammar)
        self._guided.start_utt()
        self._loop.start_utt()
        self._running, self._samples = True, 0

    def accept(self, samples: Samples) -> str:
        """Take the next samples; return the words so far."""
        self._samples += len(samples)
        if self._too_long:
            return ""
        sound = samples.tobytes()
        self._guided.process_raw(sound)
        self._loop.process_raw(sound)
        hypothesis = self._guided.hyp()
        return hypothesis.hypstr if hypothesis else ""

    def partial(self) -> None:
        """Its evidence is known at the end only."""

    def final(self) -> Hypothesis:
        """End the utterance."""
        self._end()
        if self._too_long:
            return Hypothesis(note=f"longer than {LONGEST_S:.0f} s")
        guided = self._guided.hyp()
        if guided is None or self._loop.hyp() is None or not guided.hypstr:
            return Hypothesis(note="nothing of the grammar")
        # Noise before and after the words is not their fault: only their own span is compared.
        words = [s for s in self._guided.seg() if not s.word.startswith(("<", "[", "("))]
        first, last = words[0].start_frame, words[-1].end_frame
        frames = last - first + 1
        gain = _log_score(self._guided, first, last, transitions=False) - _log_score(self._loop, first, last)
        evidence = gain / frames
        score = 1 / (1 + exp(max(-50.0, min(50.0, (_THRESHOLD - evidence) / _SLOPE))))
        note = f"evidence {evidence:.1f} a frame, {frames / 100:.2f} s of words"
        return Hypothesis((Alternative(guided.hypstr, score),), note=note)

    @property
    def _too_long(self) -> bool:
        return self._samples > LONGEST_S * RATE

    def _end(self) -> None:
        self._guided.end_utt()
        self._loop.end_utt()
        self._running = False

    def _compile(self, grammar: Grammar) -> None:
        missing = self.missing_words(grammar)
        if missing:
            raise NightvoiceError(
                f"PocketSphinx cannot pronounce {', '.join(missing)}: add to 'pronunciations' in intents.yaml"
            )
        for word in sorted(grammar.words & grammar.pronunciations.keys()):
            if self._guided.lookup_word(word) is None:
                self._guided.add_word(word, grammar.pronunciations[word], update=False)
        arcs = [(one, two, probability, word) for one, two, word, probability in grammar.transitions]
        self._guided.add_fsg(grammar.name, self._guided.create_fsg(grammar.name, 0, 1, arcs))
        self._guided.activate_search(grammar.name)
        if self._grammar:
            self._guided.remove_search(self._grammar)
        self._grammar = grammar.name


def _decoder(**options: float | None) -> Any:
    return Decoder(lm=None, bestpath=False, compallsen=True, samprate=RATE, loglevel="FATAL", **options)


def _log_score(decoder: Any, first: int, last: int, transitions: bool = True) -> float:
    """Log score (base 1.0001) of the best path from frame ``first`` to ``last``, in proportion at the edges."""
    total = 0.0
    for piece in decoder.seg():
        shared = min(piece.end_frame, last) - max(piece.start_frame, first) + 1
        if shared > 0:
            score = log(piece.ascore) + (log(piece.lscore) if transitions else 0.0)
            total += score * shared / (piece.end_frame - piece.start_frame + 1)
    return total / _LOG_BASE
