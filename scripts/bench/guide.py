"""Measure the guide: speed, time to the first help, and safety. Prints one JSON object last.

python scripts/bench/guide.py [--mutants]
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from time import perf_counter
from typing import Any

import yaml

from nightvoice.assembly import build_prompt_cache
from nightvoice.audio.frames import FRAME_S
from nightvoice.config.schema import Config
from nightvoice.content.claim_index import clinical_sentences
from nightvoice.content.loader import load_pack
from nightvoice.content.pages import load_pages
from nightvoice.content.schema import SITES
from nightvoice.dialogue.actions import Say, StopSpeaking
from nightvoice.dialogue.events import Event, Heard, SpeechEnded, Tick
from nightvoice.dialogue.guide import Guide
from nightvoice.dialogue.state import State
from nightvoice.speaking.duration import estimate_seconds
from nightvoice.understanding.red_flags import RedFlagDetector
from scripts.bench.triage import TABLES, judge, told
from scripts.make_nights import FOLDER, pages
from tests.dialogue.any_night import play
from tests.dialogue.mutants import MUTANTS, killed
from tests.dialogue.test_rules import NIGHTS

PACK = load_pack()
HOURS = 8
SPEECH_S = 2.0
CRAMP = ((0.0, "cramp"), (8.0, "yes"), (90.0, "better"), (112.0, "yes"))
"""Seconds from the onset, and the intent."""
CRAMP_EVERY_S = 1800.0
CRAMPS = 3
"""Cramps per night, enough to hear every wording of the first words."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutants", action="store_true", help="also remove each guard of the rules; takes minutes")
    options = parser.parse_args()
    result: dict[str, Any] = {
        "quickness": quickness(),
        "first_help_s": first_help(),
        "ledger": ledger(),
        "triage": {language: triage(language) for language in ("en", "de")},
        "nights": nights(),
        "rules": rules(),
    }
    if options.mutants:
        result["mutants"] = mutants()
    print(json.dumps(result))


def quickness() -> dict[str, float]:
    """Ticks per second through a night with a cramp every half hour."""
    guide, state = Guide(PACK), State()
    ticks = round(HOURS * 3600 / FRAME_S)
    heard = [(n * CRAMP_EVERY_S + at, intent) for n in range(int(HOURS * 3600 / CRAMP_EVERY_S)) for at, intent in CRAMP]
    speech: tuple[int, float] | None = None
    said = 0
    began = perf_counter()
    for tick in range(1, ticks + 1):
        t = tick * FRAME_S
        events: list[Event] = []
        if speech and t >= speech[1]:
            events.append(SpeechEnded(t, speech[0]))
            speech = None
        if heard and t >= heard[0][0]:
            events.append(Heard(t, heard.pop(0)[1], {"site": "calf", "side": "left"}))
        events.append(Tick(t))
        for event in events:
            state, actions = guide.step(state, event)
            for action in actions:
                if isinstance(action, Say):
                    speech, said = (action.utterance, t + SPEECH_S), said + 1
                elif isinstance(action, StopSpeaking):
                    speech = None
    seconds = perf_counter() - began
    return {"ticks": ticks, "said": said, "seconds": round(seconds, 2), "ticks_per_second": round(ticks / seconds)}


def first_help() -> dict[str, Any]:
    """Seconds of speech from "I have a cramp" to the end of the first instruction that helps, the longest wording."""
    speak = build_prompt_cache(Config()).get
    result: dict[str, Any] = {}
    for known, sites in (("with_site", SITES), ("without_site", (None,))):
        openings = {words for site in sites for words in first_words(site)}
        result[known] = {
            "voice": round(max(sum(speak(text).seconds for text in words) for words in openings), 2),
            "at_150_words_a_minute": round(max(sum(estimate_seconds(text) for text in words) for words in openings), 2),
        }
    return result


def first_words(site: str | None) -> Iterator[tuple[str, ...]]:
    """The texts up to the first advice, for ``CRAMPS`` cramps in a row."""
    guide, state, t = Guide(PACK), State(), 0.0
    for _ in range(CRAMPS):
        words: list[str] = []
        event: Event = Heard(t, "cramp", {} if site is None else {"site": site})
        while True:
            state, actions = guide.step(state, event)
            say = next(action for action in actions if isinstance(action, Say))
            words.append(say.text)
            if say.claim is not None:
                break
            t += SPEECH_S
            event = SpeechEnded(t, say.utterance)
        yield tuple(words)
        t += CRAMP_EVERY_S
        for event in (Heard(t, "gone"), Heard(t, "stop")):
            state, _ = guide.step(state, event)


def ledger() -> dict[str, Any]:
    """Counts of the claims ledger, and of claims that are spoken although rejected, or never spoken."""
    claims = PACK.ledger.claims
    heard = {sentence.claim for part in (PACK, load_pages()) for sentence in clinical_sentences(part)}
    verdicts: list[str] = [claim.verdict for claim in claims.values()]
    return {
        "rows": len(claims),
        "of_the_seeds": sum(bool(claim.seeds) for claim in claims.values()),
        **Counter(verdicts),
        "adopted_but_unheard": sum(claim.verdict == "adopt" and name not in heard for name, claim in claims.items()),
        "silent_with_a_reason": sum(bool(claim.silent) for claim in claims.values()),
        "rejected_but_heard": sum(claim.verdict == "reject" and name in heard for name, claim in claims.items()),
    }


def triage(language: str) -> dict[str, int]:
    """The results for the table of utterances; triage.py shows the details."""
    signs = load_pack(language).triage
    emergencies = {name for name, flag in signs.flags.items() if flag.action == "emergency"}
    found, counts, utterances = RedFlagDetector(signs), Counter[str](), 0
    for row in yaml.safe_load(TABLES[language].read_text("utf-8")):
        for text in row["said"]:
            utterances += 1
            counts.update(judge(row["expect"], told(found.find(text)), emergencies))
    return {"utterances": utterances, **counts}


def nights() -> dict[str, Any]:
    """The number of transcripts in docs/nights, and whether they are current."""
    made = dict(pages())
    current = all((FOLDER / name).read_text("utf-8") == text for name, text in made.items())
    return {"nights": sum(text.count("\n## ") for text in made.values()), "pages": len(made), "current": current}


def rules() -> dict[str, Any]:
    """Check new random nights against the twelve rules. Raises RuleBrokenError."""
    began = perf_counter()
    steps = play(NIGHTS, same=False)
    return {"nights": NIGHTS, "steps": steps, "broken": 0, "seconds": round(perf_counter() - began, 1)}


def mutants() -> dict[str, int]:
    """The number of removed guards and of those noticed; mutate_rules.py lists them."""
    return {"mutants": len(MUTANTS), "killed": sum(killed(mutant) is not None for mutant in MUTANTS)}


if __name__ == "__main__":
    main()
