"""Text-to-speech: voices, and the cache of prompts that they rendered."""
