"""nightvoice as an OpenVoiceOS skill: OpenVoiceOS recognises and speaks, nightvoice guides and keeps the diary."""
