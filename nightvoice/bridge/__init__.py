"""Forwards the diary's events to MQTT and Home Assistant, and sends messages to the contact."""
