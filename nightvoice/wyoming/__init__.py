"""The Wyoming protocol: a wake service for satellites, and a satellite as microphone and loudspeaker."""
