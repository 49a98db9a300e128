"""The configured voice and its cache of prompts."""

from nightvoice.config.schema import Config
from nightvoice.content import load_pack
from nightvoice.errors import NightvoiceError
from nightvoice.speaking.cache import PromptCache
from nightvoice.speaking.registry import choose_voice
from nightvoice.speaking.voice import Voice
from nightvoice.system import paths


def make_cache(config: Config) -> PromptCache:
    """Make the cache of the configured voice. Cheap: the first text that was never rendered loads the voice."""

    def voice() -> Voice:
        need_speech(config)
        return choose_voice(config.voice.engine, config.voice.rate_wpm)

    return PromptCache(voice, paths.prompts_dir())


def need_speech(config: Config) -> None:
    """Raise NightvoiceError if speech in the configured language is not supported."""
    about = load_pack(config.language).about
    if not about.spoken:
        raise NightvoiceError(
            f"language {config.language}: there is no recogniser and no voice for {about.name} yet; "
            "typed nights work: nightvoice rehearse --script NIGHT.yaml"
        )
