"""nightvoice: an offline voice that leads you out of a night cramp.

``__all__`` is the public interface; ``examples/`` shows how to use it. Each name is loaded from its module when it is
first used, so ``import nightvoice`` itself loads nothing, starts no thread and changes no environment variable.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

__version__ = "0.1.0"

if TYPE_CHECKING:
    from nightvoice.assembly import build_assistant as build_assistant
    from nightvoice.assembly import build_pipeline as build_pipeline
    from nightvoice.assembly import build_prompt_cache as build_prompt_cache
    from nightvoice.assembly import build_recognizer as build_recognizer
    from nightvoice.assembly import build_speaker as build_speaker
    from nightvoice.assembly import night_settings as night_settings
    from nightvoice.assembly import rehearse as rehearse
    from nightvoice.assembly import sample_night as sample_night
    from nightvoice.audio.file import FileAudio as FileAudio
    from nightvoice.audio.file import OfflineAudio as OfflineAudio
    from nightvoice.audio.frames import FRAME_S as FRAME_S
    from nightvoice.audio.frames import Samples as Samples
    from nightvoice.audio.live import LiveAudio as LiveAudio
    from nightvoice.audio.ports import AudioPorts as AudioPorts
    from nightvoice.audio.ports import Loudness as Loudness
    from nightvoice.audio.ports import Microphone as Microphone
    from nightvoice.audio.ports import Speaker as Speaker
    from nightvoice.audio.ports import Spoken as Spoken
    from nightvoice.audio.ports import Utterance as Utterance
    from nightvoice.config.reader import load_config as load_config
    from nightvoice.config.schema import Config as Config
    from nightvoice.content.loader import load_pack as load_pack
    from nightvoice.content.schema import Pack as Pack
    from nightvoice.dialogue.actions import Action as Action
    from nightvoice.dialogue.actions import Say as Say
    from nightvoice.dialogue.events import Event as Event
    from nightvoice.dialogue.events import Heard as Heard
    from nightvoice.dialogue.events import NotUnderstood as NotUnderstood
    from nightvoice.dialogue.events import SpeechEnded as SpeechEnded
    from nightvoice.dialogue.events import Suspected as Suspected
    from nightvoice.dialogue.events import Tick as Tick
    from nightvoice.dialogue.guide import Guide as Guide
    from nightvoice.dialogue.state import State as State
    from nightvoice.diary.store import Diary as Diary
    from nightvoice.errors import NightvoiceError as NightvoiceError
    from nightvoice.listening.decision import Verdict as Verdict
    from nightvoice.listening.engines.base import Alternative as Alternative
    from nightvoice.listening.engines.base import Engine as Engine
    from nightvoice.listening.engines.base import Hypothesis as Hypothesis
    from nightvoice.listening.engines.registry import EngineOptions as EngineOptions
    from nightvoice.listening.engines.registry import EngineSpec as EngineSpec
    from nightvoice.listening.engines.registry import engine_spec as engine_spec
    from nightvoice.listening.engines.registry import register_engine as register_engine
    from nightvoice.listening.listener import Listener as Listener
    from nightvoice.listening.listener import RecognitionResult as RecognitionResult
    from nightvoice.listening.pipeline import SpeechPipeline as SpeechPipeline
    from nightvoice.listening.thresholds import Thresholds as Thresholds
    from nightvoice.night.settings import Hooks as Hooks
    from nightvoice.night.settings import NightSettings as NightSettings
    from nightvoice.rehearsal.script import NightScript as NightScript
    from nightvoice.speaking.loudness import normalise as normalise
    from nightvoice.speaking.loudness import trim as trim
    from nightvoice.speaking.registry import VoiceSpec as VoiceSpec
    from nightvoice.speaking.registry import register_voice as register_voice
    from nightvoice.speaking.voice import Speech as Speech
    from nightvoice.speaking.voice import Voice as Voice
    from nightvoice.speaking.voice import VoiceError as VoiceError
    from nightvoice.understanding.grammar import Grammar as Grammar
    from nightvoice.understanding.recognizer import IntentRecognizer as IntentRecognizer
    from nightvoice.understanding.recognizer import RecognizeResult as RecognizeResult

__all__ = [
    "FRAME_S",
    "Action",
    "Alternative",
    "AudioPorts",
    "Config",
    "Diary",
    "Engine",
    "EngineOptions",
    "EngineSpec",
    "Event",
    "FileAudio",
    "Grammar",
    "Guide",
    "Heard",
    "Hooks",
    "Hypothesis",
    "IntentRecognizer",
    "Listener",
    "LiveAudio",
    "Loudness",
    "Microphone",
    "NightScript",
    "NightSettings",
    "NightvoiceError",
    "NotUnderstood",
    "OfflineAudio",
    "Pack",
    "RecognitionResult",
    "RecognizeResult",
    "Samples",
    "Say",
    "Speaker",
    "Speech",
    "SpeechEnded",
    "SpeechPipeline",
    "Spoken",
    "State",
    "Suspected",
    "Thresholds",
    "Tick",
    "Utterance",
    "Verdict",
    "Voice",
    "VoiceError",
    "VoiceSpec",
    "build_assistant",
    "build_pipeline",
    "build_prompt_cache",
    "build_recognizer",
    "build_speaker",
    "engine_spec",
    "load_config",
    "load_pack",
    "night_settings",
    "normalise",
    "register_engine",
    "register_voice",
    "rehearse",
    "sample_night",
    "trim",
]

_MODULES: Final = {
    "nightvoice.assembly": (
        "build_assistant",
        "build_pipeline",
        "build_prompt_cache",
        "build_recognizer",
        "build_speaker",
        "night_settings",
        "rehearse",
        "sample_night",
    ),
    "nightvoice.audio.file": (
        "FileAudio",
        "OfflineAudio",
    ),
    "nightvoice.audio.frames": (
        "FRAME_S",
        "Samples",
    ),
    "nightvoice.audio.live": ("LiveAudio",),
    "nightvoice.audio.ports": (
        "AudioPorts",
        "Loudness",
        "Microphone",
        "Speaker",
        "Spoken",
        "Utterance",
    ),
    "nightvoice.config.reader": ("load_config",),
    "nightvoice.config.schema": ("Config",),
    "nightvoice.content.loader": ("load_pack",),
    "nightvoice.content.schema": ("Pack",),
    "nightvoice.dialogue.actions": (
        "Action",
        "Say",
    ),
    "nightvoice.dialogue.events": (
        "Event",
        "Heard",
        "NotUnderstood",
        "SpeechEnded",
        "Suspected",
        "Tick",
    ),
    "nightvoice.dialogue.guide": ("Guide",),
    "nightvoice.dialogue.state": ("State",),
    "nightvoice.diary.store": ("Diary",),
    "nightvoice.errors": ("NightvoiceError",),
    "nightvoice.listening.decision": ("Verdict",),
    "nightvoice.listening.engines.base": (
        "Alternative",
        "Engine",
        "Hypothesis",
    ),
    "nightvoice.listening.engines.registry": (
        "EngineOptions",
        "EngineSpec",
        "engine_spec",
        "register_engine",
    ),
    "nightvoice.listening.listener": (
        "Listener",
        "RecognitionResult",
    ),
    "nightvoice.listening.pipeline": ("SpeechPipeline",),
    "nightvoice.listening.thresholds": ("Thresholds",),
    "nightvoice.night.settings": (
        "Hooks",
        "NightSettings",
    ),
    "nightvoice.rehearsal.script": ("NightScript",),
    "nightvoice.speaking.registry": (
        "VoiceSpec",
        "register_voice",
    ),
    "nightvoice.speaking.loudness": (
        "normalise",
        "trim",
    ),
    "nightvoice.speaking.voice": (
        "Speech",
        "Voice",
        "VoiceError",
    ),
    "nightvoice.understanding.grammar": ("Grammar",),
    "nightvoice.understanding.recognizer": (
        "IntentRecognizer",
        "RecognizeResult",
    ),
}
_MODULE_OF: Final = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_MODULE_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
