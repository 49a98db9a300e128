"""What an utterance means in the light of the open question: the rules' finding and the classifier's scores, weighed.

The rules know exactly what they were told (negation, history, set phrases); the classifier knows what is like it. A
danger that either is sure of is acted on, one that only seems so is asked about. Pure functions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from nightvoice.content.eligibility import CONDITIONS
from nightvoice.content.triage import ACTIONS, CALM_ACTIONS, Triage
from nightvoice.understanding.red_flags import RedFlagFinding
from nightvoice.understanding.sentence_classifier import NO_REQUEST, WHAT_IF, Meaning

SURE: Final = 0.6
"""Probability of a danger from which the guide acts on it."""
POSSIBLE: Final = 0.16
"""Probability of any danger from which the guide asks about the likeliest."""
NEGLIGIBLE: Final = 0.02
"""Probability below which a danger is not added to that of any danger. Where all are, the rules' finding is dropped."""
DOUBTED: Final = 0.1
"""Probability of any danger below which the rules' finding is only asked about; their suspicion is dropped if unease is
below it, too."""
CONTRADICTED: Final = 0.9
"""Probability from which a danger counts beside others that the rules found denied, or long ago; the same danger is
asked about: "I pinched it and nothing, no feeling" denies none."""
SURE_WHILE_IDLE: Final = 0.9
"""Probability of a danger from which it counts while no episode is open: a television may have said it."""
YES: Final = 0.75
"""Probability of a yes from which it is one: it may let somebody stand up."""
YES_TO_DANGER: Final = 0.4
"""The same while a danger is asked about: low, because this yes must not be missed."""
NO: Final = 0.87
"""Probability of a no from which it is one."""
NO_TO_DANGER: Final = 0.94
"""The same while a danger is asked about: a yes must not be taken for a no."""
UNSURE: Final = 0.5
ANSWERED: Final = 0.6
"""Probability of an answer from which it is taken although the classifier finds a danger beside it possible."""
OUTWEIGHS: Final = 0.9
"""Probability of an answer from which it outweighs a set phrase: "the same" is a yes to "like your usual cramp?"."""
NAMED: Final = 0.05
"""Probability of a danger from which the answer to "what if …?" names it."""
ASKED_FOR: Final = 0.4
"""Probability of a request from which it is one."""
CLEARLY_ASKED: Final = 0.9
"""Probability of a request from which it outweighs a danger that only the classifier finds possible; one that it finds
likely is asked about beside it."""
TOLD: Final = 0.6
"""Probability of anything else that is told."""
TOO_LONG: Final = "ten_minutes"
"""The flag of a cramp that lasts long, of which "still bad" reminds the classifier."""
HELP: Final = "help"
"""The flag whose question is "Do you need help?"."""
UNEASE: Final = ("unease", HELP)
"""Labels without a sign, after which the guide asks that question."""
INTENTS: Final = ("worse", "unusual", "helper", "fine", "help_coming", "no_phone", "alone")
"""Labels that are intents, the weightiest first."""
CALLS: Final = frozenset({"emergency", HELP})
"""Flags that are calls for help, without a sign of what is wrong."""
ABOUT_DANGER: Final = frozenset({"danger", "doctor"})
"""Requests that ask whether it is dangerous."""
NO_SIGNS: Final = (HELP, "worse")
"""Labels that share their name with a flag but are no sign: they are asked about, or are a command."""
SOFT: Final = frozenset({"yes", "no", "unsure"})
"""Intents whose phrases may mean another answer, by the question."""
CERTAIN: Final = frozenset({"yes", "yeah", "yep", "no", "nope"})
"""Words that are never anything else."""


@dataclass(frozen=True)
class Interpretation:
    """An intent and its slots. ``by_meaning``: found in the person's own words, not by a set phrase."""

    intent: str
    slots: Mapping[str, str] = field(default_factory=dict)
    by_meaning: bool = False


def is_certain(text: str, intent: str, finding: RedFlagFinding) -> bool:
    """Whether ``text``, a set phrase of ``intent``, means just that, whatever the classifier would find."""
    return finding.flag is None and (intent not in SOFT or text.lower() in CERTAIN)


def interpret(
    text: str,
    meaning: Meaning,
    finding: RedFlagFinding,
    phrase: Interpretation | None,
    triage: Triage,
    state: str,
    request: Interpretation | None = None,
) -> Interpretation | None:
    """Return what ``text`` means, or None.

    ``phrase``: what it means as a set phrase, if it is one; ``request``: what it asks for in its own words.
    """
    if phrase is not None and is_certain(text, phrase.intent, finding):
        return phrase
    sure, possible = _danger(meaning, finding, triage, idle=state == "idle")
    what_if = finding.what_if or _asks_what_if(request)
    if sure is not None and sure.slots["flag"] not in CALLS and what_if:
        possible, sure = _suspicion(sure.slots["flag"]), None
        if not (finding.what_if and meaning.requests.get(WHAT_IF, 0.0) >= CLEARLY_ASKED):
            request = None  # it may have come: "what if this is my heart, it's crushing"
    answer = _answer(meaning, to_danger=state == "triage")
    if request is not None and not _outweighs(sure or possible, request, meaning, finding):
        answers_first = answer is not None and (state == "triage" or _answers_rather(meaning))
        return answer if answers_first else _about(request, meaning, finding, triage)
    if sure is not None and not (answer is not None and _only_told(sure, meaning, finding, triage)):
        doubtful = request is not None and _clearly_asked(meaning) and _only_likely(sure, meaning, finding, triage)
        return _suspicion(sure.slots["flag"]) if doubtful else sure
    if possible is not None and what_if:
        possible = replace(possible, slots={**possible.slots, WHAT_IF: "on"})
    if phrase is not None and (answer is None or _answering(meaning) < OUTWEIGHS):
        return phrase if answer is not None else possible or phrase
    if possible is not None and finding.flag is not None:
        return possible
    if answer is not None and (possible is None or _answering(meaning) >= ANSWERED):
        return answer
    return possible or (None if state == "idle" else _told(meaning))


def asked_for(meaning: Meaning) -> str | None:
    """Return the request that the classifier finds, or None."""
    likeliest = max(meaning.requests, key=lambda name: meaning.requests[name])
    return likeliest if likeliest != NO_REQUEST and meaning.requests[likeliest] >= ASKED_FOR else None


def _about(request: Interpretation, meaning: Meaning, finding: RedFlagFinding, triage: Triage) -> Interpretation:
    """Return ``request``; a question about a danger that has not come names the danger, if it is found."""
    if not _asks_what_if(request):
        return request
    signs = {name: score for name, score in meaning.labels.items() if name in triage.flags and triage.flags[name].then}
    likeliest = max(signs, key=lambda name: signs[name], default="")
    mentioned = finding.flag or (min(finding.dismissed) if len(finding.dismissed) == 1 and not finding.denied else "")
    named = mentioned or (likeliest if signs.get(likeliest, 0.0) >= NAMED else "")
    return replace(request, slots={**request.slots, "flag": named}) if named else request


def _asks_what_if(request: Interpretation | None) -> bool:
    return request is not None and request.slots.get("what") == WHAT_IF


def _danger(
    meaning: Meaning, finding: RedFlagFinding, triage: Triage, idle: bool
) -> tuple[Interpretation | None, Interpretation | None]:
    """Return the danger to act on, and the one to ask about; None for neither."""
    scores = {name: score for name, score in meaning.labels.items() if name in triage.flags and name not in NO_SIGNS}
    signs = {name: score for name, score in scores.items() if name not in finding.dismissed}
    pressing = {name: score for name, score in signs.items() if _pressing(name, triage)}
    any_sign, any_pressing = _any(signs), _any(pressing)
    sure = CONTRADICTED if finding.dismissed else SURE_WHILE_IDLE if idle else SURE
    clear = sorted((name for name in signs if signs[name] >= sure), key=lambda name: _urgency(name, triage))
    if finding.flag is not None and finding.sure and (any_sign >= DOUBTED or not _pressing(finding.flag, triage)):
        doubted = signs.get(finding.flag, 1.0) < POSSIBLE
        either = [*clear, finding.flag] if doubted else [finding.flag, *clear]
        return _flag(min(either, key=lambda name: _urgency(name, triage))), None
    if clear and finding.flag not in clear and (_pressing(clear[0], triage) or any_pressing < POSSIBLE):
        return _flag(clear[0]), None
    uneasy = max(meaning.labels[name] for name in UNEASE)
    supposed = finding.sure and any_sign > 0
    if finding.flag is not None and (supposed or max(any_sign, uneasy) >= DOUBTED):
        return None, _suspicion(finding.flag)
    if idle:
        return None, None
    denied = max(finding.dismissed & scores.keys(), key=lambda name: scores[name], default="")
    if denied and scores[denied] >= CONTRADICTED:
        return None, _suspicion(denied)
    if finding.dismissed:
        return None, None
    if any_pressing >= POSSIBLE:
        return None, _suspicion(max(pressing, key=lambda name: pressing[name]))
    if uneasy >= TOLD:
        return None, _suspicion(HELP)
    return None, None


def _any(signs: Mapping[str, float]) -> float:
    """Return the probability of any of ``signs``, as a sum."""
    return sum(score for score in signs.values() if score >= NEGLIGIBLE)


def _outweighs(
    danger: Interpretation | None, request: Interpretation, meaning: Meaning, finding: RedFlagFinding
) -> bool:
    """Return whether a danger counts more than the request beside it.

    A question about a danger ("could it be a clot?") is likely to look like one, so beside it only what the rules found
    counts, or what is as good as certain.
    """
    only_possible = danger is not None and danger.intent == "suspicion" and finding.flag is None
    if only_possible and danger != _suspicion(HELP) and _clearly_asked(meaning):
        return False
    if danger is None or request.slots.get("what") not in ABOUT_DANGER:
        return danger is not None
    if finding.flag is None and danger.slots["flag"] in CALLS:
        return False
    return finding.flag is not None or meaning.labels.get(danger.slots["flag"], 0.0) >= CONTRADICTED


def _answers_rather(meaning: Meaning) -> bool:
    """Whether words that may ask for something are a clear answer rather: "not a bit" to "is it easing?"."""
    return _answering(meaning) >= OUTWEIGHS and _answering(meaning) > _asking(meaning)


def _answering(meaning: Meaning) -> float:
    """Probability of the likeliest answer."""
    return max(meaning.answers.values())


def _clearly_asked(meaning: Meaning) -> bool:
    return _asking(meaning) >= CLEARLY_ASKED


def _asking(meaning: Meaning) -> float:
    """Probability of the likeliest request."""
    return max((score for name, score in meaning.requests.items() if name != NO_REQUEST), default=0.0)


def _only_likely(found: Interpretation, meaning: Meaning, finding: RedFlagFinding, triage: Triage) -> bool:
    """Whether only the classifier found this danger, and is not certain: "so sitting up is not happening".

    Of the rounds tried, none of the emergencies was of this kind, and eleven requests were.
    """
    flag = found.slots["flag"]
    return _pressing(flag, triage) and finding.flag is None and meaning.labels.get(flag, 0.0) < CONTRADICTED


def _only_told(found: Interpretation, meaning: Meaning, finding: RedFlagFinding, triage: Triage) -> bool:
    """Whether a clear answer outweighs what was found: only the classifier found it, and it presses nobody."""
    flag = found.slots["flag"]
    mild = flag == TOO_LONG or not _pressing(flag, triage)
    return mild and finding.flag is None and _answering(meaning) >= OUTWEIGHS


def _suspicion(name: str) -> Interpretation:
    return Interpretation("suspicion", {"flag": name}, by_meaning=True)


def _flag(name: str) -> Interpretation:
    return Interpretation("flag", {"flag": name}, by_meaning=True)


def _pressing(flag: str, triage: Triage) -> bool:
    return triage.flags[flag].action not in CALM_ACTIONS


def _urgency(flag: str, triage: Triage) -> int:
    """Return how urgent a flag is: 0 is the most urgent."""
    return ACTIONS.index(triage.flags[flag].action)


def _answer(meaning: Meaning, to_danger: bool) -> Interpretation | None:
    """Return the answer to the open question. In doubt none: it is asked again."""
    answers = meaning.answers
    if not answers:
        return None
    yes, no = (YES_TO_DANGER, NO_TO_DANGER) if to_danger else (YES, NO)
    for intent, least in (("yes", yes), ("no", no), ("unsure", UNSURE)):
        if answers[intent] >= least:
            return Interpretation(intent, by_meaning=True)
    return None


def _told(meaning: Meaning) -> Interpretation | None:
    """Return what else the sentence tells: an intent, or a condition of the person."""
    for intent in INTENTS:
        if meaning.labels[intent] >= TOLD:
            return Interpretation(intent, by_meaning=True)
    condition = max((name for name in CONDITIONS if name in meaning.labels), key=lambda name: meaning.labels[name])
    if meaning.labels[condition] >= TOLD:
        return Interpretation("told", {"condition": condition}, by_meaning=True)
    return None
