"""The configured voice, with its cache of prompts."""

from nightvoice import paths
from nightvoice.config import Config
from nightvoice.speaking.cache import PromptCache
from nightvoice.speaking.choose import choose_voice


def make_cache(config: Config) -> PromptCache:
    """Cheap: the voice is loaded with the first text that was never rendered."""
    return PromptCache(lambda: choose_voice(config.voice.engine, config.voice.rate_wpm), paths.prompts_dir())
