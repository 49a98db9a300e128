"""A recogniser of your own, registered from outside: here one that takes every sound for "I have a cramp".

    python examples/own_engine.py

A package makes its engine known by an entry point instead: docs/adding-an-engine.md.
"""

from nightvoice import (
    Alternative,
    Config,
    EngineOptions,
    EngineSpec,
    FileAudio,
    Grammar,
    Hypothesis,
    Samples,
    build_pipeline,
    engine_spec,
    register_engine,
    sample_night,
)


class Hypochondriac:
    """Implements ``Engine``: hears a cramp in everything."""

    name = "hypochondriac"

    def start(self, grammar: Grammar) -> None:
        """Nothing to prepare."""

    def accept(self, samples: Samples) -> str:
        return ""

    def partial(self) -> Hypothesis | None:
        return None

    def final(self) -> Hypothesis:
        return Hypothesis((Alternative("i have a cramp", 1.0),), intents={"cramp": 0.99})

    def forget(self) -> None:
        """Nothing is learnt."""


def make(options: EngineOptions) -> Hypochondriac:
    return Hypochondriac()


def main() -> None:
    thresholds = engine_spec("pocketsphinx", EngineOptions()).thresholds  # to begin with
    register_engine(EngineSpec("hypochondriac", make, thresholds, needs_classifiers=False))
    pipeline = build_pipeline(Config(), engine="hypochondriac")
    recording = FileAudio(sample_night())
    results = [result for frame in recording.frames() if (result := pipeline.hear(frame, "idle", None))]
    recording.close()
    print(f"{pipeline.name}: {len(results)} utterances, all of them {results[0].intent}")


if __name__ == "__main__":
    main()
