"""How often the Moonshine engine reads a sound."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from nightvoice.audio.frames import Samples
from nightvoice.listening.engines.moonshine import engine as module
from nightvoice.listening.engines.moonshine.engine import MoonshineEngine
from nightvoice.listening.engines.moonshine.model import States
from nightvoice.listening.engines.moonshine.search import Scored, SearchResult


@pytest.mark.parametrize(
    ("next_", "final", "readings"),
    [(0.001, False, 1), (0.3, False, 4), (0.001, True, 4), (0.3, True, 4), (0.97, False, 2), (0.97, True, 2)],
    ids=["other talk so far", "maybe a command so far", "other talk", "maybe a command", "sure so far", "sure"],
)
def test_an_utterance_is_viewed_as_often_as_it_is_unclear(
    monkeypatch: pytest.MonkeyPatch, next_: float, final: bool, readings: int
) -> None:
    encoded: list[int] = []

    def encode(sound: Samples) -> States:
        encoded.append(len(sound))
        return np.zeros((1, 4, 288), np.float32)

    scores = {"other": 1 - next_, "next": next_}
    classifier = SimpleNamespace(view=lambda _: None, mean=lambda _: scores, least=lambda _: scores)
    nothing = SearchResult(Scored("", 0.0), ())
    monkeypatch.setattr(module, "IntentModel", lambda _file: classifier)
    monkeypatch.setattr(module, "TokenGraph", lambda *_parts: None)
    monkeypatch.setattr(module, "search", lambda *_parts: nothing)
    model = SimpleNamespace(encode=encode, encode_words=lambda shared: shared)
    engine = MoonshineEngine(model, Path(), Path())  # type: ignore[arg-type]
    engine.start(SimpleNamespace(name="idle"))  # type: ignore[arg-type]
    engine.accept(np.zeros(16_000, np.int16))
    assert (engine.final() if final else engine.partial()).intents == scores
    assert len(encoded) == readings


@pytest.mark.parametrize(("grammar", "classifier"), [("idle", "idle_intents.onnx"), ("guiding", "intents.onnx")])
def test_an_episode_has_a_classifier_of_its_own(monkeypatch: pytest.MonkeyPatch, grammar: str, classifier: str) -> None:
    def scored_by(file: Path) -> SimpleNamespace:
        scores = {str(file): 1.0}
        return SimpleNamespace(view=lambda _: None, mean=lambda _: scores, least=lambda _: scores)

    nothing = SearchResult(Scored("", 0.0), ())
    monkeypatch.setattr(module, "IntentModel", scored_by)
    monkeypatch.setattr(module, "TokenGraph", lambda *_parts: None)
    monkeypatch.setattr(module, "search", lambda *_parts: nothing)
    model = SimpleNamespace(encode=lambda _sound: np.zeros((1, 4, 288), np.float32), encode_words=lambda shared: shared)
    engine = MoonshineEngine(model, Path("intents.onnx"), Path("idle_intents.onnx"))  # type: ignore[arg-type]
    engine.start(SimpleNamespace(name=grammar))  # type: ignore[arg-type]
    engine.accept(np.zeros(16_000, np.int16))
    assert engine.final().intents == {classifier: 1.0}
