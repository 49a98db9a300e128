"""Registry of speech recognisers. Importing this module loads none of them.

The built-in thresholds were chosen on the validation split, from the output of scripts/bench/thresholds.py (Vosk's were
copied from PocketSphinx's); scripts/bench/ears.py measures them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

from nightvoice.config.choices import ENGINES
from nightvoice.errors import NightvoiceError
from nightvoice.listening.thresholds import Thresholds

if TYPE_CHECKING:
    from nightvoice.listening.engines.base import Engine


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """The configuration that an engine may need."""

    language: str = "en"
    """Two-letter code."""
    vosk_model: Path | None = None
    """Folder of Vosk's model; it may not exist."""


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """A speech recogniser that ``listening.engine`` can name."""

    name: str
    make: Callable[[EngineOptions], Engine]
    """Makes the engine; imports its library only then. Raises NightvoiceError saying what to do if it cannot."""
    thresholds: Thresholds
    """Thresholds from which to believe it; scripts/bench/thresholds.py helps to find them."""
    is_available: Callable[[EngineOptions], bool] = lambda _: True
    """Whether the engine can run on this machine. Only ``auto`` asks; must be quick."""
    needs_classifiers: bool = True
    """Whether our embedding classifiers score the intents; False if the engine fills ``Hypothesis.intents`` itself."""
    auto_order: int | None = None
    """Position in ``auto``, lowest first (moonshine is 10, vosk 20, pocketsphinx 30). None: used only if named."""


def register_engine(spec: EngineSpec) -> None:
    """Add an engine. Raises ValueError for a name that is taken.

    A package that is not imported at the start names its spec in the entry-point group ``nightvoice.engines`` instead.
    """
    ENGINES.register(spec.name, spec)


def engine_spec(name: str, options: EngineOptions) -> EngineSpec:
    """Return the spec called ``name``; for ``auto`` that of the best available engine.

    Raises NightvoiceError for an unknown name.
    """
    return ENGINES.choose(name, EngineSpec, lambda spec: spec.is_available(options))


def _moonshine(_: EngineOptions) -> Engine:
    from nightvoice.listening.engines.moonshine.engine import MoonshineEngine  # noqa: PLC0415
    from nightvoice.listening.engines.moonshine.model import Moonshine  # noqa: PLC0415
    from nightvoice.models.store import shipped  # noqa: PLC0415

    return MoonshineEngine(Moonshine.shipped(), shipped("intents.onnx"), shipped("idle_intents.onnx"))


def _vosk(options: EngineOptions) -> Engine:
    if options.vosk_model is None or not _has_vosk(options):
        raise NightvoiceError(
            f"Vosk's model is missing ({options.vosk_model or 'no folder given'}): run `nightvoice setup`"
        )
    from nightvoice.listening.engines.vosk import VoskEngine  # noqa: PLC0415

    return VoskEngine(options.vosk_model)


def _has_vosk(options: EngineOptions) -> bool:
    return options.vosk_model is not None and options.vosk_model.is_dir()


def _pocketsphinx(_: EngineOptions) -> Engine:
    from nightvoice.listening.engines.pocketsphinx import PocketSphinxEngine  # noqa: PLC0415

    return PocketSphinxEngine()


register_engine(
    EngineSpec(
        "moonshine",
        _moonshine,
        Thresholds(
            decoder_weight=0.1,
            command_decoder_weight=0.4,
            cramp=-0.5,
            cramp_classifier_only=0.7,
            doubt=-1.5,
            command=0.0,
            command_classifier_only=1.25,
            decoder_only=2.5,
            free_words=-0.5,
            unprompted=3.5,
            danger=-2.0,
            while_speaking=0.0,
            reach=4.0,
            own_words=2.0,
            help_classifier_only=2.0,
        ),
        needs_classifiers=False,
        auto_order=10,
    )
)
register_engine(
    EngineSpec(
        "vosk",
        _vosk,
        Thresholds(
            decoder_weight=1.5,
            command_decoder_weight=1.5,
            cramp=-4.0,
            cramp_classifier_only=1.4,
            doubt=-5.0,
            command=-6.7,
            command_classifier_only=inf,
            decoder_only=0.85,
            free_words=0.85,
            unprompted=2.2,
            danger=0.0,
            own_words=inf,
        ),
        _has_vosk,
        auto_order=20,
    )
)
register_engine(
    EngineSpec(
        "pocketsphinx",
        _pocketsphinx,
        Thresholds(
            decoder_weight=1.1,
            command_decoder_weight=1.1,
            cramp=-2.0,
            cramp_classifier_only=1.4,
            doubt=-3.0,
            command=-3.7,
            command_classifier_only=inf,
            decoder_only=1.35,
            free_words=1.35,
            unprompted=2.7,
            danger=0.0,
            own_words=inf,
        ),
        auto_order=30,
    )
)
