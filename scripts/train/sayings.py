"""The sentences and answers that the sentence classifier learns from, written by hand, and how they are varied.

``said/sentences_*.tsv``: labels (separated by commas, or none), a tab, what was said. ``said/requests_*.tsv``: what is
asked for, or none, and the words. ``said/answers_*.tsv``: question, meaning, answer. All in lower case without
punctuation, as a speech recogniser gives them.
"""

import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from nightvoice.content import requests
from nightvoice.content.loader import load_pack
from nightvoice.understanding.requests import request_finder
from nightvoice.understanding.sentence_classifier import ANSWERS, WHAT_IF

SAID: Final = Path(__file__).parent / "said"
UNSEEN: Final = Path(__file__).parents[2] / "tests" / "understanding" / "unseen"
TRIED: Final = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
"""Rounds of unseen sentences that have had their first try, and are learnt from since."""
TRIED_REQUESTS: Final = (
    *("asked_1", "asked_2", "asked_3", "asked_4", "asked_5", "asked_6", "asked_7", "asked_8"),
    *("what_if_1", "what_if_2", "what_if_3", "what_if_4", "what_if_5"),
)
"""The same for requests and what-ifs."""
KINDS: Final = {
    **dict.fromkeys(("breathless", "breath", "coughblood", "blood_cough"), "chest"),
    **dict.fromkeys(("not_breathing", "unwakeable", "seizure", "blue_lips", "blue"), "unresponsive"),
    **dict.fromkeys(("cauda", "saddle", "bladder_bowel"), "cauda_equina"),
    **dict.fromkeys(("scared", "wrong", "unwell"), "unease"),
    "collapse": "faint",
    "lockjaw": "tetanus",
    "allergy": "anaphylaxis",
    "maternity": "pregnancy_danger",
    "quinine": "bleeding",
    "foot": "wound",
    "other": "emergency",
    "compartment": "fracture",
    "poison": "overdose",
    "meningitis": "sepsis",
    "pregnancy": "pregnancy_danger",
    "blood": "chest",
    "weakness": "stroke",
    "urine": "dark_urine",
    **dict.fromkeys(("long", "over_ten"), "ten_minutes"),
    "fall_head": "fall",
    "fire_gas": "fire",
    "sudden_weakness": "stroke",
    "heavy_metal": "poison",
    **dict.fromkeys(("chest_pain", "coughing_blood", "heart", "aorta", "choking"), "chest"),
    **dict.fromkeys(("gas", "carbon_monoxide"), "fire"),
    **dict.fromkeys(("electric", "intruder_stabbed"), "emergency"),
    "self_harm": "suicide",
    "not_waking": "unresponsive",
    "head_injury": "fall",
    "snake_bite": "bite",
    "numb_leg": "cold_leg",
    **dict.fromkeys(("abdomen", "burn"), "emergency"),
    "head": "fall",
}
"""Labels of the kinds in those rounds, where they have another name."""
NOT_SAID: Final = frozenset({"dangle"})
"""Kinds that are not learnt from: relief by dangling is noticed by what helped, not by words."""
NONE: Final = "none"
LABELS: Final = (
    *("chest", "unresponsive", "faint", "anaphylaxis", "hypo", "overdose", "bite", "sepsis", "fracture", "rupture"),
    *("tetany", "pregnancy_danger", "fire", "suicide", "cold_leg", "stroke", "cauda_equina", "tetanus", "fall"),
    *("heavy_bleeding", "emergency", "clot", "clot_risk", "dark_urine", "dialysis", "bleeding", "wound", "poison"),
    *("ten_minutes", "numbness", "sleep_loss", "unease", "help", "worse", "unusual", "pregnant", "blood_thinners"),
    *("diabetes", "neuropathy", "arterial_disease", "kidney_disease", "heart_disease", "fall_risk"),
    *("limited_mobility", "helper", "alone", "fine", "help_coming", "no_phone"),
)
"""What a sentence can say. None of them: harmless."""
REQUESTS: Final = (NONE, *requests.REQUESTS, WHAT_IF)
"""What a sentence can ask for: one of these."""
ABOUT_SIGNS: Final = frozenset({"danger", "doctor", "hurts", "not_working", "cannot_reach", "cannot_sit", WHAT_IF})
"""Requests whose words may tell a sign or a condition, too: what else they say is not learnt from them."""
RENAMED: Final = {"im_fine": "fine"}
QUESTIONS: Final[dict[str, list[str]]] = {
    "chest": ["Do you have chest pain, or trouble breathing?"],
    "cold_leg": ["Is the leg suddenly cold, pale, or numb?"],
    "clot": ["Is the leg swollen, hot, or red or darker than usual?", "Is the leg swollen, hot, or red?"],
    "stroke": ["Is an arm or your face weak, or is your speech slurred?"],
    "cauda_equina": ["Are you numb between the legs, or have you lost control of bladder or bowel?"],
    "tetanus": ["Is your jaw stiff, or your whole body in spasm?"],
    "fall": ["Did you fall, or can you not get up?"],
    "emergency": ["Do you need an ambulance?"],
    "help": ["Do you need help?", "Do you need help? Yes, or no."],
    "faint": ["Do you feel faint, as if you might pass out?"],
    "injury": [
        "Did you hurt the leg, or did you feel a pop?",
        "Is the leg hurt, and out of shape, or tight and numb?",
        "Did you feel a pop, or a kick, in the calf or heel?",
    ],
    "hypo": ["Could your blood sugar be low?"],
    "dark_urine": ["Is your urine dark?"],
    "bleeding": ["Are you bleeding, or do you bruise without a cause?"],
    "wound": ["Do you have a wound that is dirty, or does not heal?"],
    "ten_minutes": ["Has this cramp lasted more than ten minutes?"],
    "clot_risk": ["Have you had an operation, a cast, a long journey, or a clot lately?"],
    "suicide": ["Are you thinking of harming yourself?"],
    "usual": ["Is it like your usual cramp?", "Does it feel like your usual cramp?"],
    "doubt": ["Do you have a cramp?", "Is it a cramp?"],
    "easing": ["Is it easing?", "Is that easing it?", "How is it now? Easing?"],
    "gone": ["Is it gone now?", "Has it gone?"],
    "still": ["I'm back. Do you still have the cramp?", "Here I am again. Is the cramp still there?"],
    "another_way": ["Shall we try another way, gently?", "Do you want to try another way, gently?"],
    "safe_to_stand": ["Are you steady, is the light on, and can you hold on to something?"],
    "resume": ["I'm waiting. Say continue when you are ready.", "I'm still waiting. When you are ready, say continue."],
    "stretches": ["It's time for your stretches. Shall we begin?", "Shall we do your bedtime stretches now?"],
    "keep": ["Shall I remember that for the next nights?"],
    "condition": ["Do you have diabetes?", "Are you pregnant?", "Do you take a blood thinner?", "Do you fall easily?"],
    "tag": ["Did you drink alcohol today?", "Were you on your feet a lot today?", "Did you walk or exercise?"],
}
"""Wordings of each question; the pack's own for a danger sign come first."""
for _flag, _described in load_pack("en").triage.flags.items():
    if _flag in QUESTIONS and _described.ask not in QUESTIONS[_flag]:
        QUESTIONS[_flag].insert(0, _described.ask)
_FIND_REQUEST: Final = request_finder(load_pack("en").requests)
ANY: Final = 4
"""Number of questions after which an answer has the same meaning from which it fits any question."""
ANSWERING: Final = frozenset((
    *("yes", "yeah", "yep", "yup", "aye", "no", "nope", "nah", "not", "never", "none", "nothing", "ok", "okay"),
    *("right", "alright", "sure", "maybe", "perhaps", "think", "know", "guess", "gone", "going", "better", "worse"),
    *("easing", "eased", "easier", "easy", "less", "more", "same", "usual", "usually", "always", "normal", "fine"),
    *("good", "bad", "well", "still", "stopped", "stop", "bit", "little", "sort", "kind", "hm", "hmm", "mm", "uh"),
    *("please", "can", "could", "cannot", "did", "do", "does", "is", "was", "am", "are", "have", "has", "had"),
))  # fmt: skip
"""Words with which a sentence may answer a question."""
FILLERS: Final = (
    *("um", "oh god", "please", "listen", "i think", "erm", "oh", "no wait", "hang on", "look", "ah", "ow", "well"),
    *("help", "so", "and", "hello", "right", "love", "doctor", "okay", "i mean", "you know", "like", "the thing is"),
)
CONTRACTIONS: Final = {
    "i'm": "i am", "it's": "it is", "i've": "i have", "can't": "cannot", "don't": "do not", "he's": "he is",
    "she's": "she is", "isn't": "is not", "won't": "will not", "there's": "there is", "that's": "that is",
    "doesn't": "does not", "didn't": "did not", "haven't": "have not",
}  # fmt: skip


class Sentence(NamedTuple):
    labels: frozenset[str] | None
    """What it says; None if that is not learnt from it."""
    text: str
    request: str | None = None
    """What it asks for, one of ``REQUESTS``; None if that is not learnt from it."""


class Answer(NamedTuple):
    question: str
    meaning: str
    text: str


def load_sentences(more: Sequence[Path] = ()) -> list[Sentence]:
    """Every sentence once; of two with the same words and different labels, the first.

    ``more``: further files like ``said/sentences_*.tsv``.
    """
    found: dict[str, Sentence] = {}

    def add(labels: frozenset[str], text: str) -> None:
        """Keep a sentence; the labels of the first with these words count."""
        if text in found:
            known = found[text]
            labels = labels if known.labels is None else known.labels
            found[text] = known._replace(labels=labels)
        else:
            asks = "partner" if labels == {"helper"} else NONE if labels else _request_if_harmless(text)
            found[text] = Sentence(labels, text, asks)

    for request, text in load_requests():
        labels = None if request in ABOUT_SIGNS else frozenset[str]()
        found.setdefault(text, Sentence(labels, text, request))
    for file in (*sorted(SAID.glob("sentences_*.tsv")), *sorted(SAID.glob("heard_*.tsv")), *more):
        for line in file.read_text("utf-8").splitlines():
            names, text = line.split("\t")
            labels = frozenset(RENAMED.get(name, name) for name in names.split(",")) - {NONE}
            if unknown := labels - set(LABELS):
                raise SystemExit(f"{file.name}: unknown label {', '.join(unknown)}: {line}")
            add(labels, text)
    for number in TRIED:
        for line in (UNSEEN / f"said_{number}.tsv").read_text("utf-8").splitlines():
            what, kind, text = line.split("\t")
            label = KINDS.get(kind, kind)
            if what != "harmless" and kind in NOT_SAID:
                continue
            if what != "harmless" and label not in LABELS:
                raise SystemExit(f"said_{number}.tsv: kind {kind} has no label: name it in KINDS: {line}")
            add(frozenset() if what == "harmless" else frozenset({label}), text)
    return list(found.values())


def _request_if_harmless(text: str) -> str | None:
    """Return NONE, or None if the rules find a request: then only a reader knows what the sentence asks for."""
    return NONE if _FIND_REQUEST(text) is None else None


def load_requests() -> list[tuple[str, str]]:
    """What is asked for, and the words."""
    rows = []
    for file in (*sorted(SAID.glob("requests_*.tsv")), *(UNSEEN / f"{name}.tsv" for name in TRIED_REQUESTS)):
        for line in file.read_text("utf-8").splitlines():
            request, text = line.split("\t")
            if request not in REQUESTS:
                raise SystemExit(f"{file.name}: unknown request: {line}")
            rows.append((request, text))
    return rows


def load_answers() -> list[Answer]:
    """Every pair of question and answer once."""
    found: dict[tuple[str, str], Answer] = {}
    for file in (*sorted(SAID.glob("answers_*.tsv")), *(UNSEEN / f"answers_{number}.tsv" for number in TRIED)):
        for line in file.read_text("utf-8").splitlines():
            question, meaning, text = line.split("\t")
            if question not in QUESTIONS or meaning not in ANSWERS:
                raise SystemExit(f"{file.name}: unknown question or meaning: {line}")
            found.setdefault((question, text), Answer(question, meaning, text))
    return list(found.values())


def harmless_answers(answers: Sequence[Answer]) -> list[Sentence]:
    """Answers that name no danger by themselves: those to any question, doubts, and a plain no to a danger."""
    general, flags = said_to_any(answers), load_pack("en").triage.flags
    plain = [
        answer
        for answer in answers
        if (answer.meaning, answer.text) in general
        or answer.meaning == "unsure"
        or (answer.meaning == "no" and answer.question in flags and not {"but", "and"} & set(answer.text.split()))
    ]
    texts = dict.fromkeys(answer.text for answer in plain)
    return [Sentence(frozenset(), text, _request_if_harmless(text)) for text in texts]


def unrelated(sentences: Sequence[Sentence]) -> list[str]:
    """Harmless sentences that answer no question: "you were snoring like a train" is no "no"."""
    return [
        sentence.text
        for sentence in sentences
        if sentence.labels == frozenset()
        and not any(word in ANSWERING or word.endswith("n't") for word in sentence.text.split())
    ]


def said_to_any(answers: Sequence[Answer]) -> frozenset[tuple[str, str]]:
    """Meaning and text of answers like "i can't tell", which mean the same after several questions."""
    asked: dict[str, set[str]] = defaultdict(set)
    meanings: dict[str, set[str]] = defaultdict(set)
    for question, meaning, text in answers:
        asked[text].add(question)
        meanings[text].add(meaning)
    return frozenset(
        (next(iter(meanings[text])), text) for text in asked if len(asked[text]) >= ANY and len(meanings[text]) == 1
    )


def altered(sentence: Sentence, others: Sequence[Sentence], chance: random.Random) -> Sentence:
    """The sentence as another tongue or another recogniser gives it; sometimes two of them in one breath."""
    words = sentence.text.split()
    if chance.random() < 0.2:
        words = [expanded for word in words for expanded in CONTRACTIONS.get(word, word).split()]
    elif chance.random() < 0.15:
        words = [word.replace("'", "") for word in words]
    if len(words) > 4 and chance.random() < 0.15:
        del words[chance.randrange(len(words))]
    if chance.random() < 0.15:
        words = [*chance.choice(FILLERS).split(), *words]
    if chance.random() < 0.05:
        words = [*words, *chance.choice(FILLERS).split()]
    if len(words) > 2 and chance.random() < 0.05:
        again = chance.randrange(len(words))
        words.insert(again, words[again])
    labels, request = sentence.labels, sentence.request
    if others and chance.random() < 0.12:
        other = chance.choice(others)
        if len(words) + len(other.text.split()) < 30:
            pair = [words, other.text.split()]
            chance.shuffle(pair)
            words = pair[0] + pair[1]
            labels = None if labels is None or other.labels is None else labels | other.labels
            request = _either(request, other.request)
    return Sentence(labels, " ".join(words), request)


def _either(one: str | None, other: str | None) -> str | None:
    """Return what two sentences ask for together; None for two things, or if either is not known."""
    if one in (NONE, other):
        return other
    return one if other == NONE else None
