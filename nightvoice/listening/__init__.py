"""Speech recognition: from frames of sound to intents."""
