"""The Wyoming protocol: nightvoice's ears for Home Assistant's satellites."""
