"""Recognises intents in text, by the sentence templates and danger signs of a content pack."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from typing import Any, Final

from hassil.intents import Intents
from hassil.parse_expression import parse_sentence
from hassil.parser import ParseError

from nightvoice.content.requests import Requests
from nightvoice.content.triage import Triage
from nightvoice.errors import NightvoiceError
from nightvoice.understanding.grammar import Grammar, build_grammar
from nightvoice.understanding.interpretation import (
    CALLS,
    HELP,
    SURE_WHILE_IDLE,
    Interpretation,
    asked_for,
    interpret,
    is_certain,
)
from nightvoice.understanding.phrase_graph import PhraseGraph
from nightvoice.understanding.red_flags import NOTHING_FOUND, RedFlagDetector, RedFlagFinding
from nightvoice.understanding.requests import request_finder
from nightvoice.understanding.sentence_classifier import WHAT_IF, Meaning, SentenceClassifier

UNEXPECTED_PROBABILITY: Final = 0.2
"""Probability of a phrase that does not answer the question just asked: if both fit equally well, the answer wins."""

ASKED: Final = "asked"
"""The intent of somebody who asks for a step or an answer; its slot ``what`` names it."""
DOCTOR: Final = "doctor"
"""The request of somebody who asks whether to call a doctor. It calls for nobody."""
SAME_AS: Final = {"partner": "helper", "what_can_you": "commands"}
"""Requests that have an intent of their own."""

_NEEDS_SLOT: Final = frozenset({"cramp", "site", "side", "flag", "number", "duration", ASKED, "moved"})
"""Intents that mean nothing without the place, number or sign that they name."""

_PLACES: Final = ("site", "side", "moved", "cramp")
"""Intents that name a place."""

ANSWER_WORDS: Final = 3
"""Maximum words of the answer in an answer and a place."""

_Compiled = tuple[PhraseGraph, list[dict[str, str]]]
"""The phrases of an intent, and the fixed slots of each of its sentence templates."""


@dataclass(frozen=True)
class RecognizeResult:
    """An intent, its slots, and the text that they were found in."""

    intent: str
    slots: Mapping[str, str]
    text: str
    by_meaning: bool = False
    """Whether the words are the person's own, no set phrase."""


class IntentRecognizer:
    """Recognises the intents of a content pack, and makes a grammar per dialogue state for speech recognisers.

    ``data`` is the mapping of ``intents.yaml``: hassil's ``intents``, ``lists``, ``expansion_rules`` and
    ``skip_words``, and our ``states`` (intents recognised in each dialogue state), ``expected`` (intents that answer
    what a state has just asked), ``joiners`` (words between two answers), ``distractors`` (by state) and
    ``pronunciations``. Raises NightvoiceError if it cannot be used.
    """

    def __init__(
        self,
        data: Mapping[str, Any],
        triage: Triage | None = None,
        classifier: SentenceClassifier | None = None,
        requests: Requests | None = None,
    ) -> None:
        """``triage``: also find danger signs in free text; without it only the phrases of ``data`` name them.

        ``classifier``: also understand sentences in people's own words; it needs ``triage``. ``requests``: also find
        what people ask for, during an episode.
        """
        try:
            self._pack = Intents.from_dict(dict(data))
        except (KeyError, TypeError, AttributeError, ParseError) as error:
            raise NightvoiceError(f"the intents cannot be read: {error!r}") from error
        self._states: dict[str, tuple[str, ...]] = {s: tuple(names) for s, names in data["states"].items()}
        for state, names in self._states.items():
            for name in names:
                if name not in self._pack.intents:
                    raise NightvoiceError(f"state '{state}' lists the intent '{name}', which has no sentences")
        self._expected: dict[str, frozenset[str]] = {
            s: frozenset(names) for s, names in data.get("expected", {}).items()
        }
        distractors: Mapping[str, list[Any]] = data.get("distractors", {})
        self._distractors = {state: [str(phrase) for phrase in phrases] for state, phrases in distractors.items()}
        self._fillers = frozenset(self._pack.skip_words)
        self._joiners = self._fillers.union(data.get("joiners", ()))
        self._pronunciations: dict[str, str] = dict(data.get("pronunciations", {}))
        self._compiled: dict[str, _Compiled] = {}
        self._grammars: dict[str, Grammar] = {}
        self._triage, self._classifier = triage, classifier
        self._red_flags = RedFlagDetector(triage) if triage else None
        self._calls = {call: flag for flag, calls in triage.calls.items() for call in calls} if triage else {}
        # The classifier finds requests itself.
        self._find_request = request_finder(requests) if requests and classifier is None else lambda _: None

    @property
    def states(self) -> tuple[str, ...]:
        return tuple(self._states)

    @property
    def calls(self) -> tuple[str, ...]:
        """What people call out when they need help, each of which ``call_for_help`` understands."""
        return tuple(self._calls)

    def grammar(self, state: str) -> Grammar:
        """Return the grammar of ``state``, including fillers and distractors."""
        if state not in self._grammars:
            self._grammars[state] = self._build_grammar(state)
        return self._grammars[state]

    def expects(self, intent: str, state: str) -> bool:
        """Whether ``intent`` answers what ``state`` has just asked; true if it asks for nothing in particular."""
        return intent in self._expected.get(state, frozenset({intent}))

    def stands_alone(self, intent: str, state: str) -> bool:
        """Whether ``intent`` is allowed in ``state`` and is complete without a place, a number or a sign."""
        return intent in self._states[state] and intent not in _NEEDS_SLOT

    def load(self) -> None:
        """Load the classifier now, so that nobody waits for it at night. Raises NightvoiceError if it is unusable."""
        if self._classifier is not None:
            self._classifier.load()

    def can_ask_about(self, result: RecognizeResult) -> bool:
        """Whether ``result`` is a danger sign about which there is a question."""
        flag = result.slots.get("flag")
        return result.intent == "flag" and self._triage is not None and bool(self._triage.flags[flag or ""].ask)

    def recognize(self, text: str, state: str, question: str = "") -> RecognizeResult | None:
        """Return what ``text`` means in ``state``, while ``question`` (its words) is open, or None.

        Danger signs are found anywhere in the text: ``flag`` is a certain one, ``suspicion`` must be asked about first;
        both name it in the slot ``flag``. Phrases match whole: fillers at the ends and punctuation are ignored, and
        distractors give None. Other words mean what the classifier finds them to mean, if there is one.
        """
        phrase = self._match_phrase(text, state)
        finding = self._red_flags.find(text) if self._red_flags else NOTHING_FOUND
        if phrase is not None and phrase.intent == "flag":
            return phrase
        if phrase is None and finding.flag is None and (both := self._answer_and_place(text, state)) is not None:
            return both
        finding = _call_meant(finding, phrase)
        if phrase is not None and is_certain(text, phrase.intent, finding):
            return phrase
        meaning = None if self._classifier is None else self._classifier.meaning(text, question)
        request = self._request(text, state, meaning, finding.what_if) if phrase is None else None
        finding = _call_meant(finding, request)
        if meaning is not None and self._triage is not None:
            known = None if phrase is None else Interpretation(phrase.intent, phrase.slots)
            found = interpret(text, meaning, finding, known, self._triage, state, request)
            if found is not None:
                return RecognizeResult(found.intent, found.slots, text, found.by_meaning)
        elif finding.flag is not None:
            asks = {WHAT_IF: "on"} if finding.what_if and not finding.sure else {}
            return RecognizeResult("flag" if finding.sure else "suspicion", {"flag": finding.flag} | asks, text)
        elif request is not None:
            return RecognizeResult(request.intent, request.slots, text, request.by_meaning)
        if phrase is None and finding.denied and "no" in self._expected.get(state, frozenset()):
            return RecognizeResult("no", {}, text)
        return phrase

    def call_for_help(self, text: str) -> RecognizeResult | None:
        """Return the call for help or the danger sign that the very words of ``text`` name, or None.

        A listed call, or what the rules find.
        What only the classifier finds is none: of 1,655 sentences that people read aloud, it finds a danger in 20 or
        more, and the words name one in 2. "Help" is a word of many sentences, so that the classifier must find a call.
        """
        called = self._calls.get(" ".join(_words(text)))
        if called == HELP:
            return RecognizeResult(HELP, {}, text)
        if called is not None:
            return RecognizeResult("suspicion", {"flag": called}, text)
        result = self.recognize(text, "idle")
        if result is not None and (result.intent in (HELP, "suspicion") or self.can_ask_about(result)):
            named = self._red_flags is not None and self._red_flags.find(text).flag is not None
            return result if named or not result.by_meaning else None
        if self._classifier is None or HELP not in _words(text):
            return None
        is_call = self._classifier.meaning(text).labels[HELP] >= SURE_WHILE_IDLE
        return RecognizeResult(HELP, {}, text, by_meaning=True) if is_call else None

    def _request(self, text: str, state: str, meaning: Meaning | None, what_if: bool) -> Interpretation | None:
        """Return what ``text`` asks for in its own words; while idle nothing, since a television asks, too."""
        if state not in self._states or ASKED not in self._states[state]:
            return None
        what = self._find_request(text) if meaning is None else asked_for(meaning)
        if what is None:
            return Interpretation(ASKED, {"what": WHAT_IF}, by_meaning=True) if what_if else None
        if what in SAME_AS:
            return Interpretation(SAME_AS[what], by_meaning=True)
        return Interpretation(ASKED, {"what": what}, by_meaning=True)

    def _answer_and_place(self, text: str, state: str) -> RecognizeResult | None:
        """Return the meaning of an answer with a place after it, like "yes, and it's the right one".

        A yes carries the slots of the place. After a no the place is a correction: "no, it's my foot".
        """
        if "site" not in self._states[state] and "moved" not in self._states[state]:
            return None
        words = _words(text)
        for end in range(1, min(len(words), ANSWER_WORDS + 1)):
            answer = self._match_words(words[:end], text, state)
            if answer is None or answer.intent not in ("yes", "no"):
                continue
            place = self._match_words(_without(words[end:], self._joiners), text, state)
            if place is not None and place.intent in _PLACES and place.slots:
                slots = {**place.slots, **({"moved": "on"} if place.intent == "moved" else {})}
                return replace(place, intent="yes", slots=slots) if answer.intent == "yes" else place
        return None

    def _match_phrase(self, text: str, state: str) -> RecognizeResult | None:
        return self._match_words(_words(text), text, state)

    def _match_words(self, words: list[str], text: str, state: str) -> RecognizeResult | None:
        for candidate in (words, _without(words, self._fillers)):
            for intent in self._intents_of(state):
                graph, fixed = self._compile(intent)
                match = graph.match(candidate)
                if match:
                    return RecognizeResult(intent, {**fixed[match[0]], **match[1]}, text)
        return None

    def _intents_of(self, state: str) -> tuple[str, ...]:
        if state not in self._states:
            raise NightvoiceError(f"unknown dialogue state '{state}': use one of {', '.join(self._states)}")
        return self._states[state]

    def _compile(self, intent: str) -> _Compiled:
        """Return the phrases of ``intent``. It is compiled when first needed, once for all states."""
        if intent not in self._compiled:
            self._compiled[intent] = self._build(intent)
        return self._compiled[intent]

    def _build(self, intent: str) -> _Compiled:
        graph = PhraseGraph(self._pack.slot_lists, self._pack.expansion_rules)
        fixed: list[dict[str, str]] = []
        for block in self._pack.intents[intent].data:
            for text in block.sentence_texts:
                try:
                    graph.add(parse_sentence(text).expression, len(fixed))
                except (NightvoiceError, ParseError) as error:
                    raise NightvoiceError(f"intent '{intent}', sentence '{text}': {error}") from error
                fixed.append({slot: str(value) for slot, value in block.slots.items()})
        return graph, fixed

    def _build_grammar(self, state: str) -> Grammar:
        intents = self._intents_of(state)
        expected = self._expected.get(state, frozenset(intents))
        graph = PhraseGraph(self._pack.slot_lists, self._pack.expansion_rules)
        weights: list[float] = []
        for intent in intents:
            phrases, fixed = self._compile(intent)
            graph.extend(phrases, len(weights))
            weights += [1.0 if intent in expected else UNEXPECTED_PROBABILITY] * len(fixed)
        distractors = self._distractors.get(state, [])
        return build_grammar(state, graph, weights, self._fillers, distractors, self._pronunciations)


def _call_meant(finding: RedFlagFinding, asked: RecognizeResult | Interpretation | None) -> RedFlagFinding:
    """Return ``finding`` without a call for help if ``asked`` only asks whether to call a doctor."""
    whether = asked is not None and DOCTOR in asked.slots.values()
    return NOTHING_FOUND if whether and finding.flag in CALLS else finding


def _words(text: str) -> list[str]:
    return [bare for word in text.lower().replace("’", "'").split() if (bare := word.strip('.,!?;:…"-'))]


def _without(words: list[str], fillers: Set[str]) -> list[str]:
    """Return ``words`` without ``fillers`` at either end."""
    begin, end = 0, len(words)
    while begin < end and words[begin] in fillers:
        begin += 1
    while end > begin and words[end - 1] in fillers:
        end -= 1
    return words[begin:end]
