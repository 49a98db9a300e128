"""The language packs: everything spoken, asked and understood, as data that is checked at load."""

from nightvoice.content.loader import load_pack
from nightvoice.content.prompts import prompts
from nightvoice.content.schema import Pack

__all__ = ["Pack", "load_pack", "prompts"]
