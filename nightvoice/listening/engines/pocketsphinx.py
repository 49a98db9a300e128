"""The PocketSphinx engine. Its English model comes in its wheel, so it works without a download."""

from math import log
from typing import Any, Final

from pocketsphinx import Decoder

from nightvoice.audio.frames import RATE, Samples
from nightvoice.errors import NightvoiceError
from nightvoice.listening.engines.base import Alternative, Hypothesis
from nightvoice.listening.log_odds import score_of
from nightvoice.understanding.grammar import Grammar

LONGEST_S: Final = 6.0
"""Longest speech decoded, in seconds; longer speech is no command."""
_EVEN: Final = -4.0
"""Evidence per frame (grammar against phone loop, in log 1.0001) at which the score is 0.5."""
_SLOPE: Final = 4.0
"""Evidence per frame that takes the score from 0.5 to 0.73."""
_PHONES: Final = "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH"
_LOG_BASE: Final = log(1.0001)


class PocketSphinxEngine:
    """Decodes with a grammar and, in parallel, with a phone loop that can match any sound.

    A grammar decoder forces every sound into its grammar. The phone loop shows how well the sound can be explained
    without it; the difference per frame of speech is the evidence. Both score all senones (``compallsen``), which puts
    their scores on one scale.
    """

    name = "pocketsphinx"

    def __init__(self) -> None:
        # Wide beams keep a phrase whose start is lost in noise. Silence and noise are likelier than by default.
        self._guided = _decoder(beam=1e-60, wbeam=1e-40, pbeam=1e-60, silprob=0.9, fillprob=0.1)
        self._loop = _decoder(beam=1e-30, wbeam=1e-30, pbeam=1e-30, dict=None)  # no dictionary: saves 23 MB
        phones = _PHONES.split()
        for phone in phones:
            self._loop.add_word(f"_{phone}", phone, update=False)
        arcs: list[tuple[Any, ...]] = [(0, 0, 1 / len(phones), f"_{phone}") for phone in phones]
        self._loop.add_fsg("loop", self._loop.create_fsg("loop", 0, 1, [*arcs, (0, 1, 1.0)]))
        self._loop.activate_search("loop")
        self._grammar = ""
        """Name of the compiled grammar. Only one is kept: each holds its last utterance's paths, 35 MB in noise."""
        self._initial_mean: str = self._guided.get_cmn()
        """Cepstral mean before any sound; it follows the microphone from utterance to utterance."""
        self._samples = 0
        self._running = False

    def missing_words(self, grammar: Grammar) -> list[str]:
        """Return the words of the grammar that neither the dictionary nor the pack can pronounce."""
        return sorted(
            w for w in grammar.words if w not in grammar.pronunciations and self._guided.lookup_word(w) is None
        )

    def start(self, grammar: Grammar) -> None:
        """Begin an utterance. Raises NightvoiceError if a word of the grammar has no pronunciation."""
        if self._running:
            self._end()
        if grammar.name != self._grammar:
            self._compile(grammar)
        self._guided.start_utt()
        self._loop.start_utt()
        self._running, self._samples = True, 0

    def accept(self, samples: Samples) -> str:
        """Take more samples; return the words so far."""
        self._samples += len(samples)
        if self._too_long:
            return ""
        sound = samples.tobytes()
        self._guided.process_raw(sound)
        self._loop.process_raw(sound)
        hypothesis = self._guided.hyp()
        return hypothesis.hypstr if hypothesis else ""

    def partial(self) -> None:
        """Return None: the evidence is known only at the end."""

    def final(self) -> Hypothesis:
        """End the utterance."""
        self._end()
        if self._too_long:
            return Hypothesis(note=f"longer than {LONGEST_S:.0f} s")
        guided = self._guided.hyp()
        if guided is None or self._loop.hyp() is None or not guided.hypstr:
            return Hypothesis(note="nothing of the grammar")
        # Compare only the span of the words, so that noise before and after does not count against them.
        words = [s for s in self._guided.seg() if not s.word.startswith(("<", "[", "("))]
        first, last = words[0].start_frame, words[-1].end_frame
        frames = last - first + 1
        gain = _log_score(self._guided, first, last, transitions=False) - _log_score(self._loop, first, last)
        evidence = gain / frames
        score = score_of((evidence - _EVEN) / _SLOPE)
        note = f"evidence {evidence:.1f} a frame, {frames / 100:.2f} s of words"
        return Hypothesis((Alternative(guided.hypstr, score),), note=note)

    def forget(self) -> None:
        """Drop an unfinished utterance, and the cepstral mean learnt from earlier ones."""
        if self._running:
            self._end()
        self._guided.set_cmn(self._initial_mean)
        self._loop.set_cmn(self._initial_mean)

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
        arcs = [(source, target, probability, word) for source, target, word, probability in grammar.transitions]
        self._guided.add_fsg(grammar.name, self._guided.create_fsg(grammar.name, 0, 1, arcs))
        self._guided.activate_search(grammar.name)
        if self._grammar:
            self._guided.remove_search(self._grammar)
        self._grammar = grammar.name


def _decoder(**options: float | None) -> Any:
    return Decoder(lm=None, bestpath=False, compallsen=True, samprate=RATE, loglevel="FATAL", **options)


def _log_score(decoder: Any, first: int, last: int, transitions: bool = True) -> float:
    """Return the log score (base 1.0001) of the best path from frame ``first`` to ``last``.

    Segments that cross an edge count in proportion.
    """
    total = 0.0
    for segment in decoder.seg():
        shared = min(segment.end_frame, last) - max(segment.start_frame, first) + 1
        if shared > 0:
            score = log(segment.ascore) + (log(segment.lscore) if transitions else 0.0)
            total += score * shared / (segment.end_frame - segment.start_frame + 1)
    return total / _LOG_BASE
