"""Average the weights of two released sentence classifiers, such as the last two passes of a training (Izmailov 2018).

python -m scripts.train.average ONE.onnx OTHER.onnx OUT.onnx
"""

from pathlib import Path

import torch
import typer

from scripts.train.eight_bits import stored_weights
from scripts.train.sentences import Understanding, ascii_only, export, go_on_from, pretrained


def main(one: Path, other: Path, out: Path) -> None:
    """Write the average of ONE and OTHER to OUT."""
    first, second = stored_weights(one), stored_weights(other)
    encoder, vocabulary = pretrained()
    model = Understanding(encoder)
    vocabulary = ascii_only(model, vocabulary)
    go_on_from(model, {name: (first[name] + second[name]) / 2 for name in first})
    with torch.no_grad():
        export(model, vocabulary, out)


if __name__ == "__main__":
    typer.run(main)
