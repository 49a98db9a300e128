"""nightvoice as a skill of OpenVoiceOS: its ears and its voice, our guide and our diary."""
