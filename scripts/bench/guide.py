"""Measure the guide: how soon help comes, with how many words, what it asks, speed and safety. Prints JSON last.

    python scripts/bench/guide.py [--against DIR] [--made-up N] [--mutants]

Over the nights of docs/nights and made-up ones, which all rules of the tests judge. Times are seconds of speech.
"""

import argparse
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from pathlib import Path
from time import process_time
from typing import Any

import yaml
from rich.console import Console
from rich.progress import Progress

from nightvoice.audio.frames import FRAME_S
from nightvoice.content.claim_index import clinical_sentences
from nightvoice.content.loader import load_pack
from nightvoice.content.pages import load_pages
from nightvoice.content.schema import SITES
from nightvoice.dialogue.actions import Say, StopSpeaking
from nightvoice.dialogue.cramp_history import CrampHistory
from nightvoice.dialogue.events import Event, Heard, HistoryReady, SpeechEnded, Tick
from nightvoice.dialogue.guide import Guide
from nightvoice.dialogue.prompt_builder import RISKS
from nightvoice.dialogue.state import State
from nightvoice.understanding.red_flags import RedFlagDetector
from scripts.bench.first_help import TimedBedroom, is_step, questions
from scripts.bench.first_help import by_site as first_help_by_site
from scripts.bench.made_up_nights import MadeUpNight, play
from scripts.bench.triage import TABLES, judge, told
from scripts.make_nights import FOLDER, pages
from tests.dialogue.mutants import MUTANTS, killed
from tests.dialogue.observer import QUESTIONS

PACK = load_pack()
HOURS = 8
SPEECH_S = 2.0
CRAMP = ((0.0, "cramp"), (8.0, "yes"), (90.0, "better"), (112.0, "yes"))
"""Seconds from the onset, and the intent."""
CRAMP_EVERY_S = 1800.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", type=Path, metavar="DIR", help="compare the first help with this checkout")
    parser.add_argument("--made-up", type=int, default=2000, metavar="N", help="number of made-up nights (%(default)s)")
    parser.add_argument("--mutants", action="store_true", help="also remove each guard of the rules; takes minutes")
    options = parser.parse_args()
    with Progress(console=Console(stderr=True)) as progress:
        result: dict[str, Any] = {
            "first_help": first_help(options.against),
            "known_usual_is_asked": known_usual(),
            "ways": ways(),
            "made_up": made_up(options.made_up, progress),
            "nights": nights(progress),
            "quickness": quickness(),
            "ledger": ledger(),
            "triage": {language: triage(language) for language in ("en", "de")},
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
    began = process_time()
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
    seconds = process_time() - began
    return {"ticks": ticks, "said": said, "seconds": round(seconds, 2), "ticks_per_second": round(ticks / seconds)}


def first_help(against: Path | None) -> dict[str, Any]:
    """Return when help comes and with how many words, by site; also of the checkout ``against``, if given."""
    result = {"now": first_help_by_site()}
    if against is not None:
        command = [sys.executable, str(Path(first_help_by_site.__code__.co_filename).resolve())]
        surroundings = {**os.environ, "PYTHONPATH": str(against)}
        found = subprocess.run(command, cwd=against, env=surroundings, capture_output=True, text=True, check=True)
        result["before"] = json.loads(found.stdout)
    return result


def known_usual() -> dict[str, list[str]]:
    """Return the questions that a known person's usual cramp is asked, by site, until they say that it is gone."""
    result: dict[str, list[str]] = {}
    for site in SITES:
        bed = TimedBedroom(Guide(PACK), rules={}, history=CrampHistory(usual_sites=frozenset({site})))
        bed.send(HistoryReady(0.0, bed.history))
        bed.hear("cramp", {"site": site, "side": "left"})
        result[site] = [say.text for say in answered(bed, "gone")]
    return result


def answered(bed: TimedBedroom, intent: str) -> Iterator[Say]:
    """Yield each question, and answer it with ``intent``."""
    for say in questions(bed):
        yield say
        bed.hear(intent, {})


def ways() -> dict[str, dict[str, Any]]:
    """Return the minutes until each allowed step of somebody steady, and those never reached.

    By site and profile, where nothing helps, where the second step eases it a little, and where each step does.
    """
    result: dict[str, dict[str, Any]] = {}
    for site, profile, eases in product(SITES, ("", "limited_mobility", "fall_risk"), ("nothing", "second", "each")):
        allowed = [step for step in PACK.protocols[site] if step.allowed_for(frozenset({profile} - {""}))]
        reached = live_ways(site, profile, eases)
        due = {step.id for step in allowed if eases == "each" or not step.only_if_eased}
        result[f"{site}, {profile or 'all allowed'}, {eases} eases"] = {
            "minutes": {step: round(at / 60, 1) for step, at in reached.items()},
            "last": round(max(reached.values()) / 60, 1),
            "missing": sorted(due - reached.keys()),
            "not_allowed": sorted(reached.keys() - {step.id for step in allowed}),
        }
    return result


def live_ways(site: str, profile: str, eases: str) -> dict[str, float]:
    """Play the night of somebody steady with the condition ``profile``, and return when each step began."""
    conditions = frozenset({profile} - {""})
    bed = TimedBedroom(Guide(PACK, profile=conditions), conditions, rules={})
    bed.hear("cramp", {"site": site, "side": "left"})
    for say in questions(bed):
        question = QUESTIONS.get(say.text)
        better = question == "easing" and (eases == "each" or (eases == "second" and len(bed.steps_at) == 2))
        bed.hear("yes" if better or question in ("usual", "safe_to_stand", "another_way") else "no", {})
    return bed.steps_at


def made_up(nights: int, progress: Progress) -> dict[str, Any]:
    """Play ``nights`` made-up nights against all rules."""
    task = progress.add_task("made-up nights", total=nights)
    played: list[MadeUpNight] = []
    for seed in range(nights):
        played.append(play(seed))
        progress.advance(task)
    broken = [(night.seed, night.broken) for night in played if night.broken]
    return {
        "nights": nights,
        "rules_broken": len(broken),
        "first_broken": broken[:5],
        "movement_s": _highest((night.site, night.movement_s) for night in played),
        "silent_counted_s": _highest((night.site, night.counted_s) for night in played),
        "longest_silence_s": round(max(night.longest_silence_s for night in played), 1),
        "asked_before_easing_known": Counter(kind for night in played for kind in night.asked_before_easing),
    }


def _highest(found: Iterable[tuple[str | None, float | None]]) -> dict[str, float]:
    highest: dict[str, float] = {}
    for site, seconds in found:
        if site is not None and seconds is not None:
            highest[site] = round(max(seconds, highest.get(site, 0.0)), 1)
    return {site: highest[site] for site in SITES if site in highest}


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


def nights(progress: Progress) -> dict[str, Any]:
    """Play docs/nights: when help came, the longest silence, and whether the transcripts are current."""
    task = progress.add_task("docs/nights", total=len(list(FOLDER.glob("*.md"))))
    movements: list[tuple[str | None, float | None]] = []
    silences: list[float] = []

    def watch(night: Mapping[str, Any], events: list[dict[str, Any]]) -> None:
        movements.extend(first_movements(events) if RISKS.isdisjoint(night.get("profile", {})) else ())
        silences.extend(silences_in(events))

    made = {}
    for name, text in pages(watch):
        made[name] = text
        progress.advance(task)
    return {
        "nights": sum(text.count("\n## ") for text in made.values()),
        "current": all((FOLDER / name).read_text("utf-8") == text for name, text in made.items()),
        "movement_s": _highest(movements),
        "longest_silence_s": round(max(silences), 1),
    }


def first_movements(events: list[dict[str, Any]]) -> Iterator[tuple[str, float]]:
    """Yield site and seconds from a cramp to its first movement, undisturbed and without a danger."""
    cramp: tuple[str, float] | None = None
    for event in events:
        if event["event"] == "flag":
            return
        if event["event"] == "heard":
            site = event["slots"].get("site")
            cramp = (site, event["t"]) if event["intent"] == "cramp" and site in SITES else None
        elif event["event"] == "said" and cramp is not None and is_step(event["text"], cramp[0]):
            yield cramp[0], event["t"] - cramp[1]
            cramp = None


def silences_in(events: list[dict[str, Any]]) -> Iterator[float]:
    """Yield the seconds without a word in each episode, until the person asks to wait or a danger is told."""
    since: float | None = None
    for event in events:
        match event["event"]:
            case "episode_opened":
                since = event["t"]
            case "episode_closed" | "flag":
                since = None
            case "heard" if event["intent"] == "pause":
                since = None
            case "said" if since is not None:
                yield event["t"] - since
                since = event["end"]


def mutants() -> dict[str, int]:
    """The number of removed guards and of those noticed; mutate_rules.py lists them."""
    return {"mutants": len(MUTANTS), "killed": sum(killed(mutant) is not None for mutant in MUTANTS)}


if __name__ == "__main__":
    main()
