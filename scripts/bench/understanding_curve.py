"""How understanding grows with the number of sentences to learn from: prints the points, draws docs/understanding.png.

    python scripts/bench/understanding_curve.py 8138=FIRST.onnx 13117=SECOND.onnx … [--round 3]

Each argument is a number of training sentences and a model trained on them (scripts/train/sentences.py --share). Of the
round's sentences, the emergencies that are found when one in 25 harmless ones is asked about, by the classifier alone;
and the answers that are right.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from nightvoice.understanding.interpretation import NO_SIGNS
from nightvoice.understanding.sentence_classifier import SentenceClassifier
from scripts.bench.understanding import PACK, UNSEEN, rows
from scripts.train.sayings import QUESTIONS

PICTURE = Path(__file__).parents[2] / "docs" / "understanding.png"
NEEDLESS = 0.04
"""Share of harmless sentences that may be asked about."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="+", help="SENTENCES=MODEL")
    parser.add_argument("--round", type=int, default=3)
    options = parser.parse_args()
    points = []
    for each in options.models:
        number, _, file = each.partition("=")
        found, right = measure(SentenceClassifier(Path(file)), options.round)
        points.append({"sentences": int(number), "emergencies_found": found, "answers_right": right})
    draw([(p["sentences"], p["emergencies_found"], p["answers_right"]) for p in points])
    print(json.dumps({"round": options.round, "points": points}))


def measure(classifier: SentenceClassifier, number: int) -> tuple[float, float]:
    """Percent of emergencies found, and of answers right."""
    danger: dict[str, list[float]] = {}
    for kind, _, text in rows(UNSEEN / f"said_{number}.tsv"):
        labels = classifier.meaning(text).labels
        signs = (p for name, p in labels.items() if name in PACK.triage.flags and name not in NO_SIGNS)
        danger.setdefault(kind, []).append(sum(signs))
    threshold = np.quantile(danger["harmless"], 1 - NEEDLESS)
    right = []
    for question, meaning, text in rows(UNSEEN / f"answers_{number}.tsv"):
        answers = classifier.meaning(text, QUESTIONS[question][0]).answers
        right.append(max(answers, key=lambda name: answers[name]) == meaning)
    found = np.mean(np.array(danger["emergency"]) > threshold)
    return round(100 * float(found), 1), round(100 * float(np.mean(right)), 1)


def draw(points: list[tuple[int, float, float]]) -> None:
    from matplotlib import pyplot  # noqa: PLC0415 - only for a picture

    figure, axis = pyplot.subplots(figsize=(6.5, 4))
    numbers, found, right = zip(*points, strict=True)
    axis.plot(numbers, found, "o-", label=f"emergencies found, {NEEDLESS:.0%} of harmless ones asked about")
    axis.plot(numbers, right, "s--", label="answers right")
    axis.set(
        xlabel="sentences to learn from", ylabel="%, on sentences that nobody tuned on", ylim=(0, 102), xlim=(0, None)
    )
    axis.grid(alpha=0.3)
    axis.legend(fontsize=8, loc="lower right")
    figure.tight_layout()
    figure.savefig(PICTURE, dpi=110)


if __name__ == "__main__":
    main()
