"""From frames to intents."""
